"""What is measured: the assistant itself, and kpi-proxy in front of it.

Mock and driver have core 0, a proxy has core 1. "apart" leaves core 1 to the relay; observer and store get what mock and
driver leave of core 0, which under full load is little: the relay's ring fills, and it degrades as it would beside an
observer that is too slow. "together" gives core 1 to the whole product.
"""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from tests.ports import free_port

from .processes import pin, running, running_module, tree, until, yielding
from .programs import Programs

Placing = Literal["apart", "together"]


@dataclass(frozen=True, slots=True)
class Peer:
    """Something that answers on a port. `pids` are the processes whose cost counts."""

    name: str
    port: int
    pids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """A running kpi-proxy."""

    peer: Peer
    console: int
    relays: tuple[int, ...]
    others: tuple[int, ...]
    state: Path
    apart: bool  # observer and store yield to mock and driver

    @property
    def observers(self) -> tuple[int, ...]:
        """Those of the others that understand; the rest are supervisor and store."""
        return tuple(running_module(self.others, "proxy.observer"))

    def counted(self) -> tuple[int, float | None]:
        """Turns that the console counts these days, and the share of them that was captured whole."""
        today = datetime.now(UTC).date()
        span = f"assistant=assistant&from={today - timedelta(days=1)}&to={today + timedelta(days=1)}"
        with urllib.request.urlopen(f"http://127.0.0.1:{self.console}/api/v1/kpis?{span}", timeout=10) as answer:
            figures = msgspec.json.decode(answer.read())
        return int(figures["kpis"]["turns"]["value"] or 0), figures["completeness"]["captured"]

    def metrics(self) -> dict[str, float]:
        """All that /metrics says, by series: name and labels as they are written there."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.console}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        series = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in series}

    def overhead(self) -> tuple[int, float]:
        """Exchanges that the relay has timed itself, and the seconds they spent in it."""
        metrics = self.metrics()
        return int(metrics["proxy_overhead_seconds_count"]), metrics["proxy_overhead_seconds_sum"]


@contextmanager
def mock(programs: Programs, folder: Path) -> Iterator[Peer]:
    """The mock assistant, without anything in front."""
    port = free_port()
    with running([str(programs.mock), str(port)], 0, folder / "mock.log"):
        answering(port)
        yield Peer("direct", port)


@contextmanager
def kpi_proxy(upstream: int, folder: Path, placing: Placing, more: Sequence[str] = ()) -> Iterator[Product]:
    """The product as `kpi-proxy serve` starts it, with a state directory of its own.

    `more`: names of assistants besides the one that is called `assistant`, on the same port, each below a path of its name.
    """
    port, console = free_port(), free_port()
    state = folder / f"state-{time.monotonic_ns()}"
    settings = folder / f"{state.name}.yaml"
    settings.write_text(_settings(upstream, port, more), "utf-8")
    command = [sys.executable, "-m", "proxy", "serve", "--config", str(settings)]
    command += ["--console", f"127.0.0.1:{console}", "--state", str(state), "--workers", "1"]
    with running(command, 1, folder / "kpi-proxy.log") as pid:
        answering(port)
        until(lambda: _status(console, "/readyz") == 200, 60, "the console's readiness")
        all_of_it = tree(pid)
        mine = running_module(all_of_it, "proxy.relay")
        others = [each for each in all_of_it if each not in mine]
        if placing == "apart":
            pin(others, 0)
            yielding(others, on=True)
        pids = mine if placing == "apart" else [*mine, *others]
        yield Product(Peer("kpi-proxy", port, tuple(pids)), console, tuple(mine), tuple(others), state, placing == "apart")


def _settings(upstream: int, port: int, more: Sequence[str]) -> str:
    entries = [("assistant", ""), *((name, f", prefix: /{name}") for name in more)]
    where = f"upstream: 'http://127.0.0.1:{upstream}', listen: '127.0.0.1:{port}'"
    return "assistants:\n" + "".join([f"  - {{name: {name}, {where}{prefix}}}\n" for name, prefix in entries])


def answering(port: int) -> None:
    """Wait until something answers there as the mock does."""
    until(lambda: _status(port, "/v1/chat/completions") == 200, 60, f"an answer on port {port}")


def _status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0
