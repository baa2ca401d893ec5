"""Figures without a target: held against the month before or against what they rest on, and never beyond what is known."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from proxy.kpi.report import Measure
from proxy.kpi.shares import share
from proxy.report import course
from proxy.report.compose import compose
from proxy.report.html import html
from proxy.report.model import Facts
from proxy.report.month import Month
from proxy.settings.model import Assistant
from proxy.words.catalogue import CATALOGUE, Words
from proxy.words.formats import LANGUAGES, Language
from tests.kpi.worths import VALUED, report_of
from tests.report.conftest import OCTOBER

ENGLISH = Words("en")


def with_months(facts: Facts, name: str, now: Measure, before: Measure | None = None) -> Facts:
    months = [
        msgspec.structs.replace(figures, kpis=figures.kpis if measure is None else {**figures.kpis, name: measure})
        for figures, measure in ((facts.figures, now), (facts.before, before))
    ]
    return msgspec.structs.replace(facts, figures=months[0], before=months[1])


def valued(facts: Facts, **assumed: object) -> Facts:
    (assumptions,) = VALUED.assumptions
    value = msgspec.structs.replace(VALUED, assumptions=(msgspec.structs.replace(assumptions, **assumed),))
    found = report_of(Assistant(upstream="http://a", value=value), OCTOBER.first, OCTOBER.last)
    figures = msgspec.structs.replace(facts.figures, kpis={**facts.figures.kpis, **found.kpis})
    return msgspec.structs.replace(facts, figures=figures, value=found)


@pytest.mark.parametrize("name", course.STEADY)
@pytest.mark.parametrize(
    ("before", "said"),
    [
        (Measure(value=None), "no month before"),
        (share(9900, 10000), "beyond chance: "),
        (share(500, 10000), "beyond chance."),
        (share(90, 100), "may be chance"),
    ],
)
def test_a_share_is_held_against_the_month_before(facts: Facts, name: str, before: Measure, said: str) -> None:
    changed = with_months(facts, name, share(9000, 10000), before)
    assert "90.0%" in course.means(name, changed, ENGLISH)
    assert "1,000" in course.means(name, changed, ENGLISH)
    assert said in course.what_next(name, changed, ENGLISH)


@pytest.mark.parametrize("name", [*course.STEADY, *course.WORTH])
def test_what_is_not_there_gives_its_reason_and_no_advice(facts: Facts, name: str) -> None:
    changed = with_months(facts, name, Measure(value=None, reason="no_data"))
    assert course.means(name, changed, ENGLISH).startswith("No figure: ")
    assert course.what_next(name, changed, ENGLISH) == ""


@pytest.mark.parametrize(
    ("contact", "displacement", "means", "what_next"),
    [
        (6.0, 0.8, "saved more than it cost", "even where the assumptions are read at their worst"),
        (6.0, (0.1, 0.8, 0.9), "saved more than it cost", "make it a loss"),
        (0.01, 0.8, "cost more than it saved", "it breaks even at"),
    ],
)
def test_a_return_is_as_sure_as_its_assumptions(
    facts: Facts, contact: float, displacement: object, means: str, what_next: str
) -> None:
    changed = valued(facts, contact_cost=contact, displacement=displacement, triage=0.0)
    assert means in course.means("roi", changed, ENGLISH)
    assert what_next in course.what_next("roi", changed, ENGLISH)


def test_the_largest_part_of_the_cost_is_named(facts: Facts) -> None:
    changed = valued(facts)
    assert changed.value.cost["fixed"] == max(changed.value.cost[part] or 0.0 for part in ("tokens", "platform", "fixed"))
    assert course.what_next("cost_per_automated_session", changed, ENGLISH).startswith("what is paid by the month is the largest")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_cio_and_cfo_speak_where_there_is_something_to_say(facts: Facts, language: Language) -> None:
    said = {page.audience: [finding.row.name for finding in page.findings] for page in compose(valued(facts), language).pages}
    assert (said["cio"], said["cfo"]) == ([*course.STEADY], [*course.WORTH])
    unset = {page.audience: page for page in compose(facts, language).pages}
    assert (unset["cfo"].findings, [row.name for row in unset["cfo"].rows]) == ((), ["sessions", "automation_rate"])


def test_managers_see_departments_and_of_small_ones_the_name_alone(facts: Facts) -> None:
    pages = {page.audience: page for page in compose(facts, "en").pages}
    (table,) = pages["manager"].tables
    assert table.caption == "By department, 28\u00a0Sep to 1\u00a0Nov\u00a02026"
    assert table.rows == (
        ("HR", "90.0%", "–", "400", "–"),
        ("Sales", "30.0%", "17", "–", "–"),
        ("Law | <i>", "hidden: too few people", "–", "–", "–"),
    )
    assert "Law | &lt;i&gt;" in html(compose(facts, "en"))
    small = [msgspec.structs.replace(group, hidden=True) for group in facts.departments.groups]
    hidden = compose(msgspec.structs.replace(facts, departments=msgspec.structs.replace(facts.departments, groups=small)), "en")
    (page,) = [page for page in hidden.pages if page.audience == "manager"]
    assert (page.tables, page.notes) == ((), (CATALOGUE["report.departments.hidden"][0],))
    nobody = msgspec.structs.replace(facts.departments, groups=facts.departments.groups[:1])
    without = compose(msgspec.structs.replace(facts, departments=nobody), "en")
    (page,) = [page for page in without.pages if page.audience == "manager"]
    assert (page.tables, page.notes) == ((), ())


def test_departments_are_of_the_whole_weeks_of_a_month() -> None:
    assert OCTOBER.weeks == (date(2026, 10, 5), date(2026, 10, 25))
    assert Month(2027, 2).weeks == (date(2027, 2, 1), date(2027, 2, 28))


def test_a_figure_that_nobody_chose_is_no_line(facts: Facts) -> None:
    for reason, lines in (("unset", 0), ("no_data", 1)):
        report = compose(with_months(facts, "nps", Measure(value=None, reason=reason)), "en")
        assert sum(row.name == "nps" for page in report.pages for row in page.rows) == lines
