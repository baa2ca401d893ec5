"""Turns of open sockets: golden talks, whatever cuts the bytes, and what a user's next words or the end do to an answer."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import msgspec
import pytest

from proxy.kpi.events import Turn
from proxy.meaning.talk import TalkState
from proxy.wire.messages import Message
from tests.meaning.sockets import Said, socket, turns

CORPUS = Path(__file__).parent.parent / "corpus"
TALKS = sorted(CORPUS.glob("*/talk*.jsonl"))


def shown(turn: Turn, names: dict[str, Any]) -> dict[str, Any]:
    """The named fields of a turn, marks as words, times to the millisecond."""
    marks = [f"{mark.kind} {mark.source} {mark.rule}" for mark in turn.marks]
    found = {name: getattr(turn, name) for name in names} | ({"marks": marks} if "marks" in names else {})
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}


def said(file: Path) -> list[Said]:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [(side == "client", after, text) for side, after, text in lines]


def test_every_socket_preset_has_a_golden_talk(presets):
    assert {file.parent.name for file in TALKS} == {name for name, preset in presets.items() if preset.socket}


@pytest.mark.parametrize("file", TALKS, ids=lambda file: f"{file.parent.name}/{file.name}")
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_golden_talk(file, packed, understanding):
    expected = json.loads(file.with_suffix(".expected.json").read_text("utf-8"))
    head = socket(expected["path"], packed=packed)
    whole = turns(understanding(), head, said(file), "client_gone")
    assert len(whole) == len(expected["turns"])
    for turn, wanted in zip(whole, expected["turns"], strict=True):
        found = shown(turn, wanted)
        patterns = wanted.get("marks", [])
        assert len(found.get("marks", [])) == len(patterns), found
        assert all(fnmatch(mark, pattern) for mark, pattern in zip(found.get("marks", []), patterns, strict=True)), found
        assert {**found, "marks": patterns} == {**wanted, "marks": patterns}
        assert turn.preset == file.parent.name
    assert len({turn.id for turn in whole}) == len(whole)
    for size in (1, 7, 64):
        assert turns(understanding(), head, said(file), "client_gone", size) == whole


def item(text: str) -> str:
    return json.dumps(
        {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": [{"text": text}]}}
    )


def event(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields})


DELTA = event("response.output_text.delta", delta="Well")


@pytest.mark.parametrize(
    ("ending", "result", "error"),
    [("client_gone", "cancelled", ""), ("complete", "error", "upstream_broken"), ("drained", "error", "drained")],
)
def test_an_end_in_the_middle_of_an_answer(understanding, ending, result, error):
    (turn,) = turns(understanding(), socket(), [(True, 1.0, item("Hi")), (False, 1.5, DELTA)], ending)
    assert (turn.result, turn.error, turn.duration, turn.first_text) == (result, error, None, 0.5)


def test_an_end_between_turns_is_none(understanding):
    assert turns(understanding(), socket(), [(False, 1.0, DELTA)], "complete") == []


def test_new_words_end_an_answer_that_has_begun(understanding):
    found = turns(
        understanding(), socket(), [(True, 1.0, item("Hi")), (False, 2.0, DELTA), (True, 3.0, item("No, wait"))], "complete"
    )
    assert [(turn.at - 1_800_000_000.0, turn.result) for turn in found] == [(1.0, "cancelled"), (3.0, "error")]


def test_words_before_the_answer_are_one_message_of_the_last_moment(understanding):
    words = [(True, 1.0, item("I want")), (True, 2.0, item("to talk to a human"))]
    done = (False, 5.0, event("response.done", response={"status": "completed", "output": []}))
    (turn,) = turns(understanding(), socket(), [*words, (False, 3.0, DELTA), done], "complete")
    assert (turn.duration, turn.first_text, [mark.kind for mark in turn.marks]) == (3.0, 1.0, ["handover_requested"])


def test_without_an_id_the_connection_is_the_conversation(understanding):
    done = (False, 2.0, event("response.done", response={"status": "completed", "output": [{"type": "message"}]}))
    one = turns(understanding(), socket(), [(True, 1.0, item("a")), done, (True, 3.0, item("b")), done], "complete")
    assert len({turn.conversation for turn in one}) == 1
    assert one[0].conversation is not None
    assert not one[0].derived


def test_a_reader_goes_on_where_another_stopped(understanding):
    reader = understanding()
    file = CORPUS / "openai-realtime" / "talk.jsonl"
    head = socket()
    whole = turns(reader, head, said(file), "client_gone")
    messages = [(client, after, json.loads(text)) for client, after, text in said(file)]
    for stop in range(len(messages)):
        found: list[Turn] = []
        state = None
        for part in (messages[:stop], messages[stop:]):
            talk = reader.socket(head, state)
            assert talk is not None
            for client, after, value in part:
                found += (talk.said if client else talk.answered)(message(value, after))
            state = msgspec.msgpack.decode(msgspec.msgpack.encode(talk.state), type=TalkState)
        assert [*found, *talk.ended("client_gone", 21.0)] == whole


def message(value: Any, after: float) -> Message:
    return Message(value, "", after)


def test_missing_bytes_leave_no_duration_to_an_open_turn(understanding):
    talk = understanding().socket(socket())
    talk.said(message(json.loads(item("Hi")), 1.0))
    (turn,) = talk.lost(2.0)
    assert (turn.result, turn.partial, turn.duration) == ("ok", True, None)


def test_what_no_preset_knows_is_not_read(understanding):
    assert understanding().socket(socket("/graphql")) is None
    assert understanding(preset="openai-chat").socket(socket()) is None
