"""Several hosts on one Redis, conversations that hop between them, an observer killed again and again: what is the truth then?

`python -m tests.e2e.chaos --seconds 600 --hosts 3` (make chaos) runs it for long; a test of seconds runs in the suite.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.e2e.clocks import Clock
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say
from tests.store.servers import Single

SECRET: Final = {"KPI_PROXY_SECRET": "hosts of one store share it"}


@dataclass
class Truth:
    """What people did, as they know it themselves."""

    turns: int = 0
    sessions: int = 0
    handed_over: int = 0
    people: set[str] = field(default_factory=set)
    longest: float = 0.0  # seconds between two turns of one conversation

    def add(self, other: Truth) -> None:
        self.turns += other.turns
        self.sessions += other.sessions
        self.handed_over += other.handed_over
        self.people |= other.people
        self.longest = max(self.longest, other.longest)


class Person(threading.Thread):
    """Has one conversation after the other, each turn through another host."""

    def __init__(self, number: int, hosts: Sequence[Product], stop: threading.Event, pause: float) -> None:
        super().__init__()
        self._number = number
        self._hosts = hosts
        self._ended = stop
        self._pause = pause
        self._random = random.Random(number)
        self.truth = Truth()
        self.failure: Exception | None = None

    def run(self) -> None:
        conversation = 0
        while not self._ended.is_set():
            conversation += 1
            try:
                self._talk(f"{self._number}-{conversation}")
            except Exception as error:  # noqa: BLE001 - whatever it is, the run has failed
                self.failure = error
                return

    def _talk(self, conversation: str) -> None:
        user = f"person-{self._random.randrange(40)}"
        wish = self._random.random() < 0.2
        turns = self._random.randint(1, 6)
        last = time.monotonic()
        self.truth.sessions += 1
        self.truth.handed_over += wish
        self.truth.people.add(user)
        for turn in range(turns):
            text = "un conseiller" if wish and turn == turns - 1 else "bonjour"
            say(self._random.choice(self._hosts).listen["chat"], text, user=user, conversation=conversation)
            now = time.monotonic()
            self.truth.longest, last = max(self.truth.longest, now - last), now
            self.truth.turns += 1
            time.sleep(self._random.uniform(0, self._pause))


@dataclass
class Report:
    """Truth, kills, and what each host says at the end."""

    truth: Truth
    kills: int
    said: list[dict[str, Any]]
    books: list[dict[str, int]]


@dataclass(frozen=True)
class Plan:
    """Seconds. `settle` is longer than a killed observer is away: after some deaths the supervisor waits 5 s."""

    seconds: float = 600.0
    hosts: int = 3
    every: tuple[float, float] = (2.0, 6.0)  # between two kills
    idle: float = 6.0
    settle: float = 15.0
    pause: float = 0.3  # at most, of a person
    people: int = 6
    leap: bool = False  # the clocks are set forward when everything is counted, so that nobody waits for the end of sessions


def run(directory: Path, plan: Plan) -> Report:
    """Run it; the figures are those after everything has settled."""
    session = {"idle": f"{plan.idle}s", "settle": f"{plan.settle}s"}
    clock = Clock(directory / "clock") if plan.leap else None
    environment = {**SECRET, **(clock.environment if clock is not None else {})}
    chance = random.Random(plan.hosts)
    with Single(directory / "redis") as redis, Server(chat) as upstream:
        settings = {"assistants": [{"name": "chat", "upstream": upstream.url, "session": session}], "store": {"url": redis.url}}
        products = []
        try:
            for number in range(plan.hosts):
                (directory / f"host{number}").mkdir()
                products.append(Product(directory / f"host{number}", settings, environment))
            with ThreadPoolExecutor(plan.hosts) as starting:
                list(starting.map(Product.start, products))
            stop = threading.Event()
            crowd = [Person(number, products, stop, plan.pause) for number in range(plan.people)]
            for person in crowd:
                person.start()
            kills, end = 0, time.monotonic() + plan.seconds
            while time.monotonic() < end and all(person.failure is None for person in crowd):
                stop.wait(min(chance.uniform(*plan.every), max(0.0, end - time.monotonic())))
                os.kill(chance.choice(products).part("proxy.observer"), signal.SIGKILL)
                kills += 1
                _balanced(chance.choice(products))
            stop.set()
            truth = Truth()
            for person in crowd:
                person.join()
                if person.failure is not None:
                    raise person.failure
                truth.add(person.truth)
            assert truth.longest < plan.idle, f"the machine was too slow to say what a session is: {truth.longest:.1f} s"
            if clock is not None:
                until(lambda: _counted(products[0]) >= truth.turns or None, "everything is counted")
                clock.set(plan.idle + plan.settle + 60.0)
            for product in products:
                _wait(product)
            return Report(truth, kills, [product.kpis("chat") for product in products], [_books(each) for each in products])
        finally:
            for product in products:
                product.stop()


def _books(product: Product) -> dict[str, int]:
    found: dict[str, int] = msgspec.json.decode(product.get("/readyz"))["outbox"]
    return found


def _balanced(product: Product) -> None:
    """See that seen = counted + pending + dropped, whenever the observer answers."""
    try:
        books = _books(product)
    except OSError:
        return
    assert books["seen"] == books["counted"] + books["pending"] + books["dropped"], books


def _wait(product: Product) -> None:
    until(lambda: True if _settled(product) else None, "everything is settled")


def _counted(product: Product) -> float:
    found: float = product.kpis("chat")["kpis"]["turns"]["value"]
    return found


def _settled(product: Product) -> bool:
    return _books(product)["pending"] == 0 and product.kpis("chat")["open_sessions"] == 0


def check(report: Report) -> None:
    """Compare every host's figures with the truth, to the last turn."""
    truth = report.truth
    for said in report.said:
        kpis = said["kpis"]
        assert kpis["turns"]["value"] == truth.turns
        assert kpis["sessions"]["value"] == truth.sessions
        assert sum(said["outcomes"].values()) == truth.sessions
        assert kpis["handover_rate"]["numerator"] == said["outcomes"]["handed_over"] == truth.handed_over
        assert kpis["mau"]["value"] == len(truth.people)
    assert sum(books["counted"] for books in report.books) == truth.turns
    assert all(books["dropped"] == books["pending"] == 0 for books in report.books)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--hosts", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        report = run(Path(directory), Plan(seconds=given.seconds, hosts=given.hosts))
        truth = report.truth
        did = f"{truth.turns} turns, {truth.sessions} sessions, {truth.handed_over} handed over, {len(truth.people)} people"
        lines = [f"{did}, {report.kills} observers killed on {given.hosts} hosts"]
        for number, (said, books) in enumerate(zip(report.said, report.books, strict=True), 1):
            lines.append(f"host {number}: {said['kpis']['turns']['value']:.0f} turns, outcomes {said['outcomes']}, books {books}")
        sys.stdout.write("\n".join(lines) + "\n")
        check(report)
        sys.stdout.write("ledger equals truth\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
