"""Texts, numbers, charts and the last hour: the pure parts."""

from __future__ import annotations

import re
import string
from datetime import date
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import proxy.console
from proxy.console import charts, formats
from proxy.console.live import Rolling
from proxy.console.texts import CATALOGUE, Words
from proxy.console.tiles import ASIDE, FIVE, ICONS
from proxy.console.views import OUTCOMES
from proxy.kpi.changes import Change, TurnCounted
from proxy.kpi.events import Turn
from proxy.kpi.report import Status

ROOM = Path(proxy.console.__file__).parent


@pytest.mark.parametrize("key", CATALOGUE)
def test_each_sentence_is_there_in_both_languages_with_the_same_values(key: str) -> None:
    english, french = CATALOGUE[key]
    assert english.strip()
    assert french.strip()
    names = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in (english, french)]
    assert names[0] == names[1]
    assert not re.search(r" [%;:?!]", french.replace("\u00a0", "x").replace(" %", "").replace(" :", "").replace(" ;", ""))


def test_each_key_that_the_room_uses_exists_and_none_is_left_over() -> None:
    source = "".join(path.read_text() for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*")] if path.name != "texts.py")
    used = set(re.findall(r"""(?:words|\bt)\(\s*["']([a-z_.0-9]*[a-z_0-9])["']""", source))
    assert used <= CATALOGUE.keys()
    families = {
        *(f"{family}{name}" for name in FIVE for family in ("", "about.", "aside.", "of.")),
        *(f"status.{name}" for name in get_args(Status)),
        *(f"outcome.{name}" for name in OUTCOMES),
        *(f"days.{days}" for days in (7, 28, 90)),
        *(f"basis.{stage}" for stage in ("captured", "decoded", "attributed")),
        *(f"{kind}.{part}" for kind in ("missing", "fault", "refused") for part in ("title", "text")),
        *("chart.soft", "soft", "settled", "missing.assistant"),
        *("live.rate", "live.p95", "live.errors", "live.open"),
        *(key for key in CATALOGUE if key.startswith("reason.")),
    }
    assert families <= CATALOGUE.keys()
    assert CATALOGUE.keys() == used | families
    assert set(ICONS) == set(get_args(Status))
    assert set(ASIDE) == set(FIVE)


def test_an_unknown_reason_is_said_in_general_words() -> None:
    assert Words("en").reason("something_new") == CATALOGUE["reason.other"][0]
    assert Words("fr").reason(None) == CATALOGUE["reason.other"][1]


@pytest.mark.parametrize(
    ("share", "english", "french"),
    [
        (0.6239, "62.4%", "62,4\u202f%"),
        (1.0, "100%", "100\u202f%"),
        (0.99999, "99.9%", "99,9\u202f%"),
        (0.00001, "0.1%", "0,1\u202f%"),
        (0.0, "0%", "0\u202f%"),
    ],
)
def test_percent(share: float, english: str, french: str) -> None:
    assert (formats.percent(share, "en"), formats.percent(share, "fr")) == (english, french)


def test_percent_ranges() -> None:
    assert formats.percents(0.5, 0.8, "en", 0) == "50–80%"
    assert formats.percents(0.0, 1.0, "fr") == "0–100\u202f%"


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0.0321, "32\u00a0ms", "32\u00a0ms"),
        (1.234, "1.23\u00a0s", "1,23\u00a0s"),
        (9.99, "10.0\u00a0s", "10,0\u00a0s"),
        (125.2, "2\u00a0min\u00a05\u00a0s", "2\u00a0min\u00a05\u00a0s"),
        (119.9, "2\u00a0min", "2\u00a0min"),
    ],
)
def test_seconds(value: float, english: str, french: str) -> None:
    assert (formats.seconds(value, "en"), formats.seconds(value, "fr")) == (english, french)


def test_numbers_and_days() -> None:
    assert formats.number(1234567.5, "fr", 1) == "1\u202f234\u202f567,5"
    assert formats.limit(10.0, "en") == "10\u00a0s"
    assert formats.limit(2.5, "fr") == "2,5\u00a0s"
    assert formats.full_day(date(2026, 2, 1), "fr") == "1er\u00a0févr.\u00a02026"
    assert formats.full_day(date(2026, 2, 1), "en") == "1\u00a0Feb\u00a02026"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr", "fr"),
        ("fr-CA;q=0.5, en;q=0.4", "fr"),
        ("de, en;q=0.2, fr;q=0.1", "en"),
        ("fr;q=0", "en"),
        ("", "en"),
        ("de", "en"),
        ("fr;q=abc, ;;;,,", "en"),
    ],
)
def test_preferred_language(header: str, language: str) -> None:
    assert formats.preferred(header) == language


VALUES = st.lists(st.none() | st.floats(0, 1), max_size=60)


@given(VALUES, st.booleans())
def test_charts_are_well_formed_whatever_the_values(values: list[float | None], share: bool) -> None:
    points = [charts.Point(f"<{at}>&", value, at % 2 == 0, '"><script>') for at, value in enumerate(values)]
    for drawn in (
        charts.trend(points, title="a & <b>", band=(0.5, 0.8), share=share, written=str),
        charts.sparkline(values, key='"x'),
    ):
        picture = ET.fromstring(str(drawn))
        assert not [element for element in picture.iter() if element.tag == "script" or "style" in element.attrib]
        numbers = [float(text) for text in re.findall(r"[ML ](-?\d+\.\d)", str(drawn))]
        assert all(-1 <= number <= 961 for number in numbers)


def test_a_gap_stays_a_gap() -> None:
    assert charts.line_path([1, None, 1, 1], 30, 10, 1) == "M0.0 0.0h.01M20.0 0.0L30.0 0.0"


def test_a_stack_is_as_wide_as_its_shares() -> None:
    picture = ET.fromstring(str(charts.stack([("a", 1, "one"), ("b", 0, "none"), ("c", 3, "three")], "title")))
    assert [(part.get("class"), part.get("x"), part.get("width")) for part in picture] == [
        ("part a", "0.0", "248.0"),
        ("part c", "250.0", "748.0"),
    ]


@pytest.mark.parametrize(("value", "top"), [(0.22, 0.4), (11, 12), (10, 10), (1.0, 1.0), (170, 200), (0.05, 0.06)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert charts.nice(value) == pytest.approx(top)


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
    assert live.rate == 2 + 2 * 0.5
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
