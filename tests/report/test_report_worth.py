"""What is said of costs and value, in both languages."""

from datetime import date

import msgspec
import pytest

from proxy.kpi.baseline import Baseline, Effect
from proxy.report import html, markdown
from proxy.report.compose import compose
from proxy.report.model import Facts
from proxy.report.worth import told
from proxy.settings.model import Assistant
from proxy.settings.value import Cost, Value
from proxy.words.catalogue import Words
from tests.kpi.worths import VALUED, report_of

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)


def valued(value: Value = VALUED) -> Assistant:
    return Assistant(upstream="http://a", value=value)


def test_the_tables_say_parts_scenarios_and_models():
    said = told(report_of(valued(), FIRST, LAST), Words("en"))
    costs, scenarios, models = said.tables
    assert costs.rows == (
        ("Tokens", "€140.00"),
        ("Platform, by turn and session", "€200.00"),
        ("By the month", "€1,500"),
        ("Total", "€1,840"),
    )
    rows = {row[0]: row[1:] for row in scenarios.rows}
    assert rows["Cost avoided"] == ("€7,200", "€28,800", "€32,400")
    assert rows["Triage of handovers"] == ("€4,000",) * 3
    assert rows["Time saved"] == ("120\u00a0h", "480\u00a0h", "540\u00a0h")
    assert rows["Net"] == ("€9,360", "€30,960", "€34,560")
    assert models.rows[1] == ("house", "700", "1,000", "0", "0", "0", "0", "–", "not known")
    assert said.notes[0] == "Turns whose cost is not known: 3.3% (1,000 of 30,000). The amounts are without them."


def test_what_it_rests_on_is_printed_with_its_version_and_source():
    said = told(report_of(valued(), FIRST, LAST), Words("en"))
    paid, assumed = said.rests
    assert paid == "From 1\u00a0Jan\u00a02026: €1,500 a month, €0 a turn, €0.020 a session."
    assert [each.strip() + "." for each in assumed.removesuffix(".").split(". ")] == [
        (
            "From 1\u00a0Jan\u00a02026 (version 2026-1): 60%, 80% or 90% of automated sessions would have been a human’s, "
            "at €6.00 a contact of 6\u00a0min."
        ),
        "Triage saves 2\u00a0min of each session handed over, at €0.500 a minute.",
        "Source: Finance | <b>.",
    ]


def test_french_writes_amounts_as_it_does():
    said = told(report_of(valued(), FIRST, LAST), Words("fr"))
    assert said.tables[0].rows[3] == ("Total", "1\u202f840\u00a0€")
    assert "2\u00a0min" in said.rests[1]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_figure_that_is_withheld_says_why(language):
    said = told(report_of(valued(msgspec.structs.replace(VALUED, assumptions=())), FIRST, LAST), Words(language))
    reasons = {each.name: each.reason for each in said.figures}
    assert "value.assumptions" in reasons["roi"]
    assert reasons["cost"] == ""
    assert len(said.tables) == 2  # no scenarios


def test_a_part_that_nobody_said_is_not_called_free():
    said = told(report_of(valued(Value(prices=VALUED.prices)), FIRST, LAST), Words("en"))
    assert [cells[1] for cells in said.tables[0].rows] == ["€140.00", "not set", "not set", "not set"]


def test_a_currency_without_a_sign_has_its_letters():
    report = report_of(
        valued(Value(currency="CHF", tokens="included", costs=(Cost(from_="2026-01-01", monthly=30.0),))), FIRST, LAST
    )
    assert told(report, Words("en")).tables[0].rows[3] == ("Total", "CHF\u00a030.00")
    assert told(report, Words("fr")).tables[0].rows[3] == ("Total", "30,00\u00a0CHF")


def test_the_report_has_it_on_the_page_of_the_cfo_alone(facts: Facts):
    month = facts.month
    changed = msgspec.structs.replace(facts, value=report_of(valued(), month.first, month.last))
    report = compose(changed, "en")
    assert [page.audience for page in report.pages if page.rests] == ["cfo"]
    page, text = html.html(report), markdown.markdown(report)
    assert "Finance | &lt;b&gt;" in page
    assert "<b>" not in page.split("</style>")[1]
    assert "| house | 700 |" in text
    assert "Finance | \\<b\\>" in text


@pytest.mark.parametrize(("language", "change"), [("en", "−40 (−50 to −30)"), ("fr", "−40 (−50 à −30)")])
def test_contacts_before_and_since_stand_side_by_side(language, change):
    weeks = Baseline(
        launched="2026-09-02", weeks_before=6, weeks_since=7, before=100.0, since=60.0, change=-40.0, interval=(-50.4, -29.6)
    )
    said = told(msgspec.structs.replace(report_of(valued(), FIRST, LAST), baseline=weeks), Words(language))
    table = next(each for each in said.tables if len(each.head) == 2 and len(each.rows) == 3)
    assert [row[1] for row in table.rows] == ["100", "60", change]
    phase = Effect(
        from_="2026-07-13",
        departments=("HR", "IT"),
        weeks_since=7,
        expected=90.0,
        since=45.0,
        change=-45.0,
        interval=(-46.0, -44.0),
    )
    beside = told(msgspec.structs.replace(report_of(valued(), FIRST, LAST), phases=(phase,)), Words(language))
    table = next(each for each in beside.tables if "HR, IT" in each.caption)
    assert [row[1] for row in table.rows[:2]] == ["90", "45"]
    few = msgspec.structs.replace(report_of(valued(), FIRST, LAST), baseline=Baseline(launched=None, reason="no_launch"))
    assert "launched" in told(few, Words(language)).notes[-1]
