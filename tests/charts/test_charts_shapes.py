"""Charts: whole SVG whatever the values, and shapes that say what they should."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from proxy.charts import heat
from proxy.charts.columns import Column, columns
from proxy.charts.flow import Branch, flow
from proxy.charts.frame import nice
from proxy.charts.picture import NARROW, WIDE, Size
from proxy.charts.spark import line_path, sparkline
from proxy.charts.stack import stack
from proxy.charts.style import alone
from proxy.charts.trend import Point, trend

VALUES = st.lists(st.none() | st.floats(0, 1), max_size=60)
COUNTS = st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=4), max_size=20)
PAGE = Size(960, 240)
HOSTILE = '"><script>'


def well_formed(drawn: Markup, width: int = 961) -> ET.Element:
    """No script, no style attribute, and nothing outside of the picture."""
    picture = ET.fromstring(str(drawn))
    assert not [element for element in picture.iter() if element.tag == "script" or "style" in element.attrib]
    assert not re.findall(r"nan|inf", re.sub(r">[^<]*<", "><", str(drawn)))
    numbers = [float(text) for text in re.findall(r"[ML ](-?\d+\.\d)", str(drawn))]
    assert all(-1 <= number <= width for number in numbers)
    assert all(float(part.get("height", "0")) >= 0 and float(part.get("width", "0")) >= 0 for part in picture.iter("rect"))
    return picture


@given(VALUES, st.booleans())
def test_lines_are_well_formed_whatever_the_values(values: list[float | None], share: bool) -> None:
    points = [Point(f"<{at}>&", value, at % 2 == 0, HOSTILE, HOSTILE) for at, value in enumerate(values)]
    well_formed(trend(points, title="a & <b>", said=HOSTILE, band=(0.5, 0.8), share=share, written=str, size=PAGE))
    well_formed(sparkline(values, key='"x'))


@given(COUNTS, st.sampled_from([WIDE, NARROW]))
def test_columns_flow_and_heat_are_well_formed_whatever_the_counts(counts: list[list[int]], size: Size) -> None:
    stacked = [Column(HOSTILE, [("bar", count, HOSTILE) for count in each]) for each in counts]
    well_formed(columns(stacked, title=HOSTILE, said="", written=str, size=size, mark=1))
    ends = [Branch("failed", sum(each), HOSTILE, tuple(Branch("failed", count, "&") for count in each)) for each in counts]
    well_formed(flow(Branch("root", sum(map(sum, counts)), HOSTILE, tuple(ends)), title="t", said=HOSTILE, size=size))
    most = max((count for each in counts for count in each), default=1) or 1
    rows = [heat.Row(HOSTILE, [heat.Cell(count / most, HOSTILE, "7") for count in each]) for each in counts]
    well_formed(heat.heat(rows, ["a", "", HOSTILE], title="t", said="", size=size))


@given(st.lists(st.none() | st.floats(-5, 5), max_size=20), st.booleans())
def test_a_line_below_zero_stays_on_its_plane(values: list[float | None], share: bool) -> None:
    points = [Point("at", value) for value in values]
    picture = trend(points, title="t", band=None, share=share, written=str, size=PAGE)
    well_formed(picture)
    drawn = str(picture)
    heights = [float(text) for text in re.findall(r'cy="(-?[\d.]+)"', drawn)]
    assert len(heights) == sum(value is not None for value in values)
    assert all(12 <= height <= 214 for height in heights)
    assert drawn.count('class="tick" x="38"') <= 7
    well_formed(sparkline(values))


def test_a_loss_is_drawn_below_the_line_of_zero() -> None:
    found = [Point("1", -0.8), Point("2", 0.0), Point("3", 0.4)]
    drawn = trend(found, title="t", band=None, share=True, written=lambda value: f"{value:.1f}", size=PAGE)
    picture = ET.fromstring(str(drawn))
    (zero,) = [part.get("d", "") for part in picture.iter("path") if part.get("class") == "grid zero"]
    base = float(zero.split("H")[0].split()[1])
    below, on, above = (float(dot.get("cy", "0")) for dot in picture.iter("circle"))
    assert below > on == base > above
    assert [part.text for part in picture.iter("text") if part.get("text-anchor") == "end"][:4] == ["-0.8", "-0.4", "0.0", "0.4"]
    assert line_path([-1.0, 0.0, 1.0], 2, 26, 1.0, -1.0) == "M0.0 26.0L1.0 13.0L2.0 0.0"


def test_a_picture_has_a_name_and_says_what_is_in_it() -> None:
    picture = ET.fromstring(str(columns([], title="the name", said="what it says", written=str, size=WIDE)))
    assert (picture.get("role"), picture.get("aria-label")) == ("img", "the name")
    assert picture.findtext("desc") == "what it says"


def test_parts_say_what_they_are_where_something_can_hover_over_them() -> None:
    found = [Column("a", [("bar", 3, "three of them")])]
    drawn = [str(columns(found, title="t", said="", written=str, size=size)) for size in (WIDE, NARROW)]
    assert ["three of them" in each for each in drawn] == [True, False]


def test_the_newest_column_is_named_whole() -> None:
    """As in four weeks on a phone: the place is narrower than the name of its day."""
    found = [Column(f"{at} Nov", [("bar", 3, "")]) for at in range(1, 29)]
    drawn = ET.fromstring(str(columns(found, title="t", said="", written=str, size=NARROW)))
    newest = next(part for part in drawn.iter("text") if part.text == "28 Nov")
    assert (newest.get("text-anchor"), newest.get("x")) == ("end", "340.0")


def test_what_happened_is_an_upright_line_at_its_place() -> None:
    points = [Point("a", 0.5), Point("b", 0.6, event="Model <2>"), Point("c", 0.7)]
    drawn = str(trend(points, title="t", band=None, share=True, written=str, size=PAGE))
    middle = re.search(r'<path class="event" d="M(\d+\.\d) 214V6[^"]*"><title>Model &lt;2&gt;</title>', drawn)
    assert middle is not None
    assert f'cx="{middle[1]}"' in drawn


def test_the_time_before_lies_under_the_line_and_is_not_longer() -> None:
    points = [Point("a", 0.5), Point("b", 0.6), Point("c", 0.7)]
    drawn = str(trend(points, title="t", band=None, share=True, written=str, past=[0.4, None, 0.3, 0.2], size=PAGE))
    assert drawn.count('class="past"') == 1
    path = re.search(r'class="past" d="([^"]*)"', drawn)
    assert path is not None
    assert path[1].count("M") == 2
    assert drawn.index('class="past"') < drawn.index('class="line"')


def test_what_may_still_change_is_dashed_and_a_gap_is_a_gap() -> None:
    points = [Point("a", 0.5), Point("b", 0.6), Point("c", 0.7, soft=True), Point("d", None), Point("e", 0.5), Point("f", 0.4)]
    drawn = str(trend(points, title="t", band=None, share=True, written=str, size=PAGE))
    paths = dict(re.findall(r'<path class="(line(?: soft)?)" d="([^"]*)"', drawn))
    assert (paths["line"].count("M"), paths["line"].count("L")) == (2, 2)
    assert (paths["line soft"].count("M"), paths["line soft"].count("L")) == (1, 1)


def test_a_share_ends_at_the_whole_and_a_return_may_be_more() -> None:
    points = [Point("a", 0.97)]
    assert ">1.0<" in str(trend(points, title="t", band=None, share=True, written=str, size=PAGE))
    assert ">4.0<" in str(trend([Point("a", 3.1)], title="t", band=None, share=True, written=str, size=PAGE))


def test_a_chart_alone_is_a_whole_file_without_custom_properties() -> None:
    drawn = alone(str(trend([Point("a", 0.5)], title="<t>", band=(0.4, None), share=True, written=str, size=PAGE)))
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


def test_columns_are_as_high_as_their_counts() -> None:
    drawn = columns(
        [Column("a", [("x", 100, ""), ("y", 100, "")]), Column("b", [("x", 50, "")])], title="", said="", written=str, size=WIDE
    )
    heights = [float(part.get("height", "")) for part in ET.fromstring(str(drawn)).iter("rect")]
    assert heights[0] == heights[1] == pytest.approx(2 * heights[2], abs=0.2)


def test_ribbons_of_a_flow_are_as_thick_as_their_counts() -> None:
    ends = (Branch("a", 30, "thirty"), Branch("b", 10, "ten"), Branch("c", 0, "none"))
    drawn = str(flow(Branch("root", 40, "all", (Branch("m", 40, "all", ends),)), title="t", said="", size=WIDE))
    nodes = [float(height) for height in re.findall(r'<rect class="(?:root|m)" [^>]*height="([\d.]+)"', drawn)]
    assert nodes[0] == nodes[1] > 0
    assert "ten" in drawn
    assert ">none<" not in drawn, "what nothing went to has no end"


@pytest.mark.parametrize(("share", "step"), [(0.0, 0), (0.001, 1), (0.5, 4), (0.999, 6), (1.0, 6)])
def test_only_nothing_has_no_shade(share: float, step: int) -> None:
    assert heat.shade(share) == step


@pytest.mark.parametrize(("value", "top"), [(0.22, 0.4), (11, 12), (10, 10), (1.0, 1.0), (170, 200), (0.05, 0.06)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert nice(value) == pytest.approx(top)
