"""Socket.IO by polling: one turn from the posted message to the poll that ends its answer, over many exchanges."""

from __future__ import annotations

import json
from typing import Any

from proxy.kpi.events import Skipped, Turn
from proxy.kpi.joining import grouped
from proxy.kpi.parts import Part

PATH = "/ws/socket.io/"


def packets(*events: object) -> bytes:
    return b"\x1e".join(b"42" + json.dumps(event).encode() for event in events)


def poll(exchange, at: float, *events: object, sid: str = "s1"):
    return exchange(PATH, method="GET", response=packets(*events) if events else b"6", **_session(at, sid))


def post(exchange, at: float, *events: object, **more: Any):
    return exchange(PATH, request=packets(*events), response=b"ok", **_session(at, "s1"), **more)


def _session(at: float, sid: str) -> dict[str, Any]:
    return {
        "id": f"r.{at:g}",
        "at": 1_800_000_000.0 + at,
        "query": {"EIO": "4", "transport": "polling", "sid": sid},
        "response_headers": {"content-type": "text/plain; charset=UTF-8"},
    }


def said(text: str) -> list[object]:
    return ["client_message", {"message": {"name": "ada", "type": "user_message", "output": text}}]


def message(name: str, text: str) -> list[object]:
    return ["new_message", {"id": name, "type": "assistant_message", "output": text}]


def test_a_turn_goes_over_polls(understanding, exchange):
    reader = understanding()
    events = [
        *reader.read(post(exchange, 1.0, said("Bonjour"))),
        *reader.read(poll(exchange, 0.9, ["task_start", {}])),
        *reader.read(poll(exchange, 2.0, message("m1", "Je vous mets en relation avec un conseiller."))),
        *reader.read(poll(exchange, 3.0, ["task_end", {}])),
    ]
    turns = [event for event in events if isinstance(event, Turn)]
    assert [event.reason for event in events if isinstance(event, Skipped)] == ["polling"]
    assert len({turn.conversation for turn in turns}) == 1
    assert len({turn.user for turn in turns if not turn.continues}) == 1
    (part,) = grouped([Part.of(turn) for turn in turns])
    assert (part.result, part.awaits) == ("ok", None)
    assert part.duration is not None
    assert abs(part.duration - 2.4) < 0.01  # from 1.1 to the bytes at 3.5
    assert part.has("handover_started")


def test_another_session_is_another_conversation(understanding, exchange):
    reader = understanding()
    ended = [reader.read(poll(exchange, at, ["task_end", {}], sid=sid))[0] for at, sid in ((1, "s1"), (2, "s2"))]
    assert ended[0].conversation != ended[1].conversation


def test_an_error_ends_the_turn_and_a_refused_post_is_one(understanding, exchange):
    reader = understanding()
    asked = reader.read(post(exchange, 1.0, said("Hi")))
    broken = reader.read(poll(exchange, 2.0, ["update_message", {"id": "m2", "type": "run", "isError": True, "output": "no"}]))
    (part,) = grouped([Part.of(turn) for turn in (*asked, *broken)])
    assert part.result == "error"
    (refused,) = reader.read(post(exchange, 5.0, said("Hi"), status=400))
    assert (refused.result, refused.awaits) == ("error", None)
