"""The demo people, live: they come and go, and talk to the assistant through the proxy over HTTP."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Final

import aiohttp

from proxy.demo.people import Person, visitors
from proxy.demo.visit import CHAT, Call, Heard, Visit, hear
from proxy.tasks import Tasks

ARRIVAL: Final = 15.0
"""Seconds between two visits at speed 1; a visit has some 2.5 turns, so that about 10 turns a minute pass."""

AT_ONCE: Final = 50
"""Visits at the same time; whoever comes then goes away again."""


@dataclass(frozen=True, slots=True)
class Left:
    """The person went away before the answer was whole."""


class Crowd:
    """Sends people to the proxy at `url`; `name` makes the chance of this start its own."""

    def __init__(self, url: str, *, speed: float, name: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._speed = speed
        self._name = name
        self._session = session
        self._chance = random.Random(name)  # noqa: S311 - behaviour of a demo, no secret
        self._people = visitors()
        self._weights = [person.visits for person in self._people]
        self._present = 0

    async def run(self) -> None:
        """Let people come until cancelled."""
        tasks = Tasks()
        number = 0
        try:
            while True:
                if self._present < AT_ONCE:
                    number += 1
                    tasks.start(self.visit(self._someone(), f"{self._name}/{number}"), name="visit")
                await asyncio.sleep(self._chance.expovariate(1 / ARRIVAL) / self._speed)
        finally:
            await tasks.stop()

    def _someone(self) -> Person:
        return self._chance.choices(self._people, self._weights)[0]

    async def visit(self, person: Person, name: str) -> None:
        """One whole visit."""
        visit = Visit(person, name, maturity=1.0)
        self._present += 1
        try:
            call = visit.next_call(None)
            while call is not None:
                await asyncio.sleep(call.think / self._speed)
                heard = await self._send(call)
                if isinstance(heard, Left):
                    return
                call = visit.next_call(heard)
        finally:
            self._present -= 1

    async def _send(self, call: Call) -> Heard | Left | None:
        leave = None if call.leave is None else call.leave / self._speed
        try:
            async with asyncio.timeout(leave):
                headers = {"content-type": "application/json", "user-agent": "demo-people"}
                async with self._session.post(self._url + call.path, data=call.body, headers=headers) as response:
                    body = await response.read()
                    return hear(response.status, response.content_type, body) if call.path == CHAT else None
        except TimeoutError:
            return Left()
        except aiohttp.ClientError:  # the proxy is not there yet, or no longer
            return Heard(failed=True)


async def live(url: str, *, speed: float, name: str) -> None:
    """Drive a proxy until cancelled."""
    # aiohttp's own limit of five minutes stays: no answer of the demo takes longer.
    async with aiohttp.ClientSession() as session:
        await Crowd(url, speed=speed, name=name, session=session).run()
