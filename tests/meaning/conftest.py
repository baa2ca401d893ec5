"""The presets and markers that ship, compiled once, and exchanges made by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.markers import MarkerFile
from proxy.meaning.presets import Preset, compile_presets
from proxy.meaning.understanding import Understanding
from proxy.settings.files import known_names, raw_markers, raw_presets
from proxy.settings.model import Assistant
from proxy.wire.exchange import Body, Exchange

SECRET = b"0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="session")
def presets() -> dict[str, Preset]:
    return compile_presets(raw_presets())


@pytest.fixture(scope="session")
def marker_files() -> dict[str, MarkerFile]:
    return compile_markers(raw_markers(sorted(known_names().markers)))


@pytest.fixture
def understanding(presets, marker_files) -> Callable[..., Understanding]:
    def make(directory: Any = None, **settings: Any) -> Understanding:
        assistant = Assistant(upstream="http://assistant", **settings)
        return Understanding(assistant, presets, marker_files, directory or {}, SECRET)

    return make


@pytest.fixture
def exchange() -> Callable[..., Exchange]:
    """Make an exchange: request from 0 to 0.1 s, answer's bytes at 0.5 s, end at 0.6 s."""

    def make(path: str, request: Any = b"", response: Any = b"", events: Any = None, **changed: Any) -> Exchange:
        answer: bytes | Body
        asked = request if isinstance(request, bytes | Body) else json.dumps(request).encode()
        if events is not None:
            answer = b"".join(
                b"data: %b\n\n" % (b"[DONE]" if event == "[DONE]" else json.dumps(event).encode()) for event in events
            )
        else:
            answer = response if isinstance(response, bytes | Body) else json.dumps(response).encode()
        values: dict[str, Any] = {
            "id": "relay:1",
            "assistant": "rh",
            "at": 1_800_000_000.0,
            "client": "127.0.0.1",
            "method": "POST",
            "path": path,
            "query": {},
            "request": _body(asked, 0.1),
            "request_after": 0.1,
            "status": 200,
            "answered_after": 0.2,
            "response_headers": {"content-type": "application/json" if events is None else "text/event-stream"},
            "response": _body(answer, 0.5),
            "ending": "complete",
            "ended_after": 0.6,
            **changed,
        }
        values["headers"] = {"content-type": "application/json", **changed.get("headers", {})}
        return Exchange(**values)

    return make


def _body(data: bytes | Body, after: float) -> Body:
    return data if isinstance(data, Body) else Body(data, ((len(data), after),) if data else ())
