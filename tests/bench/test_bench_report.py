"""The benchmark's own parts: its programs speak to each other, and its table judges by the budgets."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from proxy.observer.assembly import Assembled, Assembly

from .feeding import EVENTS, record
from .measure import Results
from .peers import mock
from .programs import compiled
from .report import beside, lines, table


def results(p50: float) -> Results:
    made = Results()
    for peer, value in (("direct", 20.0), ("kpi-proxy", 20.0 + p50), ("nginx", 60.0)):
        made.add("turns c=1", peer, latency_p50=value)
    made.add("turns c=32", "kpi-proxy", per_second=600.0)
    made.add("turns c=32", "nginx", per_second=1000.0)
    return made


def test_a_figure_is_held_against_its_budget() -> None:
    within, over = (next(iter(lines(results(p50)))) for p50 in (249.0, 251.0))
    assert (within.value, within.met) == ("249 µs", True)
    assert (over.value, over.met) == ("251 µs", False)
    assert over.beside == "direct 20 µs; nginx adds 40 µs"


def test_ratios_are_of_the_same_run() -> None:
    ratio = next(line for line in lines(results(1.0)) if "x nginx" in line.what)
    assert (ratio.value, ratio.met) == ("0.60", True)


@pytest.mark.parametrize(("own", "met"), [(59.0, False), (61.0, True), (101.0, False)])
def test_the_relays_own_figure_is_held_against_the_outside(own: float, met: bool) -> None:
    made = results(100.0)
    made.add("own figure", "kpi-proxy", mean_us=own, cpu_us=90.0)
    line = next(line for line in lines(made) if "own figure" in line.what)
    assert (line.value, line.met) == (f"{own:.0f} µs", met)
    assert line.beside == "outside: 100 µs added at p50, 90 µs of CPU; nginx adds 40 µs"


def test_a_turn_costs_what_it_takes_in_relay_and_observer() -> None:
    made = results(1.0)
    made.add("turns c=32", "kpi-proxy", cpu_us=50.0)
    made.add("observer, turns", "kpi-proxy", per_cpu_second=5000.0)
    made.add("whole, 2,500 turns/s", "kpi-proxy", per_second=2500.0, counted=1.0, captured=1.0, cpu_us=301.0)
    awake, paced = (line for line in lines(made) if "CPU per JSON turn" in line.what and line.budget)
    assert (awake.value, awake.met, awake.beside) == ("250 µs", True, "relay 50 µs, observer and store 200 µs")
    assert (paced.value, paced.met) == ("301.0 µs", False)


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert all(line.met is None for line in lines(Results()))
    rows = table(Results()).splitlines()
    assert all(row.count("|") == 6 for row in rows)


def test_the_median_is_of_the_repetitions() -> None:
    made = Results()
    for value in (1.0, 100.0, 3.0):
        made.add("x", "y", z=value)
    assert made.median("x", "y", "z") == 3.0


def test_many_streams_are_held_against_envoy_of_the_same_run() -> None:
    for ours, met in ((90.0, True), (110.0, False)):
        made = Results()
        for peer, value in (("direct", 10.0), ("envoy", 100.0), ("kpi-proxy", ours)):
            made.add("1000 streams", peer, delay_p50=value)
        line = next(line for line in lines(made) if line.what.startswith("1000 streams") and "Envoy" in line.what)
        assert (line.value, line.met, line.beside) == (f"{ours - 10:.0f} µs", met, "envoy adds 90 µs")


def test_all_peers_stand_beside_each_other_in_one_table() -> None:
    rows = beside(results(1.0)).splitlines()
    assert rows[0] == "| median | direct | kpi-proxy | nginx |"
    assert "| c=1: latency p50, µs | 20 | 21 | 60 |" in rows
    assert all(row.count("|") == 5 for row in rows)


def test_what_the_observer_is_fed_are_whole_exchanges() -> None:
    for streamed in (False, True):
        assembled = Assembly().feed("r", record(7, streamed=streamed))
        assert isinstance(assembled, Assembled)
        exchange = assembled.exchange()
        assert exchange is not None
        assert not exchange.response.cut
        assert len(exchange.response.timeline) == (EVENTS + 1 if streamed else 1)


@pytest.mark.skipif(shutil.which("cc") is None or shutil.which("taskset") is None, reason="needs a C compiler and taskset")
def test_driver_and_mock_understand_each_other(tmp_path: Path) -> None:
    programs = compiled()
    with mock(programs, tmp_path) as direct:
        turns = programs.requests(direct.port, 4, 0.2)
        assert turns.ok == turns.sent > 10
        assert turns.errors == 0
        paced = programs.requests(direct.port, 4, 0.5, 100.0)
        assert 45 <= paced.ok <= 51
        streams = programs.streams(direct.port, 8, 5, 0.01)
        assert (streams.ok, streams.errors, streams.events) == (8, 0, 40)
        assert 0 < streams.delay_p50 <= streams.delay_p99
        sent = b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000)
        with socket.create_connection(("127.0.0.1", direct.port), timeout=10) as client:
            for _ in range(2):  # an upload, and again on the same connection
                client.sendall(sent)
                assert client.recv(10_000).startswith(b"HTTP/1.1 200")
        with pytest.raises(subprocess.CalledProcessError):
            programs.requests(1, 1, 0.1)
