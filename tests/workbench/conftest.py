"""Exchanges made by hand, as an observer would have assembled them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from proxy.wire.exchange import Body, Exchange

START = time.time() // 86400 * 86400 - 1.5 * 86400
"""A noon of late: what a replay has to keep, a store drops by the clock of its server."""


@pytest.fixture
def exchange() -> Callable[..., Exchange]:
    """Make an exchange: request whole at once, answer's bytes after half a second."""

    def make(path: str, request: Any, response: Any = None, *, events: Any = None, at: float = 0.0, **changed: Any) -> Exchange:
        answer = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events or ())
        values: dict[str, Any] = {
            "id": f"relay.{at:g}",
            "assistant": "assistant",
            "at": START + at,
            "client": "127.0.0.1",
            "method": "POST",
            "path": path,
            "query": {},
            "request": _body(request, 0.1),
            "request_after": 0.1,
            "status": 200,
            "answered_after": 0.2,
            "response_headers": {"content-type": "text/event-stream" if events else "application/json"},
            "response": Body(answer, ((len(answer), 0.5),)) if events else _body(response, 0.5),
            "ending": "complete",
            "ended_after": 0.6,
            **changed,
        }
        values["headers"] = {"content-type": "application/json", **changed.get("headers", {})}
        return Exchange(**values)

    return make


@pytest.fixture
def visits(exchange) -> list[Exchange]:
    """A recording of the desk (tests/workbench/desk.py): answers as documents and streams, and two ratings."""
    found = []
    at = 0.0
    for number, (employee, live) in enumerate(
        [("ann@x.org", False), ("bob@x.org", True), ("eve@x.org", False), ("ann@x.org", True)]
    ):
        place = f"/desk/v2/visits/v-{4711 + number}"
        turn = ""
        for words in ("Combien de jours de congés me reste-t-il ?", "Quand la paie est-elle versée ?"):
            at += 60
            turn = f"t-{9000 + at:g}"
            asked = {"utterance": {"words": words, "tongue": "fr"}, "employee": employee}
            text = f"Voici une réponse assez longue à propos de cela : {words}"
            if live:
                pieces = [{"op": "piece", "d": f"{word} "} for word in text.split(" ")]
                found.append(exchange(f"{place}/say", asked, events=[*pieces, {"op": "over", "turn": turn}], at=at))
            else:
                found.append(exchange(f"{place}/say", asked, {"reply": {"lines": text, "mood": "calm"}, "turn": turn}, at=at))
        found.append(exchange(f"{place}/stars", {"stars": 1 + number, "turn": turn}, {}, at=at + 5))
    return found


def _body(value: Any, after: float) -> Body:
    """A value as JSON; a body as it is."""
    if isinstance(value, Body):
        return value
    data = json.dumps(value).encode()
    return Body(data, ((len(data), after),))
