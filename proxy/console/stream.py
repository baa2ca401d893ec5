"""The live stream of a page: server-sent events that hold the words to put where they changed.

Each event holds everything that may change, so a page that reconnects needs nothing of what it missed. The figures of a
period are read once per INTERVAL for all pages that show it, however many are open.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, Final

import msgspec
from aiohttp import web

from proxy.charts.spark import line_path
from proxy.console import periods, tiles
from proxy.console.pages import Choice
from proxy.console.periods import Period
from proxy.console.sources import Sources, Unavailable
from proxy.kpi.report import Figures
from proxy.settings.model import Assistant
from proxy.words.catalogue import Words

INTERVAL: Final = 2.0
"""Seconds between looks; a change is on the page within them."""

COMMENT: Final = 15.0
"""Seconds of silence after which a comment shows that the stream lives: proxies on the way cut silent ones."""

RETRY: Final = 3000
"""Milliseconds that a browser waits before it connects again."""

STREAMS: Final = 100
"""Open pages: each costs a look per INTERVAL. The next is refused, and shows what the server wrote first."""

PERIODS: Final = 32
"""Readings kept for pages that show the same: more than people look at in two seconds."""


class Stream:
    """All open streams of a console."""

    def __init__(self, sources: Sources, interval: float = INTERVAL, comment: float = COMMENT) -> None:
        self._sources = sources
        self._interval = interval
        self._comment = comment
        self._open = 0
        self._ended = asyncio.Event()
        self._read: OrderedDict[tuple[str, Period], tuple[float, Figures]] = OrderedDict()
        self._reading = asyncio.Lock()

    def end(self) -> None:
        """Let all streams end: the console closes."""
        self._ended.set()

    async def run(self, request: web.Request, choice: Choice, words: Words) -> web.StreamResponse:
        """Answer with events until the page or the console goes."""
        if self._open >= STREAMS:
            return web.Response(status=503, text="too many live pages\n", headers={"Retry-After": "60"})
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        self._open += 1
        try:
            await response.prepare(request)
            await response.write(f"retry: {RETRY}\n\n".encode())
            await self._tell(response, choice, words)
        except ConnectionResetError:
            pass  # the page was closed: the usual end
        finally:
            self._open -= 1
        return response

    async def _tell(self, response: web.StreamResponse, choice: Choice, words: Words) -> None:
        clock = asyncio.get_running_loop().time
        told, spoken, number = b"", clock(), 0
        while not self._ended.is_set():
            news = msgspec.json.encode(await self._news(choice, words))
            if news != told:
                number += 1
                await response.write(b"id: %d\ndata: %b\n\n" % (number, news))
                told, spoken = news, clock()
            elif clock() - spoken >= self._comment:
                await response.write(b": still here\n\n")
                spoken = clock()
            try:
                await asyncio.wait_for(self._ended.wait(), self._interval)
            except TimeoutError:
                continue

    async def _news(self, choice: Choice, words: Words) -> dict[str, Any]:
        live, health = self._sources.live.snapshot(choice.assistant.name), self._sources.health()
        text = tiles.live_texts(live, health, words)
        status = {"live": tiles.health_state(health)}
        figures = await self._figures(choice)
        if figures is not None:
            shown = [tiles.tile(name, figures, words) for name in tiles.FIVE]
            text |= tiles.texts(shown)
            status |= {tile.name: tile.status for tile in shown}
        path = line_path(live.minutes, 120, 26, max(live.minutes) or 1)
        return {"text": text, "status": status, "path": {"live.hour": path}, "face": tiles.shown(figures)}

    async def _figures(self, choice: Choice) -> Figures | None:
        assistant: Assistant = choice.assistant
        period = periods.last_days(choice.days, assistant, self._sources.now())
        key = (assistant.name, period)
        clock = asyncio.get_running_loop().time
        async with self._reading:
            read_at, figures = self._read.pop(key, (float("-inf"), None))
            if figures is None or clock() - read_at >= self._interval:
                try:
                    figures = await self._sources.ledger.figures(assistant, period.first, period.last)
                except Unavailable:
                    return None  # the live part says so; the page keeps the figures it has
                read_at = clock()
            self._read[key] = (read_at, figures)
            if len(self._read) > PERIODS:
                self._read.popitem(last=False)
            return figures
