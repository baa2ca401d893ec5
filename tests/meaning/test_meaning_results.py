"""The table of results, row by row, and times."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.kpi.events import Turn
from proxy.meaning.results import error_class
from proxy.wire.exchange import Body

CHAT = "/v1/chat/completions"
ASKED = {"model": "m", "user": "u", "messages": [{"role": "user", "content": "Bonjour"}]}
ANSWER = {"id": "c1", "choices": [{"message": {"content": "Bonsoir"}, "finish_reason": "stop"}]}
DELTA = {"id": "c1", "choices": [{"delta": {"content": "Bon"}}]}

ROWS: dict[str, tuple[dict[str, Any], tuple[str, str, bool]]] = {
    "an answer": ({"response": ANSWER}, ("ok", "", True)),
    "the relay gave up waiting": ({"status": 504, "own": True, "ending": "timeout"}, ("timeout", "timeout", False)),
    "a timeout in mid-stream": ({"events": [DELTA], "ending": "timeout"}, ("timeout", "timeout", False)),
    "status 504": ({"status": 504}, ("timeout", "timeout", False)),
    "status 408": ({"status": 408}, ("timeout", "timeout", False)),
    "the client left before an answer": ({"status": None, "ending": "client_gone"}, ("cancelled", "", False)),
    "the client left in mid-stream": ({"events": [DELTA], "ending": "client_gone"}, ("cancelled", "", False)),
    "the client left after the last event": ({"events": [DELTA, "[DONE]"], "ending": "client_gone"}, ("ok", "", True)),
    "a break in mid-stream": ({"events": [DELTA], "ending": "upstream_broken"}, ("error", "upstream_broken", False)),
    "nobody there": ({"status": 502, "own": True, "ending": "upstream_unreachable"}, ("error", "upstream_unreachable", False)),
    "refused": ({"status": 503, "own": True, "ending": "refused"}, ("error", "refused", False)),
    "drained": ({"events": [DELTA], "ending": "drained"}, ("error", "drained", False)),
    "status 429": ({"status": 429, "response": {"error": {"code": "rate_limit_exceeded"}}}, ("error", "rate_limited", False)),
    "status 400": ({"status": 400, "response": {"error": {"type": "invalid_request_error"}}}, ("error", "client_error", False)),
    "status 404 of a chat route": ({"status": 404}, ("error", "client_error", False)),
    "a filter as status 400": (
        {"status": 400, "response": {"error": {"code": "content_filter"}}},
        ("blocked", "content_filter", True),
    ),
    "status 500": ({"status": 500, "response": b"<html>"}, ("error", "server_error", False)),
    "status 503": ({"status": 503}, ("error", "overloaded", False)),
    "an error in a 200 document": ({"response": {"error": {"code": "server_error"}}}, ("error", "stream_error", False)),
    "an error in a stream": ({"events": [DELTA, {"error": {"code": 429}}]}, ("error", "rate_limited", False)),
    "the client left at the news of an error": (
        {"events": [DELTA, {"error": {"code": 429}}], "ending": "client_gone"},
        ("error", "rate_limited", False),
    ),
    "an empty answer": ({"response": {"choices": [{"message": {"content": " "}}]}}, ("no_answer", "", True)),
    "a filtered answer": (
        {"response": {"choices": [{"message": {"content": "Bo"}, "finish_reason": "content_filter"}]}},
        ("blocked", "content_filter", True),
    ),
    "a fallback phrase": ({"response": {"choices": [{"message": {"content": "Je n'ai pas compris."}}]}}, ("no_answer", "", True)),
    "an unreadable answer": ({"response": b"{broken"}, ("ok", "", True)),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row(row, understanding, exchange):
    changed, (result, error, whole) = ROWS[row]
    (turn,) = understanding().read(exchange(CHAT, ASKED, **changed))
    assert isinstance(turn, Turn)
    assert (turn.result, turn.error, turn.duration is not None) == (result, error, whole)


def test_a_document_lasts_to_its_last_byte(understanding, exchange):
    (turn,) = understanding().read(exchange(CHAT, ASKED, ANSWER))
    assert (turn.duration, turn.first_text) == (pytest.approx(0.4), pytest.approx(0.4))


def test_a_stream_lasts_to_its_terminal_event(understanding, exchange):
    pieces = [
        b'data: {"choices": [{"delta": {"role": "assistant", "content": ""}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n',
    ]
    pieces += [b"data: [DONE]\n\n", b": bye\n\n"]
    ends = [sum(map(len, pieces[: at + 1])) for at in range(4)]
    body = Body(b"".join(pieces), tuple(zip(ends, (0.2, 0.7, 1.3, 9.0), strict=True)))
    made = exchange(CHAT, ASKED, body, response_headers={"content-type": "text/event-stream"}, ended_after=10.0)
    (turn,) = understanding().read(made)
    assert turn.first_text == pytest.approx(0.6)
    assert turn.duration == pytest.approx(1.2)


def test_a_cut_capture_is_partial_and_lasts_to_the_end_of_the_exchange(understanding, exchange):
    answer = Body(b'{"choices": [', ((13, 0.3),), cut=True)
    (turn,) = understanding().read(exchange(CHAT, ASKED, answer))
    assert (turn.result, turn.partial, turn.marks) == ("ok", True, ())
    assert turn.duration == pytest.approx(0.5)


def test_a_stream_that_the_client_left_was_captured_whole(understanding, exchange):
    left = b'data: {"choices": [{"delta": {"content": "Je vous mets en relation avec un conseiller"}}]}\n\n'
    asked = {"messages": [{"role": "user", "content": "Je veux un conseiller"}]}
    kind = {"content-type": "text/event-stream"}
    for body in (Body(left, ((len(left), 0.5),)), Body(b"%x\r\n%b" % (len(left), left), ((len(left) + 4, 0.5),), chunked=True)):
        made = exchange(CHAT, asked, body, response_headers=kind, ending="client_gone")
        (turn,) = understanding().read(made)
        assert (turn.result, turn.partial, turn.duration) == ("cancelled", False, None)
        # The user's words are whole; the assistant's might have gone on to anything.
        assert [mark.kind for mark in turn.marks] == ["handover_requested"]
        assert turn.first_text == pytest.approx(0.4)


def test_a_client_that_leaves_with_the_last_event_has_it_all(understanding, exchange):
    said = b'data: {"choices": [{"delta": {"content": "Je vous mets en relation avec un conseiller."}}]}\n\ndata: [DONE]\n\n'
    body = Body(b"%x\r\n%b\r\n" % (len(said), said), ((len(said) + 8, 0.5),), chunked=True)
    kind = {"content-type": "text/event-stream"}
    (turn,) = understanding().read(exchange(CHAT, ASKED, body, response_headers=kind, ending="client_gone"))
    assert (turn.result, turn.partial) == ("ok", False)
    assert [mark.kind for mark in turn.marks] == ["handover_started"]


def test_a_cut_request_is_known_by_its_path(understanding, exchange):
    reader = understanding()
    cut = Body(b'{"messages": [{"role"', ((21, 0.1),), cut=True)
    (turn,) = reader.read(exchange(CHAT, cut, ANSWER))
    assert (turn.preset, turn.partial, turn.user) == ("openai-chat", True, None)
    assert reader.counts()["chosen", "openai-chat/path"] == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Rate limit reached", "rate_limited"),
        ("overloaded_error", "overloaded"),
        ("529", "overloaded"),
        ("504", "timeout"),
        ("Request timed out", "timeout"),
        ("invalid_prompt", "client_error"),
        ("responsibleAIPolicyViolation", "content_filter"),
        ("oops", "stream_error"),
        ("7", "stream_error"),
        ("", "stream_error"),
    ],
)
def test_error_classes(words, expected):
    assert error_class(words) == expected
