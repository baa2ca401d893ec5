"""The benchmark's own parts: its programs speak to each other, and its table judges by the budgets."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .measure import Results
from .peers import mock
from .programs import compiled
from .report import lines, table


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


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert all(line.met is None for line in lines(Results()))
    rows = table(Results()).splitlines()
    assert all(row.count("|") == 6 for row in rows)


def test_the_median_is_of_the_repetitions() -> None:
    made = Results()
    for value in (1.0, 100.0, 3.0):
        made.add("x", "y", z=value)
    assert made.median("x", "y", "z") == 3.0


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
        with pytest.raises(subprocess.CalledProcessError):
            programs.requests(1, 1, 0.1)
