"""Outlines show fields, kinds and sizes; of values, and of words that few requests have in their path, nothing."""

from __future__ import annotations

import msgspec

from proxy.kpi.events import Mark, Skipped, Turn
from proxy.meaning import outlines
from proxy.meaning.outlines import FEW, OFTEN, Field, Paths, outlined, route
from proxy.wire.exchange import Body, Exchange

CANARY = "canarysecret"


def exchange(request: bytes, answer: bytes, *, path: str = "/chat", kind: str = "application/json") -> Exchange:
    return Exchange(
        id="e", assistant="rh", at=0.0, client=CANARY, method="POST", path=path, query={"q": CANARY},
        headers={"content-type": "application/json", "x-user": CANARY}, request=Body(request, ((len(request), 0.1),)),
        request_after=0.1, status=200, answered_after=0.2, response_headers={"content-type": kind, "x-own": CANARY},
        response=Body(answer, ((len(answer), 0.3),)), ending="complete", ended_after=0.4,
    )  # fmt: skip


def test_fields_have_kinds_and_sizes() -> None:
    said = [{"role": "user", "content": "four"}, {"role": "user", "content": "eleven char"}]
    request = msgspec.json.encode({"messages": said, "n": 2, "stream": False})
    events = (
        Turn(
            id="e",
            assistant="rh",
            at=0.0,
            result="ok",
            preset="generic",
            marks=(Mark("no_answer", "protocol", "generic/no_answer"),),
        ),
    )
    found = outlined(exchange(request, b'{"answer": null}'), events)
    assert found.request == (
        Field(place="n", kind="number", count=1, least=0, most=0),
        Field(place="stream", kind="flag", count=1, least=0, most=0),
        Field(place="messages[*].role", kind="text", count=2, least=4, most=4),
        Field(place="messages[*].content", kind="text", count=2, least=4, most=11),
    )
    assert found.answer == (Field(place="answer", kind="nothing", count=1, least=0, most=0),)
    assert (found.outcome, found.preset, found.marks) == ("turn", "generic", ("no_answer generic/no_answer",))
    assert (found.request_size, found.stream, found.status) == (len(request), False, 200)


def test_no_value_is_in_it() -> None:
    body = msgspec.json.encode(
        {
            "text": f"my {CANARY} words",
            "list": [CANARY, {"deep": CANARY}],
            f"{CANARY}@example.org": 1,
            CANARY * 4: 2,
            "id": CANARY,
        }
    )
    stream = b"".join(b"event: %s\ndata: %s\n\n" % (CANARY.encode(), body) for _ in range(3))
    seen = outlined(
        exchange(body, stream, path=f"/users/{CANARY}-7/chat", kind="text/event-stream"),
        (Skipped(id=CANARY, assistant="rh", at=0.0, reason="unknown"),),
    )
    assert CANARY.encode() not in msgspec.json.encode(seen)
    assert seen.stream
    assert {field.place for field in seen.request} == {"text", "list[*]", "list[*].deep", "?", "id"}


def test_fields_are_bounded() -> None:
    body = msgspec.json.encode({f"field_{at}": "x" for at in range(1000)})
    assert len(outlined(exchange(body, b""), ()).request) == outlines.FIELDS


def counted(paths: dict[str, int], *, unknown: bool = True) -> Paths:
    found = Paths()
    for path, times in paths.items():
        for _ in range(times):
            found.count(route("POST", path), unknown=unknown)
    return found


def test_words_of_an_api_are_shown_once_they_are_common() -> None:
    found = counted({"/api/v1/chat/send": OFTEN, "/api/v1/chat/42/send": 3, f"/api/{CANARY}": OFTEN - 1})
    assert [(each.route, each.count) for each in found.unknown()] == [
        ("POST /api/v1/chat/send", OFTEN),
        ("POST /api/*", OFTEN - 1),
        ("POST /api/v1/chat/*/*", 3),
    ]


def test_many_words_at_one_place_are_names_of_people() -> None:
    names = [f"user{'abcdefghijk'[at]}" for at in range(FEW + 1)]
    found = counted({f"/people/{name}/chat": OFTEN for name in names})
    assert [(each.route, each.count) for each in found.unknown()] == [("POST /people/*/chat", OFTEN * len(names))]
    assert found.written([route("POST", "/people/usera/chat")]) == ["POST /people/*/chat"]
    assert found.written([route("GET", "/people/usera/chat")]) == ["GET /*"]


def test_what_was_understood_is_in_no_list_of_the_unknown() -> None:
    assert counted({"/v1/chat": 20}, unknown=False).unknown() == []


def test_routes_are_bounded(monkeypatch) -> None:
    monkeypatch.setattr(outlines, "ROUTES", 5)
    found = Paths()
    for first in "abcdefghij":
        for second in "abcdefghij":
            found.count(route("GET", f"/{first}/{second}"), unknown=True)
    assert len(found._seen) <= 6
    assert sum(each.count for each in found.unknown()) == 100
