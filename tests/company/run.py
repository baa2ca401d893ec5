"""Ships the company's year to a product as a relay does, waits until all of it has settled, and compares every figure."""

from __future__ import annotations

import asyncio
import csv
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

import msgspec

from proxy.kpi.evidence import FORMULAS, Evidence
from proxy.kpi.groups import WHOLE, Scope
from proxy.kpi.report import Figures
from proxy.kpi.whatif import Comparison
from proxy.records import Acks, FrameBuffer, Hello, Record, frame, from_observer
from proxy.settings.model import Assistant
from proxy.settings.people import People
from proxy.store.connect import connect
from proxy.store.embedded import socket_path
from proxy.store.figures import Ledger
from proxy.store.keys import Keys
from tests.company.compare import Truth, differences
from tests.company.scenario import ASSISTANTS, DEPARTMENTS, ZONE, Person, Size, people
from tests.company.truth import eligible
from tests.company.truth import truth as said
from tests.company.wire import records
from tests.e2e.product import Product, until

WINDOW: Final = 4000
"""Records on their way: enough to keep an observer busy while it commits."""
BATCH: Final = 100
ESTIMATED: Final = ASSISTANTS[0]
"""The assistant whose large groups of people are HyperLogLogs."""


@dataclass
class Report:
    """What was shipped and how long it took; `wrong` has a line for each figure that is not the truth."""

    records: int
    turns: int
    seconds: float
    periods: int
    wrong: list[str]
    wide: int  # days and groups whose people are a HyperLogLog
    errors: list[float]  # relative, of counts of people that may rest on these
    reading: dict[str, float]  # s, of the longest periods by path


class Bar:
    """Progress: on a terminal a line that moves, elsewhere one for each tenth."""

    def __init__(self, what: str, total: int, out: TextIO = sys.stderr) -> None:
        self._what, self._total, self._out, self._shown = what, total, out, -1

    def show(self, done: int) -> None:
        percent = min(100, done * 100 // max(1, self._total))
        step = 1 if self._out.isatty() else 10
        if percent // step != self._shown:
            self._shown = percent // step
            self._out.write(f"\r{self._what} {percent:3d} %" if self._out.isatty() else f"{self._what} {percent} %\n")
            self._out.flush()


def settings(directory: Path, everybody: list[Person], size: Size) -> list[dict[str, object]]:
    """The assistants as the settings file has them, and the directory of people beside it.

    The first assistant estimates the people of large groups, the others tell all apart.
    """
    listed = directory / "people.csv"
    with listed.open("w", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(("user", "department", "joined", "left"))
        lines.writerows((each.user, each.department, each.joined, each.left) for each in everybody if each.department)
    return [
        {
            "name": name,
            "upstream": "http://127.0.0.1:9",
            "preset": ["openai-chat", "chatwoot-status"],
            "time_zone": ZONE,
            "identity": {"exclude": ["kiosk-*"]},
            "people": {"directory": str(listed), **({"exact": size.exact} if name == ESTIMATED else {})},
        }
        for name in ASSISTANTS
    ]


async def ship(source: Iterator[Record], observer: Path, name: str, bar: Bar) -> int:
    """Send records as a replay, at most WINDOW not acknowledged; gives their number."""
    reader, writer = await asyncio.open_unix_connection(observer)
    writer.write(frame([Hello(name, low=1, replay=True)]))
    frames, sent, done = FrameBuffer(), 0, 0
    exhausted = False
    while not exhausted or done < sent:
        while not exhausted and sent - done < WINDOW:
            batch = list(islice(source, BATCH))
            exhausted = len(batch) < BATCH
            sent += len(batch)
            if batch:
                writer.write(frame(batch))
                await writer.drain()
        if done < sent:
            for body in frames.feed(await reader.read(65536)):
                done += sum(_count(acks) for acks in from_observer(body))
            bar.show(done)
    writer.close()
    return sent


def _count(acks: Acks) -> int:
    return sum(high - low + 1 for low, high in acks.ranges)


def periods(size: Size) -> list[tuple[date, date]]:
    """Every month and every ISO week of the year, whole or not."""
    span = [size.last - timedelta(days=number) for number in reversed(range(size.days))]
    found = []
    months, weeks = [on for on in span if on.day == 1], [on for on in span if on.weekday() == 0]
    for starts in (months, weeks):
        begins = sorted({span[0], *starts})
        ends = [each - timedelta(days=1) for each in begins[1:]] + [size.last]
        found += list(zip(begins, ends, strict=True))
    return found


async def compare(product: Product, size: Size, truth: Truth, bar: Bar) -> tuple[int, int, list[str]]:
    """Hold all figures of all periods against the truth, read from the store as the console reads them.

    Gives the number of sets of figures, of HyperLogLogs, and what differs.
    """
    client = connect(f"unix://{socket_path(product.state / 'store')}")
    ledger, wrong, looked = Ledger(client), [], 0
    for name in ASSISTANTS:
        assistant = Assistant(upstream="http://127.0.0.1:9", name=name, time_zone=ZONE, people=People(directory="people.csv"))
        for first, last in periods(size):
            for department in ("", *DEPARTMENTS):
                scope: Scope = (("department", department),) if department else WHOLE
                figures = await ledger.figures(assistant, None, first, last, time.time(), scope)
                wrong += differences(figures, truth, name, department, first, last)
                looked += 1
            bar.show(looked)
    wide = [key async for key in client.scan_iter(Keys(ESTIMATED).all("[EP]:*"))]
    await client.aclose()
    return looked, len(wide), wrong


def run(directory: Path, size: Size) -> Report:
    """All of it, on a product with an embedded store in a directory of its own."""
    everybody = people(size)
    end = datetime.combine(size.last + timedelta(days=12), datetime.min.time(), UTC).timestamp()
    days = said(size, everybody, end)
    turns = sum(day.counts["turns"] for (_, department, _), day in days.items() if not department)
    mondays = [size.begin + timedelta(days=n) for n in range(-6, size.days) if (size.begin + timedelta(days=n)).weekday() == 0]
    truth = Truth(days, eligible(everybody, mondays), {each.user: each for each in everybody}, frozenset({ESTIMATED}))
    product = Product(directory, {"assistants": settings(directory, everybody, size)})
    began = time.monotonic()
    try:
        product.start()
        observer = product.state / "run" / "observer.sock"
        sent = asyncio.run(ship(records(size, everybody, end), observer, "company", Bar("records", int(turns * 1.15))))
        until(lambda: True if _told(product) else None, "everything is counted and settled", 1800)
        seconds = time.monotonic() - began
        bar = Bar("figures", len(periods(size)) * (1 + len(DEPARTMENTS)) * len(ASSISTANTS))
        looked, wide, wrong = asyncio.run(compare(product, size, truth, bar))
        wrong += unproven(product, size)
        reading = {path: _seconds(product, path) for path in _longest(size)}
    finally:
        product.stop()
    return Report(sent, turns, seconds, looked, wrong, wide, truth.errors, reading)


def _longest(size: Size) -> list[str]:
    days = f"assistant={ASSISTANTS[0]}&from={size.begin}&to={size.last}"
    return [f"/api/v1/kpis?{days}", f"/api/v1/kpis?{days}&by=department", f"/groups?{days}", f"/?{days}"]


def _seconds(product: Product, path: str) -> float:
    began = time.monotonic()
    product.get(path)
    return time.monotonic() - began


def unproven(product: Product, size: Size) -> list[str]:
    """Ask for the evidence of every figure of the last weeks, and make them again: both must say what the ledger says."""
    found = []
    first, last = size.last - timedelta(days=min(size.days, 42) - 1), size.last
    for name in ASSISTANTS:
        where = f"assistant={name}&from={first}&to={last}"
        for kpi in FORMULAS:
            proof = msgspec.json.decode(product.get(f"/api/v1/evidence?{where}&kpi={kpi}"), type=Evidence)
            if not proof.agrees:
                found.append(f"{name} {kpi}: evidence has {proof.hits}/{proof.n}, the ledger {proof.figure}")
        figures = msgspec.json.decode(product.get(f"/api/v1/kpis?{where}"), type=Figures)
        again = msgspec.json.decode(product.get(f"/api/v1/what-if?{where}"), type=Comparison)
        if again.settings.outcomes != figures.outcomes or again.instead != again.settings:
            found.append(f"{name}: made again {again.settings.outcomes}, the ledger has {figures.outcomes}")
    return found


def _told(product: Product) -> bool:
    books = msgspec.json.decode(product.get("/readyz"))["outbox"]
    return books["pending"] == 0 and asyncio.run(_due(product)) == 0


async def _due(product: Product) -> int:
    """Conversations with a session to be settled, or to be looked at again."""
    client = connect(f"unix://{socket_path(product.state / 'store')}")
    found = sum([await client.zcard(Keys(name).due) for name in ASSISTANTS])
    await client.aclose()
    return found
