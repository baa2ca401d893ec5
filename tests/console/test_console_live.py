"""The last hour, kept in memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.console.live import Rolling
from proxy.kpi.changes import Change, TurnCounted
from proxy.kpi.events import Turn


class Clock:
    now = 1_000_000 * 60.0 + 30  # half a minute into a minute

    def __call__(self) -> float:
        return self.now


def turns(*ages: float, clock: Clock, **fields: object) -> list[Change]:
    return [
        TurnCounted(Turn(**{"id": "t", "assistant": "rh", "result": "ok", "at": clock.now - age, **fields}))  # type: ignore[arg-type]
        for age in ages
    ]


def test_the_last_hour() -> None:
    clock = Clock()
    rolling = Rolling({"rh": 600.0}, clock)
    rolling.apply(turns(0, 10, 40, 40, 3599 - 30, 3700, 86400, clock=clock, duration=2.0, conversation="a"))
    rolling.apply(turns(100, clock=clock, result="error", conversation="b"))
    rolling.apply(turns(100, clock=clock, result="cancelled", conversation="c"))
    rolling.apply(turns(5, clock=clock, continues=True))
    rolling.apply(turns(0, clock=clock, assistant="unknown"))
    live = rolling.snapshot("rh")
    assert len(live.minutes) == 60
    assert live.minutes[-2:] == (2, 2)
    assert live.minutes[0] == 1
    assert sum(live.minutes) == 7
    assert live.rate == 4  # of 0, 10 and twice 40 s ago
    assert live.p95 == pytest.approx(2.0, rel=0.03)
    assert live.errors == 1 / 5
    assert live.open_sessions == 3
    clock.now += 601
    assert rolling.snapshot("rh").open_sessions == 0
    clock.now += 3600
    empty = rolling.snapshot("rh")
    assert (sum(empty.minutes), empty.p95, empty.errors) == (0, None, None)


@given(st.lists(st.floats(0.001, 300), min_size=1, max_size=200))
def test_p95_is_known_to_a_few_percent(durations: list[float]) -> None:
    clock = Clock()
    rolling = Rolling({"rh": 600.0}, clock)
    for duration in durations:
        rolling.apply(turns(0, clock=clock, duration=duration))
    exact = sorted(durations)[max(0, -(-len(durations) * 95 // 100) - 1)]
    assert rolling.snapshot("rh").p95 == pytest.approx(exact, rel=0.03)
