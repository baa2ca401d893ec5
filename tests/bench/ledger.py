"""What the ledger costs: memory, commands and round trips on a real server, and how long a reader waits (`make costs`).

Everything is counted by the server itself: INFO memory and commandstats before and after. Times are of this machine.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any

from proxy.kpi.events import Event, Mark, Turn
from proxy.kpi.groups import WHOLE, Labels
from proxy.settings.model import Assistant
from proxy.settings.people import People
from proxy.store.apply import Applier
from proxy.store.breakdown import Groups
from proxy.store.connect import connect
from proxy.store.embedded import Embedded
from proxy.store.figures import Ledger
from proxy.store.settle import Settler
from tests.store.making import Fixed

BASE = 1792490400.0  # 2026-10-20 12:00 in Paris
DEPARTMENTS = tuple(f"Department {number}" for number in range(12))
PROFILES = ("staff", "lead", "temporary")
DAY = 86400.0


def turns(random: Random, people: int, sessions: int, day: float, start: int) -> Iterator[Turn]:
    """Sessions of three turns by random people, each with all labels."""
    for session in range(sessions):
        person = random.randrange(people)
        conversation = f"conversation-{start + session:09d}"
        at = BASE + day * DAY + random.random() * 8 * 3600
        for number in range(3):
            marks = (Mark("handover_started", "protocol", "rule"),) if number == 2 and session % 7 == 0 else ()
            yield Turn(
                id=f"relay:{start + session}:{number}",
                assistant="rh",
                at=at + 60 * number,
                result="ok",
                conversation=conversation,
                user=f"person-{person:015d}",
                eligible=True,
                department=DEPARTMENTS[person % 12],
                profile=PROFILES[person % 3],
                channel="web",
                model="model-1",
                route="/hr",
                duration=random.lognormvariate(0.5, 0.8),
                first_text=random.lognormvariate(-0.5, 0.8),
                marks=marks,
                messages=(f"message-{start + session:09d}-{number:04d}",),
            )


def say(text: str) -> None:
    """Print a line at once: some take a minute to measure."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Meter:
    """What the server says of itself."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def memory(self) -> int:
        return int((await self._client.info("memory"))["used_memory_dataset"])

    async def calls(self) -> int:
        return sum(int(each["calls"]) for name, each in (await self._client.info("commandstats")).items() if "info" not in name)

    async def of(self, pattern: str) -> tuple[int, int]:
        """Number and bytes of some keys."""
        number = size = 0
        async for key in self._client.scan_iter(pattern, count=1000):
            number, size = number + 1, size + (await self._client.memory_usage(key) or 0)
        return number, size


async def measure(client: Any) -> None:
    """Print the costs."""
    assistant = Assistant(upstream="http://127.0.0.1:1", name="rh", people=People(directory="people.csv"))
    heads = {"rh": Fixed({Labels(department=name, profile=profile): 28 for name in DEPARTMENTS for profile in PROFILES})}
    applier, settler, meter = Applier(client, {"rh": assistant}, "one", heads), Settler(client, {"rh": assistant}), Meter(client)
    random = Random(1)

    events = [*turns(random, 1000, 4000, 0, 0)]
    random.shuffle(events)
    calls, begun = await meter.calls(), process_time()
    for start in range(0, len(events), 1000):
        await applier.apply(numbered(events[start : start + 1000], start))
    spent = process_time() - begun
    say(f"commands per 1,000 turns, commits of 1,000   {(await meter.calls() - calls) / len(events) * 1000:9.0f}")
    say(f"observer's processor time of a turn's commit {spent / len(events) * 1e6:9.0f} us")
    for name, pattern in (
        ("people of a day: 1,000, all groups", "kpi:{rh}:[ep]:*"),
        ("who came when: 1,000 people", "kpi:{rh}:[v]:*"),
    ):
        keys, size = await meter.of(pattern)
        say(f"{name:44} {size / 1024:9.0f} KiB in {keys} keys")
    for name, pattern in (
        ("sessions that wait: 1,000", "kpi:{rh}:c:*"),
        ("ways to their messages", "kpi:{rh}:m:*"),
        ("traces", "kpi:{rh}:t:*"),
    ):
        keys, size = await meter.of(pattern)
        say(f"{name:44} {size / 4 / 1024:9.0f} KiB per 1,000 sessions")
    await settler.settle(BASE + 9 * DAY, 10_000)
    keys, size = await meter.of("kpi:{rh}:c:*")
    say(f"{'sessions that are settled: 1,000':44} {size / 4 / 1024:9.0f} KiB per 1,000 sessions")
    keys, size = await meter.of("kpi:{rh}:d:*")
    say(f"{'sums of a day, all groups':44} {size / 1024:9.0f} KiB in {keys} keys")
    keys, size = await meter.of("kpi:{rh}:h:*")
    say(f"{'sums of its hours':44} {size / 1024:9.0f} KiB in {keys} keys")

    calls = await meter.calls()
    slow = [*turns(random, 1000, 20, 1, 900_000)]
    for at in range(0, len(slow), 2):
        await applier.apply(numbered(slow[at : at + 2], 900_000 + at))
    say(f"commands per 1,000 turns, commits of 2       {(await meter.calls() - calls) / len(slow) * 1000:9.0f}")

    for day in range(2, 400):
        year = [*turns(random, 1000, 25, -day, day * 1000)]
        await applier.apply(numbered(year, 1_000_000 + day * 1000))
    first, last, now = date(2026, 10, 20) - timedelta(days=399), date(2026, 10, 20), BASE + 9 * 3600
    ledger = Ledger(client)
    for name, reading in (
        ("13 months, everything", lambda: ledger.figures(assistant, 1000, first, last, now)),
        ("13 months, one channel", lambda: ledger.figures(assistant, 1000, first, last, now, (("channel", "web"),))),
        ("13 months by week", lambda: ledger.series(assistant, 1000, "week", first, last, now, WHOLE)),
        ("13 months by month", lambda: ledger.series(assistant, 1000, "month", first, last, now, WHOLE)),
        ("13 months by department, 12 of them", lambda: Groups(ledger).breakdown(assistant, {}, "department", first, last, now)),
        ("28 days by department", lambda: Groups(ledger).breakdown(assistant, {}, "department", last - timedelta(27), last, now)),
    ):
        begun = perf_counter()
        await reading()
        say(f"{name:44} {1000 * (perf_counter() - begun):9.0f} ms")
    say(f"{'all of 13 months, 25 sessions a day':44} {await meter.memory() / 1024 / 1024:9.0f} MiB")


def numbered(events: list[Turn], start: int) -> list[tuple[int, Event]]:
    return [(start + number, event) for number, event in enumerate(events, 1)]


async def main() -> None:
    with tempfile.TemporaryDirectory() as state:
        embedded = Embedded(Path(state))
        await embedded.start()
        client = connect(embedded.url)
        try:
            await measure(client)
        finally:
            await client.aclose()
            await embedded.stop()


if __name__ == "__main__":
    asyncio.run(main())
