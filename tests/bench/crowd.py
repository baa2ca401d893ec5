"""Many assistants in one product: whether the observer keeps up with their traffic, and what scraping their series does to it.

One assistant is driven in open loop and its latency taken; the others get their share from a client that goes from one to the
next. Everything of the product is on one core: the worst place for a scrape, whose text is made in the observer's process. The
lag is what the product says of itself, asked for over the API, so that it is known without a scrape as well.
"""

from __future__ import annotations

import json
import statistics
import sys
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

from .peers import Product, kpi_proxy, mock
from .processes import cpu_seconds, until
from .programs import Programs

ASSISTANTS = 110
SERIES = 5000
"""Series that /metrics has to have, at least, before anything is measured."""
SECONDS = 20.0
"""Of one row."""
RATE = 100.0
"""Turns a second of the one whose latency is taken, over eight connections; the others get as many together."""
SCRAPERS = (0, 1, 4)
"""Servers that scrape once a second each."""
HEADINGS = ("scrapers", "series", "p50 ms", "p99 ms", "lag p50 s", "lag max s", "relay %", "observer %", "store %", "scrape ms")


@dataclass(slots=True)
class Others:
    """Turns of the other assistants, one after the other, each tenth a stream."""

    port: int
    names: tuple[str, ...]
    sent: int = 0

    def run(self, seconds: float) -> None:
        """Send at RATE; who is late sends at once."""
        connection, began = HTTPConnection("127.0.0.1", self.port, timeout=30), monotonic()
        names = cycle(self.names)
        for number in range(int(seconds * RATE)):
            sleep(max(0.0, began + number / RATE - monotonic()))
            self._turn(connection, next(names), streamed=number % 10 == 0)
        connection.close()

    def fill(self) -> None:
        """A turn and a stream of each."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        for name in self.names:
            for streamed in (False, True):
                self._turn(connection, name, streamed=streamed)
        connection.close()

    def _turn(self, connection: HTTPConnection, name: str, *, streamed: bool) -> None:
        self.sent += 1
        asked = {
            "model": "bench-3-1000",
            "messages": [{"role": "user", "content": f"Question {self.sent}"}],
            "user": f"user-{self.sent % 997}",
            "stream": streamed,
        }
        path = f"/{name}/v1/chat/completions"
        connection.request("POST", path, json.dumps(asked), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise AssertionError(f"{name}: {answer.status}")


@dataclass(slots=True)
class Repeated:
    """Something done again and again in a thread, with what it gave or took each time."""

    found: list[float] = field(default_factory=list)

    @contextmanager
    def every(self, seconds: float, what: Callable[[], float]) -> Iterator[None]:
        """Do it for as long as the body of the `with` takes."""
        stop = Event()

        def run() -> None:
            due = monotonic()
            while not stop.is_set():
                self.found.append(what())
                due = max(due + seconds, monotonic())
                stop.wait(due - monotonic())

        thread = Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def crowd(programs: Programs, folder: Path) -> None:
    """Print a row for each number of scrapers."""
    names = tuple(f"a{number:03}" for number in range(1, ASSISTANTS))
    with mock(programs, folder) as assistant, kpi_proxy(assistant.port, folder, "together", names) as product:
        others = Others(product.peer.port, names)
        others.fill()
        until(lambda: len(product.metrics()) >= SERIES, 60, f"a /metrics of {SERIES} series")
        _row(HEADINGS)
        for scrapers in SCRAPERS:
            _row(_measured(programs, product, others, scrapers))


def _measured(programs: Programs, product: Product, others: Others, scrapers: int) -> tuple[str, ...]:
    until(lambda: _lag(product) == 0.0, 120, "an observer at rest")
    lags, scrapes = Repeated(), [Repeated() for _ in range(scrapers)]
    parts = _parts(product)
    before = [cpu_seconds(pids) for pids in parts]
    began = monotonic()
    with ThreadPoolExecutor(1) as pool, lags.every(0.5, lambda: _lag(product)), _all([(each, product) for each in scrapes]):
        spread = pool.submit(others.run, SECONDS)
        got = programs.requests(product.peer.port, 8, SECONDS, RATE)
        spread.result()
        took = monotonic() - began
    shares = [100 * (cpu_seconds(pids) - spent) / took for pids, spent in zip(parts, before, strict=True)]
    texts = [seconds for each in scrapes for seconds in each.found]
    return (
        str(scrapers),
        str(len(product.metrics())),
        f"{got.latency_p50 / 1000:.2f}",
        f"{got.latency_p99 / 1000:.2f}",
        f"{statistics.median(lags.found):.2f}",
        f"{max(lags.found):.2f}",
        *[f"{share:.0f}" for share in shares],
        f"{1000 * statistics.median(texts):.0f}" if texts else "-",
    )


@contextmanager
def _all(scrapes: list[tuple[Repeated, Product]]) -> Iterator[None]:
    if not scrapes:
        yield
        return
    (first, product), *rest = scrapes
    with first.every(1.0, lambda: _scrape(product)), _all(rest):
        yield


def _scrape(product: Product) -> float:
    began = monotonic()
    product.metrics()
    return monotonic() - began


def _lag(product: Product) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{product.console}/api/v1/status", timeout=30) as answer:
        return float(json.load(answer)["health"]["lag"])


def _parts(product: Product) -> tuple[tuple[int, ...], ...]:
    """Relay, observer, store and supervisor."""
    observers = product.observers
    return product.relays, observers, tuple(pid for pid in product.others if pid not in observers)


def _row(cells: tuple[str, ...]) -> None:
    sys.stdout.write(" ".join(f"{cell:>{max(8, len(heading))}}" for cell, heading in zip(cells, HEADINGS, strict=True)) + "\n")
    sys.stdout.flush()
