"""Single functions, called in a loop: what understanding an exchange takes, and what a relay's accounting of it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import process_time
from typing import Any

from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.presets import compile_presets
from proxy.meaning.understanding import Understanding
from proxy.relay.counters import Counters
from proxy.settings.files import known_names, raw_markers, raw_presets
from proxy.settings.model import Assistant
from proxy.wire.exchange import Body, Exchange

ROUNDS = 7
EVENTS = 200


def _exchange(
    request: Any, answer: bytes, media: str, timeline: tuple[tuple[int, float], ...], *, chunked: bool = False
) -> Exchange:
    asked = json.dumps(request).encode()
    return Exchange(
        id="relay:1",
        assistant="rh",
        at=1_800_000_000.0,
        client="127.0.0.1",
        method="POST",
        path="/v1/chat/completions",
        query={},
        headers={"content-type": "application/json", "user-agent": "OpenAI/Python 2.0"},
        request=Body(asked, ((len(asked), 0.001),)),
        request_after=0.001,
        status=200,
        answered_after=0.2,
        response_headers={"content-type": media},
        response=Body(answer, timeline, chunked=chunked),
        ending="complete",
        ended_after=3.0,
    )


def _asked(size: int) -> dict[str, Any]:
    text = ("Combien de jours de congés ai-je encore cette année ? " * 20)[:size]
    return {"model": "gpt-4o-mini", "user": "paul@example.org", "messages": [{"role": "user", "content": text}]}


def _streamed(*, chunked: bool) -> Exchange:
    pieces = []
    for at in range(EVENTS):
        delta: dict[str, Any] = {"index": 0, "delta": {"content": f" jour{at}"}, "logprobs": None, "finish_reason": None}
        head = {
            "id": "chatcmpl-123",
            "object": "chat.completion.chunk",
            "created": 1_800_000_000,
            "model": "gpt-4o-mini-2024-07-18",
        }
        event = b"data: %b\n\n" % json.dumps({**head, "system_fingerprint": "fp_44709d6fcb", "choices": [delta]}).encode()
        pieces.append(b"%x\r\n%b\r\n" % (len(event), event) if chunked else event)
    pieces.append(b"f\r\ndata: [DONE]\n\n\r\n0\r\n\r\n" if chunked else b"data: [DONE]\n\n")
    ends = [sum(map(len, pieces[: at + 1])) for at in range(len(pieces))]
    timeline = tuple((end, 0.2 + at * 0.01) for at, end in enumerate(ends))
    return _exchange(_asked(60), b"".join(pieces), "text/event-stream", timeline, chunked=chunked)


def _document() -> Exchange:
    text = "Vous avez encore 12 jours, que vous pouvez poser dans l'outil avant la fin du mois de mai. " * 19
    message = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    answer = json.dumps(
        {"id": "c1", "model": "m", "choices": [message], "usage": {"prompt_tokens": 9, "completion_tokens": 9}}
    ).encode()
    return _exchange(_asked(900), answer, "application/json", ((len(answer), 0.9),))


def _best(call: Callable[[], object], times: int) -> float:
    """Seconds of processor time of one call, in the best round: the others say how busy the machine was."""
    rounds = []
    for _ in range(ROUNDS):
        start = process_time()
        for _ in range(times):
            call()
        rounds.append((process_time() - start) / times)
    return min(rounds)


def understanding() -> dict[str, float]:
    """Streamed events and JSON exchanges that one core understands in a second, by framing."""
    files = compile_markers(raw_markers(known_names().markers))
    reader = Understanding(Assistant(upstream="http://assistant"), compile_presets(raw_presets()), files, {}, b"s" * 32)
    plain, chunked, whole = _streamed(chunked=False), _streamed(chunked=True), _document()
    return {
        "events_per_second": EVENTS / _best(lambda: reader.read(plain), 30),
        "chunked_events_per_second": EVENTS / _best(lambda: reader.read(chunked), 30),
        "turns_per_second": 1 / _best(lambda: reader.read(whole), 500),
    }


def accounting() -> float:
    """Microseconds that counting one exchange takes in a relay."""
    tally = Counters().tally("assistant")
    return _best(lambda: tally.exchange(200, 900, 2000, 0.00005), 20_000) * 1e6
