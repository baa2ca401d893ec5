"""A preset is learned from the desk's recording, passes the check, and reads what it was learned from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from proxy.cli import main
from proxy.settings.yaml import read_yaml
from proxy.wire.exchange import Body
from proxy.workbench.captures import heading, line
from proxy.workbench.proposing import propose
from proxy.workbench.redaction import Redactor
from proxy.workbench.samples import groups, sample
from proxy.workbench.terms import WorkError


@pytest.mark.parametrize("redacted", [False, True])
def test_a_preset_for_an_api_nobody_has_seen(tmp_path, capsys, visits, redacted):
    redactor = Redactor(b"k" * 32)
    kept = [redactor.exchange(each) if redacted else each for each in visits]
    file = tmp_path / "recording.jsonl"
    file.write_bytes(heading(redacted=redacted, begun="") + b"".join(map(line, kept)))
    assert main(["learn", str(file), "--name", "front-desk"]) == 0
    text = capsys.readouterr().out
    preset = read_yaml(text, "front-desk")
    assert isinstance(preset, dict)
    assert preset["match"] == [{"method": "POST", "path": "^/desk/v2/visits/(?P<conversation>[^/]+)/say$"}]
    assert preset["request"] == {"text": "utterance.words", "conversation": ["path:conversation"], "user": ["employee"]}
    assert preset["response"] == {"text": "reply.lines", "messages": "turn"}
    assert preset["event"] == {"text": "op=='piece' && d", "terminal": "op=='over'", "messages": "turn"}
    (feedback,) = preset["feedback"]
    assert (feedback["score"], feedback["message"]) == ("stars", ["turn"])
    assert "with it 8 are turns, 4 ratings,\n# 0 neither" in text
    assert "congés" not in text  # examples are masked, whatever was recorded
    assert "# high: a text at" in text

    (tmp_path / "front-desk.yaml").write_text(text)
    settings = tmp_path / "kpi-proxy.yaml"
    settings.write_text("assistants: [{upstream: 'http://a', preset: ./front-desk.yaml}]\n")
    assert main(["check", "--config", str(settings)]) == 0
    capsys.readouterr()
    assert main(["explain", str(file), "--config", str(settings)]) == 0
    out = capsys.readouterr().out
    assert "8  front-desk (path_and_shape)" in out
    assert "4  front-desk (rating)" in out
    assert "unknown" not in out


def test_messages_beside_roles_and_growing_texts(exchange):
    recorded = [
        exchange(
            "/talk",
            {
                "thread": f"th-{number // 2}",
                "log": [{"who": "bot", "said": "Hello there, my friend."}, {"who": "user", "said": words}],
            },
            events=[{"so_far": "Well"}, {"so_far": "Well then"}, {"so_far": "Well then, yes.", "done": True}],
            at=number,
        )
        for number, words in enumerate(["what is this for", "and that one there", "how much is it", "where do I go"])
    ]
    proposal, left = propose(recorded, "talk")
    preset = read_yaml(proposal.text(), "talk")
    assert isinstance(preset, dict)
    assert preset["request"]["text"] == "log[?who=='user'] | [-1].said"
    assert preset["request"]["conversation"] == ["thread"]
    assert preset["event"]["whole"] == "so_far"
    assert preset["event"]["terminal"] == "done"
    assert left == []


def test_an_id_that_the_assistant_hands_out_is_read_from_the_answer(exchange):
    recorded = [
        exchange(
            "/say",
            {"q": f"question number {number} of mine", "session": f"s-{number // 2}"},
            {"text": f"this is the answer to {number}", "session": f"s-{number // 2}", "usage": {"prompt_tokens": 3}},
            at=number,
        )
        for number in range(6)
    ]
    proposal, _ = propose(recorded, "say")
    preset = read_yaml(proposal.text(), "say")
    assert isinstance(preset, dict)
    assert preset["response"] == {"text": "text", "conversation": "session", "tokens_in": "usage.prompt_tokens"}


def test_a_version_and_a_counter_are_no_conversation_and_a_handover_may_be_french(exchange):
    recorded = [
        exchange(
            "/talk",
            {"say": f"question number {number} of mine", "v": 3, "build": "web-77", "step": 1 + number % 3},
            {"text": f"this is the answer to {number}", "escalade": number == 8},
            at=number,
        )
        for number in range(9)
    ]
    preset = read_yaml(propose(recorded, "talk")[0].text(), "talk")
    assert isinstance(preset, dict)
    assert preset["request"] == {"text": "say"}
    assert preset["response"]["marks"] == {"handover_started": "escalade"}


ASKED = (3, 20, 5, 12, 30, 8, 17)
ANSWERED = (24, 6, 30, 5, 14, 20, 9)


def counted(exchange, asked: Sequence[int], answered: Sequence[int], **more: Sequence[int]) -> dict[str, str]:
    """What is proposed for an invented API, from words asked and answered and numbers beside the answers."""
    recorded = [
        exchange(
            "/say",
            {"q": "demande " * ask, "session": f"s-{number // 2}"},
            {"said": "réponse " * answer, "use": {name: values[number] for name, values in more.items()}},
            at=number,
        )
        for number, (ask, answer) in enumerate(zip(asked, answered, strict=True))
    ]
    text = propose(recorded, "say")[0].text()
    preset = read_yaml(text, "say")
    assert isinstance(preset, dict)
    found = {name: value for name, value in preset["response"].items() if name.startswith("tokens")}
    assert text.count("# low: ") == text.count(f"over {len(asked)} exchanges): ask what it counts") == len(found)
    return found


def test_tokens_are_told_by_what_their_counts_move_with(exchange):
    prompt = [2 * ask + 310 + ask % 2 for ask in ASKED]  # what the assistant puts before it counts as well
    out = [2 * answer + answer % 3 for answer in ANSWERED]
    both = [one + other for one, other in zip(prompt, out, strict=True)]
    fields = {"n_all": both, "n_out": out, "prompt_count": prompt, "took": out, "letters": [8 * each for each in ANSWERED]}
    assert counted(exchange, ASKED, ANSWERED, **fields) == {"tokens_in": "use.prompt_count", "tokens_out": "use.n_out"}


def test_tokens_of_a_stream_whose_events_have_all_the_text_so_far(exchange):
    recorded = [
        exchange(
            "/talk",
            {"q": "demande " * ask, "thread": f"th-{number // 2}"},
            events=[{"so_far": "mot " * words, "n": words + 40} for words in range(1, answer + 1)],
            at=number,
        )
        for number, (ask, answer) in enumerate(zip(ASKED, ANSWERED, strict=True))
    ]
    preset = read_yaml(propose(recorded, "talk")[0].text(), "talk")
    assert isinstance(preset, dict)
    assert (preset["event"]["whole"], preset["event"]["tokens_out"]) == ("so_far", "n")


@pytest.mark.parametrize(
    ("asked", "answered", "numbers"),
    [
        (ASKED[:5], ANSWERED[:5], [2 * each for each in ANSWERED[:5]]),  # too few exchanges
        (ASKED, ASKED, [2 * each for each in ASKED]),  # of the question or the answer?
        (ASKED, ANSWERED, [40, 12, 9, 31, 22, 7, 15]),  # moves with neither
        (ASKED, ANSWERED, [7] * 7),  # does not move
        (ASKED, ANSWERED, [8 * each for each in ANSWERED]),  # characters
    ],
)
def test_no_tokens_are_proposed_where_nothing_tells_them(exchange, asked, answered, numbers):
    assert counted(exchange, asked, answered, n=numbers) == {}


def test_peoples_own_words_are_found_in_a_list_that_replays_answers_in_another_form(exchange):
    recorded = []
    said: list[dict[str, Any]] = []
    for number, words in enumerate(["where do I go", "and with the other form", "when is it open then"]):
        said.append({"role": "user", "content": words})
        answer = {"role": "assistant", "content": [{"type": "text", "text": f"this is the rather long answer number {number}"}]}
        recorded.append(exchange("/v2/talk", {"messages": list(said)}, {"id": f"m-{number}", "message": answer}, at=number))
        said.append(answer)
    preset = read_yaml(propose(recorded, "talk")[0].text(), "talk")
    assert isinstance(preset, dict)
    assert preset["request"] == {"text": "messages[?role=='user'] | [-1].content", "history": "messages"}

    renamed = [
        exchange(
            "/say",
            {
                "log": [
                    {"who": "user", "said": "where do I go"},
                    {"who": "assistant", "said": "there"},
                    {"who": "user", "said": q},
                ]
            },
            {"answer": f"that is over there, number {number}"},
            at=number,
        )
        for number, q in enumerate(["and the other one then", "and when is it open"])
    ]
    preset = read_yaml(propose(renamed, "say")[0].text(), "say")
    assert isinstance(preset, dict)
    assert preset["request"]["history"] == "log[].{role: who, content: said}"


def test_the_id_of_a_route_that_is_the_conversations_and_a_kind_that_tells_a_handover(exchange):
    recorded = [
        exchange(
            f"/v2/assistants/aaaa-1111-bbbb/sessions/s-4711{number // 2}/message",
            {"input": {"text": f"question number {number} of mine"}},
            {"output": [{"response_type": kind, "text": f"this is the answer number {number}"}]},
            at=number,
        )
        for number, kind in enumerate(["text", "text", "text", "connect_to_agent"])
    ]
    text = propose(recorded, "talk")[0].text()
    preset = read_yaml(text, "talk")
    assert isinstance(preset, dict)
    (match,) = preset["match"]
    assert match["path"] == "^/v2/assistants/(?P<id>[^/]+)/sessions/(?P<conversation>[^/]+)/message$"
    assert preset["response"]["marks"] == {"handover_started": "output[?response_type=='connect_to_agent']"}
    assert '# low: "response_type" is connect_to_agent in 1 of 4 places: ask who runs it' in text


def test_a_route_beside_it_that_streams_is_the_same_api(exchange):
    recorded = []
    for number in range(4):
        asked = {"message": {"text": f"where do I go with number {number}"}}
        words = f"to the second floor and then left, number {number}".split(" ")
        path = f"/agent/sessions/s-4711{number}/messages"
        recorded.append(exchange(path, asked, {"messages": [{"kind": "Inform", "said": " ".join(words)}]}, at=number))
        chunks = [("CHUNK", {"call": f"c-{number}", "body": {"kind": "TextChunk", "said": f"{word} "}}) for word in words]
        events = [*chunks, ("END", {"call": f"c-{number}", "body": {"kind": "EndOfTurn"}})]
        data = "".join(f"event: {name}\ndata: {json.dumps(event)}\n\n" for name, event in events).encode()
        media = {"content-type": "text/event-stream"}
        recorded.append(
            exchange(f"{path}/stream", asked, Body(data, ((len(data), 0.5),)), response_headers=media, at=number + 0.5)
        )
    proposal, left = propose(recorded, "talk")
    preset = read_yaml(proposal.text(), "talk")
    assert isinstance(preset, dict)
    assert [each["path"] for each in preset["match"]] == [
        "^/agent/sessions/(?P<conversation>[^/]+)/messages$",
        "^/agent/sessions/(?P<conversation>[^/]+)/messages/stream$",
    ]
    assert preset["response"]["text"] == "join(' ', messages[].said)"
    assert preset["event"] == {"text": "event=='CHUNK' && data.body.said", "terminal": "event=='END'"}
    assert left == []


def test_a_graphql_operation_is_no_question_and_a_session_may_be_the_answers_alone(exchange):
    recorded = [
        exchange(
            "/graphql",
            {"query": "mutation Send($t: String!) { send(text: $t) { reply session } }", "variables": {"t": words}},
            {
                "data": {
                    "send": {"reply": f"that is over there, number {number}", "session": f"s-{number // 2}"},
                    "uebergabe": number == 3,
                }
            },
            at=number,
        )
        for number, words in enumerate(["where do I go", "and the other form", "when is it open", "how much is it"])
    ]
    preset = read_yaml(propose(recorded, "talk")[0].text(), "talk")
    assert isinstance(preset, dict)
    assert preset["request"] == {"text": "variables.t"}
    assert preset["response"] == {
        "text": "data.send.reply",
        "conversation": "data.send.session",
        "marks": {"handover_started": "data.uebergabe"},
    }


def test_a_call_that_only_stores_what_was_said_answers_nothing(exchange):
    stored = [
        exchange(f"/v2/conversations/c-4711{number // 2}/messages", asked, {**asked, "id": f"m-{number}"}, at=number)
        for number in range(4)
        for asked in [{"parts": [{"text": f"this is said for the {number} time"}], "actor": "user" if number % 2 else "agent"}]
    ]
    with pytest.raises(WorkError, match="what only repeats the question is no answer"):
        propose(stored, "x")


def test_nothing_is_proposed_where_nobody_talks(exchange):
    with pytest.raises(WorkError, match=r"no route was found .* 2 x POST /login"):
        propose([exchange("/login", {"pin": 1}, {"ok": True}, at=at) for at in range(2)], "x")


def test_the_name_of_a_shipped_preset_is_refused(visits):
    with pytest.raises(WorkError, match="give another --name"):
        propose(visits, "generic")


def test_routes_are_told_apart_by_what_is_no_id(exchange):
    paths = ["/v1/chats/c1/ask", "/v1/chats/c2/ask", "/v1/chats/blue/ask", "/v1/models", "/v1beta1/chats/0123456789/ask"]
    found = groups(sample(exchange(path, {})) for path in paths)
    assert {group.pattern(["id"]): len(group.samples) for group in found} == {
        "^/v1/chats/(?P<id>[^/]+)/ask$": 3,
        "^/v1/models$": 1,
        "^/v1beta1/chats/(?P<id>[^/]+)/ask$": 1,
    }
