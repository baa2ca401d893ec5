"""Charts: whole SVG whatever the values, and shapes that say what they should."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.charts.frame import nice
from proxy.charts.spark import line_path, sparkline
from proxy.charts.stack import stack
from proxy.charts.style import alone
from proxy.charts.trend import Point, trend

VALUES = st.lists(st.none() | st.floats(0, 1), max_size=60)


@given(VALUES, st.booleans())
def test_charts_are_well_formed_whatever_the_values(values: list[float | None], share: bool) -> None:
    points = [Point(f"<{at}>&", value, at % 2 == 0, '"><script>') for at, value in enumerate(values)]
    for drawn in (
        trend(points, title="a & <b>", band=(0.5, 0.8), share=share, written=str),
        sparkline(values, key='"x'),
    ):
        picture = ET.fromstring(str(drawn))
        assert not [element for element in picture.iter() if element.tag == "script" or "style" in element.attrib]
        numbers = [float(text) for text in re.findall(r"[ML ](-?\d+\.\d)", str(drawn))]
        assert all(-1 <= number <= 961 for number in numbers)


def test_the_time_before_lies_under_the_line_and_is_not_longer() -> None:
    points = [Point("a", 0.5), Point("b", 0.6), Point("c", 0.7)]
    drawn = str(trend(points, title="t", band=None, share=True, written=str, past=[0.4, None, 0.3, 0.2]))
    assert drawn.count('class="past"') == 1
    path = re.search(r'class="past" d="([^"]*)"', drawn)
    assert path is not None
    assert path[1].count("M") == 2
    assert drawn.index('class="past"') < drawn.index('class="line"')


def test_a_chart_alone_is_a_whole_file_without_custom_properties() -> None:
    drawn = alone(str(trend([Point("a", 0.5)], title="<t>", band=(0.4, None), share=True, written=str)))
    assert ET.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in drawn
    assert "#dff0e6" in drawn


def test_a_gap_stays_a_gap() -> None:
    assert line_path([1, None, 1, 1], 30, 10, 1) == "M0.0 0.0h.01M20.0 0.0L30.0 0.0"


def test_a_stack_is_as_wide_as_its_shares() -> None:
    picture = ET.fromstring(str(stack([("a", 1, "one"), ("b", 0, "none"), ("c", 3, "three")], "title")))
    assert [(part.get("class"), part.get("x"), part.get("width")) for part in picture] == [
        ("part a", "0.0", "248.0"),
        ("part c", "250.0", "748.0"),
    ]


@pytest.mark.parametrize(("value", "top"), [(0.22, 0.4), (11, 12), (10, 10), (1.0, 1.0), (170, 200), (0.05, 0.06)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert nice(value) == pytest.approx(top)
