"""Golden answers: each file of the corpus as it passed, with what must be understood of it beside it (`*`: any phrase rule).

Framing and cuts must not matter: each is read whole, in chunks of every size, and compressed. Files named `captured-` came
from the vendors' own servers that `tests/vendors` talks to.
"""

from __future__ import annotations

import gzip
import json
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from proxy.kpi.events import Turn
from proxy.wire.exchange import Body

CORPUS = Path(__file__).parent.parent / "corpus"
MEDIA = {
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".sse": "text/event-stream",
    ".ndjson": "application/x-ndjson",
    ".eventstream": "application/vnd.amazon.eventstream",
}
EXPECTED = ".expected.json"
CASES = sorted(file for file in CORPUS.glob("*/*") if file.suffix in MEDIA and file.with_name(file.stem + EXPECTED).exists())


def chunked(data: bytes, size: int) -> bytes:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def shown(turn: Turn) -> dict[str, Any]:
    marks = [f"{mark.kind} {mark.source} {mark.rule}" for mark in turn.marks]
    return {name: getattr(turn, name) for name in turn.__struct_fields__} | {"marks": marks, "messages": len(turn.messages)}


def test_every_preset_has_a_golden_answer(presets):
    assert {file.parent.name for file in CASES} == {
        name for name, preset in presets.items() if preset.routes and not preset.socket
    }


@pytest.mark.parametrize("file", CASES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_golden(file, understanding, exchange):
    expected = json.loads(file.with_name(file.stem + EXPECTED).read_text("utf-8"))
    data = file.read_bytes()
    media = {"content-type": MEDIA[file.suffix], **expected.get("response_headers", {})}
    reader = understanding()

    def read(body: Body, **headers: str) -> Turn:
        (event,) = reader.read(
            exchange(
                expected["path"],
                expected.get("request", b""),
                method=expected.get("method", "POST"),
                headers=expected.get("headers", {}),
                status=expected.get("status", 200),
                response=body,
                response_headers={**media, **headers},
            )
        )
        assert isinstance(event, Turn)
        return event

    whole = read(Body(data, ((len(data), 0.5),)))
    assert whole.preset == file.parent.name
    found = shown(whole)
    for name, wanted in expected["turn"].items():
        if name == "marks":
            assert len(found["marks"]) == len(wanted), found["marks"]
            assert all(fnmatch(mark, pattern) for mark, pattern in zip(found["marks"], wanted, strict=True)), found["marks"]
        else:
            assert found[name] == wanted, name
    for size in (1, 2, 7, 64, 4096):
        framed = chunked(data, size)
        assert read(Body(framed, ((len(framed), 0.5),), chunked=True)) == whole
    packed = gzip.compress(data)
    assert read(Body(packed, ((len(packed), 0.5),)), **{"content-encoding": "gzip"}) == whole
