"""Signs on HTTP: calls and answers that say what has happened where no preset reads it, and what does not count as one."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.kpi.events import Mark, Skipped
from proxy.meaning.signs import header_names
from proxy.settings.model import Markers, Sign
from proxy.settings.people import Identity

TRANSFER = Sign(name="transfer", mark="handover_started", methods=("post",), path=r"^/chats/(?P<conversation>[^/]+)/transfer$")
QUEUED = Sign(name="queued", mark="handover_started", header="X-Handled-By: agent*")
CHAT = "/v1/chat/completions"
ASKED = {"messages": [{"role": "user", "content": "Hi"}], "metadata": {"conversation_id": "c1"}}
ANSWER = {"choices": [{"message": {"content": "One moment."}}]}


def settings(*signs: Sign) -> dict[str, Any]:
    return {"markers": Markers(http=signs)}


def test_a_call_becomes_part_of_the_conversation_that_its_path_names(understanding, exchange):
    reader = understanding(**settings(TRANSFER))
    (turn,) = reader.read(exchange(CHAT, ASKED, ANSWER))
    (sign,) = reader.read(exchange("/chats/c1/transfer", {"to": "staff"}, {}))
    assert sign.marks == (Mark("handover_started", "http", "settings/transfer"),)
    assert (sign.aside, sign.continues, sign.duration) == (True, True, None)
    assert sign.conversation == turn.conversation is not None
    assert not [key for key in reader.counts() if key[0] == "shape"]  # it is not unknown


def test_the_identity_settings_tell_the_conversation_as_well(understanding, exchange):
    identity = Identity(conversation=("header:x-conversation",))
    reader = understanding(identity=identity, **settings(Sign(name="t", mark="closed", path="^/bye$")))
    (one,) = reader.read(exchange(CHAT, ASKED, ANSWER, headers={"x-conversation": "c7"}))
    (sign,) = reader.read(exchange("/bye", b"", b"", headers={"x-conversation": "c7"}))
    assert sign.conversation == one.conversation is not None


def test_an_answers_header_marks_its_turn(understanding, exchange):
    reader = understanding(**settings(QUEUED))
    headers = {"content-type": "application/json"}
    for value, marked in (("Agent-7", True), ("bot", False), (None, False)):
        told = headers if value is None else {**headers, "x-handled-by": value}
        (turn,) = reader.read(exchange(CHAT, ASKED, ANSWER, response_headers=told))
        assert (Mark("handover_started", "http", "settings/queued") in turn.marks) is marked
        assert not turn.aside


def test_a_phrase_is_less_sure_and_a_tool_is_surer(understanding, exchange):
    reader = understanding(**settings(Sign(name="any", mark="handover_started", status=(200,))))
    said = {"choices": [{"message": {"content": "I am transferring you to a human agent."}}]}
    called = {"choices": [{"message": {"tool_calls": [{"function": {"name": "transfer_to_human"}}]}}]}
    assert [mark.source for mark in reader.read(exchange(CHAT, ASKED, said))[0].marks] == ["http"]
    assert [mark.source for mark in reader.read(exchange(CHAT, ASKED, called))[0].marks] == ["tool_call"]


@pytest.mark.parametrize(
    "changed",
    [
        {"status": 404},
        {"status": None, "ending": "upstream_unreachable"},
        {"own": True},
        {"method": "PUT"},
        {"path": "/chats/c1/transfers"},
        {"headers": {"x-synthetic": "1"}},
    ],
)
def test_what_does_not_fit_is_none(understanding, exchange, changed):
    path = changed.pop("path", "/chats/c1/transfer")
    (event,) = understanding(**settings(TRANSFER)).read(exchange(path, {"to": "staff"}, {}, **changed))
    assert isinstance(event, Skipped) or event.excluded


def test_a_status_can_be_named(understanding, exchange):
    reader = understanding(**settings(Sign(name="full", mark="handover_failed", path="/transfer$", status=(503,))))
    (sign,) = reader.read(exchange("/chats/c1/transfer", {}, {}, status=503))
    assert [mark.kind for mark in sign.marks] == ["handover_failed"]
    assert isinstance(reader.read(exchange("/chats/c1/transfer", {}, {}))[0], Skipped)


def test_their_headers_leave_the_relay():
    assert header_names((TRANSFER, QUEUED)) == {"x-handled-by"}
