"""The live stream of a page: server-sent events that hold the words to put where they changed.

Each event holds everything that may change, so a page that reconnects needs nothing of what it missed; its id is a hash of what
it says, so a page that comes back to any host, or after a restart, and names the last it was told, is told nothing twice. What
a kind of page shows is looked at, put into words and encoded once for all who watch it: 200 viewers cost 200 writes.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from proxy.charts.spark import line_path
from proxy.console import tiles
from proxy.console.choice import Choice
from proxy.console.clerk import Clerk
from proxy.console.periods import Period
from proxy.console.unanswered import Unavailable
from proxy.kpi.groups import Scope
from proxy.kpi.report import Figures
from proxy.settings.model import Assistant
from proxy.tasks import Tasks
from proxy.words.catalogue import Words
from proxy.words.formats import Language

INTERVAL: Final = 1.0
"""Seconds between looks. An exchange is in the store within one more: a change is on the page within two."""

SHARE: Final = 0.1
"""Of the time may go into reading figures: a reading that takes longer than usual comes less often."""

COMMENT: Final = 15.0
"""Seconds of silence after which a comment shows that the stream lives: proxies on the way cut silent ones."""

RETRY: Final = 3000
"""Milliseconds that a browser without our script waits before it connects again."""

STREAMS: Final = 500
"""Open pages, some 40 KiB each: twice as many as were measured. The next is refused, and shows what the server wrote first."""

PERIODS: Final = 32
"""Readings kept for pages that show the same: more than people look at in two seconds."""

IDLE: Final = b": still here\n\n"

Watched = tuple[tuple[object, ...], Language]
"""What a kind of page shows, and in which language."""


class Event(msgspec.Struct, frozen=True):
    """What is told to everybody who was not told yet."""

    id: str
    body: bytes

    @classmethod
    def of(cls, news: bytes) -> Event:
        """Make one of encoded news."""
        name = hashlib.blake2b(news, digest_size=9).hexdigest()
        return cls(name, b"id: %b\ndata: %b\n\n" % (name.encode(), news))


class Channel:
    """What one kind of page shows, and how many watch it."""

    def __init__(self) -> None:
        self.viewers = 0
        self.event: Event | None = None
        self.ended = False
        self._changed = asyncio.Event()

    def tell(self, event: Event) -> None:
        """Wake those who watch."""
        self.event = event
        self._changed.set()
        self._changed = asyncio.Event()

    def end(self) -> None:
        """Let those who watch go: the console closes, or looking has failed."""
        self.ended = True
        self._changed.set()

    async def change(self, seconds: float) -> None:
        """Wait for the next event, not longer than this."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return


class Stream:
    """All open streams of a console."""

    def __init__(self, clerk: Clerk, interval: float = INTERVAL, comment: float = COMMENT) -> None:
        self._clerk = clerk
        self._interval = interval
        self._comment = comment
        self._open = 0
        self._tasks = Tasks()
        self._channels: dict[Watched, tuple[Channel, asyncio.Task[None]]] = {}
        self._read: OrderedDict[tuple[str, Period, Scope], tuple[float, Figures]] = OrderedDict()
        self._reading = asyncio.Lock()

    async def end(self) -> None:
        """Let all streams end: the console closes."""
        await self._tasks.stop()

    async def run(self, request: web.Request, choice: Choice, words: Words, admitted: Callable[[], bool]) -> web.StreamResponse:
        """Answer with events until the page or the console goes, or its reader is `admitted` no longer."""
        if self._open >= STREAMS:
            return web.Response(status=503, text="too many live pages\n", headers={"Retry-After": "60"})
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        key = choice.watched, words.language
        channel = self._join(key, choice, words)
        self._open += 1
        try:
            await response.prepare(request)
            await response.write(f"retry: {RETRY}\n\n".encode())
            told = request.headers.get("Last-Event-ID") or request.query.get("last", "")
            await self._tell(response, channel, told, admitted)
        except ConnectionResetError:
            pass  # the page was closed: the usual end
        finally:
            self._open -= 1
            self._leave(key, channel)
        return response

    def _join(self, key: Watched, choice: Choice, words: Words) -> Channel:
        if key not in self._channels:
            channel = Channel()
            task = self._tasks.start(self._watch(channel, choice, words), "live pages")
            task.add_done_callback(lambda _: channel.end())
            self._channels[key] = channel, task
        channel, _ = self._channels[key]
        channel.viewers += 1
        return channel

    def _leave(self, key: Watched, channel: Channel) -> None:
        channel.viewers -= 1
        if not channel.viewers:
            self._channels.pop(key)[1].cancel()

    async def _tell(self, response: web.StreamResponse, channel: Channel, told: str, admitted: Callable[[], bool]) -> None:
        """Write what is new. A viewer that reads slowly is told the latest when it has read the one before."""
        while not channel.ended and admitted():
            event = channel.event
            if event is not None and event.id != told:
                await response.write(event.body)
                told = event.id
            else:
                await channel.change(self._comment)
                if channel.event is event and not channel.ended:
                    await response.write(IDLE)

    async def _watch(self, channel: Channel, choice: Choice, words: Words) -> None:
        """Look, and tell when something has changed."""
        told = b""
        while True:
            news = msgspec.json.encode(await self._news(choice, words))
            if news != told:
                channel.tell(Event.of(news))
                told = news
            await asyncio.sleep(self._interval)

    async def _news(self, choice: Choice, words: Words) -> dict[str, Any]:
        live, health = self._clerk.lately(choice.assistant).live, self._clerk.health()
        text = tiles.live_texts(live, health, words)
        status = {"live": tiles.health_state(health)}
        figures = await self._figures(choice) if choice.kept else None
        if figures is not None:
            shown = [tiles.tile(name, figures, words) for name in choice.view.figures]
            text |= tiles.texts(shown)
            status |= {tile.name: tile.status for tile in shown}
        path = line_path(live.minutes, 120, 26, max(live.minutes) or 1)
        return {"text": text, "status": status, "path": {"live.hour": path}, "face": tiles.shown(figures)}

    async def _figures(self, choice: Choice) -> Figures | None:
        assistant: Assistant = choice.assistant
        period = choice.period(self._clerk.now())
        key = (assistant.name, period, choice.scope)
        clock = asyncio.get_running_loop().time
        async with self._reading:
            due, figures = self._read.pop(key, (float("-inf"), None))
            began = clock()
            if figures is None or began >= due:
                try:
                    figures = await self._clerk.figures(assistant, period.first, period.last, choice.scope)
                except Unavailable:
                    return None  # the live part says so; the page keeps the figures it has
                due = began + max(0.9 * self._interval, (clock() - began) / SHARE)
            self._read[key] = (due, figures)
            if len(self._read) > PERIODS:
                self._read.popitem(last=False)
            return figures
