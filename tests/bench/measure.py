"""The measurements, alternating between the peers of one run, so that a noisy minute hits all of them alike."""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import msgspec

from .alone import accounting, understanding
from .feeding import EVENTS, WINDOW, Feeder
from .peers import Peer, Product, kpi_proxy, mock
from .processes import cpu_seconds, memory, until, weighing, yielding
from .programs import Programs, Requests, Streams
from .rivals import rivals

OURS = "kpi-proxy"
INTERVAL = 0.02
"""Seconds between two events of a stream: 50 a second."""
LEVELS = {100: INTERVAL, 800: INTERVAL, 1000: INTERVAL, 2000: 2 * INTERVAL}
"""Streams at once, and seconds between the events of each: from 1,000 on 50,000 a second in all, some proxies' limit."""
PACE = 2500.0
"""Turns a second of the whole product on one core, and of each proxy alone beside it: what waking up costs at that pace."""
PACED = "turns 2,500/s"
STREAMED = 500
"""Streams of the whole product on one core: 25,000 events a second."""
NEWCOMERS = 50
"""Streams opened over a second beside 800 that run."""
REST = 1.5
"""Seconds. After half a second a commit was still to come: its work was counted with the next measurement."""
FED = {False: 4000, True: 250}
"""Exchanges of a round of the observer alone, plain and streamed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long everything takes: with all rivals the full one some twelve minutes, the quick one four."""

    repetitions: int
    seconds: float
    events: int

    @classmethod
    def full(cls) -> Plan:
        """Three repetitions."""
        return cls(repetitions=3, seconds=2.0, events=150)

    @classmethod
    def quick(cls) -> Plan:
        """A glance."""
        return cls(repetitions=1, seconds=1.0, events=75)


@dataclass(slots=True)
class Results:
    """Every value of every repetition, by (what, peer, field)."""

    values: dict[tuple[str, str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    strangers: float = 0.0  # cores that other processes used, at worst

    def add(self, what: str, peer: str, **values: float) -> None:
        """Note one measurement."""
        for name, value in values.items():
            self.values[what, peer, name].append(value)
        shown = ", ".join(f"{name} {value:,.1f}" for name, value in values.items())
        sys.stderr.write(f"  {what:<28} {peer:<10} {shown}\n")

    def median(self, what: str, peer: str, name: str) -> float | None:
        """The middle of the repetitions, None when it was not measured."""
        found = self.values.get((what, peer, name))
        return statistics.median(found) if found else None


@dataclass(frozen=True, slots=True)
class Bench:
    """A run: its programs, scratch directory, plan and results."""

    programs: Programs
    folder: Path
    plan: Plan
    results: Results

    def run(self) -> None:
        """Measure everything."""
        with mock(self.programs, self.folder) as direct:
            with rivals(direct.port, self.folder) as others, kpi_proxy(direct.port, self.folder, "apart") as product:
                self._memory(product)
                peers = [direct, *others, product.peer]
                for _ in range(self.plan.repetitions):
                    self._side_by_side(peers, product)
                    self._own_figure(product)
            with kpi_proxy(direct.port, self.folder, "together") as product:
                self._whole_product(product)
            with kpi_proxy(direct.port, self.folder, "together") as product, Feeder(product) as feeder:
                for _ in range(self.plan.repetitions):
                    self._observer(product, feeder)
        self.results.add("alone", OURS, accounting_us=accounting(), **understanding())

    def _side_by_side(self, peers: list[Peer], product: Product) -> None:
        for what, connections, rate in (("turns c=1", 1, 0.0), ("turns c=32", 32, 0.0), (PACED, 32, PACE)):
            for peer in peers:
                self._requests(what, peer, connections, rate)
            _at_rest(product)
        for connections, interval in LEVELS.items():
            for peer in peers:
                self._streams(f"{connections} streams", peer, connections, interval)
            _at_rest(product)
        for peer in peers:
            self._newcomers(peer)
        _at_rest(product)

    def _requests(self, what: str, peer: Peer, connections: int, rate: float) -> None:
        with weighing(peer.pids) as cost:
            got = self.programs.requests(peer.port, connections, self.plan.seconds, rate)
        self.results.strangers = max(self.results.strangers, cost.strangers)
        self.results.add(what, peer.name, **_numbers(got), cpu_us=cost.cpu / max(1, got.ok) * 1e6)

    def _streams(self, what: str, peer: Peer, connections: int, interval: float) -> None:
        with weighing(peer.pids) as cost:
            got = self.programs.streams(peer.port, connections, self.plan.events, interval)
        self.results.strangers = max(self.results.strangers, cost.strangers)
        self.results.add(what, peer.name, **_numbers(got), cpu_us=cost.cpu / max(1, got.events) * 1e6)

    def _newcomers(self, peer: Peer) -> None:
        """Streams that open while 800 others run."""
        running = Thread(target=self.programs.streams, args=(peer.port, 800, 150, INTERVAL))
        running.start()
        sleep(1.5)  # they open within a second
        got = self.programs.streams(peer.port, NEWCOMERS, 5, INTERVAL)
        running.join()
        self.results.add("newcomers", peer.name, first_p50=got.first_p50, first_p99=got.first_p99, errors=float(got.errors))

    def _own_figure(self, product: Product) -> None:
        """What the relay says of itself, for the turns of which the outside is known: one at a time."""
        before = product.overhead()
        with weighing(product.relays) as cost:
            got = self.programs.requests(product.peer.port, 1, self.plan.seconds)
        until(lambda: product.overhead()[0] >= before[0] + got.ok, 10, "the relay's own figures")
        after = product.overhead()
        own = (after[1] - before[1]) / (after[0] - before[0])
        self.results.add("own figure", OURS, mean_us=own * 1e6, cpu_us=cost.cpu / max(1, got.ok) * 1e6)

    def _observer(self, product: Product, feeder: Feeder) -> None:
        """Records of exchanges as fast as they are acknowledged; the processor's time until the store has them too."""
        for streamed, exchanges in FED.items():
            frames = feeder.frames(exchanges, streamed=streamed)
            with weighing(product.others) as cost:
                feeder.feed(frames, WINDOW[streamed])
                _at_rest(product)
            each = EVENTS if streamed else 1
            what = "events" if streamed else "turns"
            self.results.add(f"observer, {what}", OURS, per_cpu_second=exchanges * each / cost.cpu)

    def _memory(self, product: Product) -> None:
        """A relay that has answered little, then the same with 500 streams that wait."""
        streams = 500
        self.programs.requests(product.peer.port, 1, 0.1)
        _at_rest(product)
        idle = memory(product.relays)
        waiting = Thread(target=self.programs.streams, args=(product.peer.port, streams, 3, 2.0))
        waiting.start()
        sleep(2.5)  # they open within a second, and their second event comes after two
        full = memory(product.relays)
        waiting.join()
        self.results.add("memory", OURS, relay_mib=idle / 2**20, stream_kib=(full - idle) / streams / 1024)

    def _whole_product(self, product: Product) -> None:
        """Everything on one core: what it counts of what was sent, at a given rate and as fast as it can."""
        seconds = 3 * self.plan.seconds
        for what, connections, rate in (("whole, 2,500 turns/s", 64, PACE), ("whole, full speed", 32, 0.0)):
            before = counted(product, 0)
            with weighing(product.peer.pids) as cost:
                got = self.programs.requests(product.peer.port, connections, seconds, rate)
                _at_rest(product)
            found = shares(before, counted(product, before[0] + got.ok), got.ok)
            self.results.add(what, OURS, **_numbers(got), **found, cpu_us=cost.cpu / max(1, got.ok) * 1e6)
        before = counted(product, 0)
        streamed = self.programs.streams(product.peer.port, STREAMED, 2 * self.plan.events, INTERVAL)
        found = shares(before, counted(product, before[0] + streamed.ok), streamed.ok)
        self.results.add(f"whole, {STREAMED} streams", OURS, **_numbers(streamed), **found)
        self.results.add("memory", OURS, others_mib=memory(product.others) / 2**20)


def _numbers(got: Requests | Streams) -> dict[str, float]:
    return {name: float(value) for name, value in msgspec.structs.asdict(got).items()}


def _at_rest(product: Product) -> None:
    """Wait until the product has worked off what it was shipped.

    That is under 5 % of a core for longer than it waits between two commits, or a relay between two shipments of its sums.
    """
    pids = (*product.relays, *product.others)

    def quiet() -> bool:
        before = cpu_seconds(pids)
        sleep(REST)
        return cpu_seconds(pids) - before < REST / 20

    if product.apart:
        yielding(product.others, on=False)
    until(quiet, 300, "the end of the observer's work")
    if product.apart:
        yielding(product.others, on=True)


def counted(product: Product, expected: int) -> tuple[int, float]:
    """Turns on the console once it has all of them, or stopped to count more; and how many of them were captured whole."""
    last, since = -1, monotonic()
    while True:
        counted, captured = product.counted()
        if counted != last:
            last, since = counted, monotonic()
        if counted >= expected or monotonic() - since > 5:
            return counted, counted * (captured or 0.0)
        sleep(0.25)


def shares(before: tuple[int, float], after: tuple[int, float], sent: int) -> dict[str, float]:
    """Of the turns sent in between: the share that was counted, and of those the share captured whole."""
    counted = after[0] - before[0]
    return {"counted": counted / max(1, sent), "captured": (after[1] - before[1]) / max(1, counted)}
