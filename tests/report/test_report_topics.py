"""The owner's page says what gets no answer, where that is known of its month."""

import msgspec
import pytest

from proxy.kpi.topics import Topic, Topics
from proxy.report import markdown
from proxy.report.compose import compose
from proxy.report.lacking import SHOWN
from proxy.report.model import Facts

FOUND = Topics(
    from_="2026-10-05",
    to="2026-11-02",
    kept=True,
    smallest=10,
    topics=[Topic(words=["conge", f"w{at}"], people=30 - at, turns=40) for at in range(15)],
    hidden=4,
)


def tables(facts: Facts, topics: Topics | None) -> dict[str, int]:
    """Give the audiences whose page has a table of themes, with its rows."""
    report = compose(msgspec.structs.replace(facts, topics=topics), "en")
    return {
        page.audience: len(table.rows) for page in report.pages for table in page.tables if "What to improve" in table.caption
    }


def test_the_owner_reads_the_themes_of_most_people(facts: Facts):
    assert tables(facts, FOUND) == {"owner": SHOWN}
    text = markdown.markdown(compose(msgspec.structs.replace(facts, topics=FOUND), "fr"))
    assert "À améliorer d’abord" in text
    assert "conge · w0" in text


@pytest.mark.parametrize(
    "topics",
    [
        None,
        msgspec.structs.replace(FOUND, topics=[]),
        msgspec.structs.replace(FOUND, from_="2026-11-02", to="2026-12-01"),
        msgspec.structs.replace(FOUND, from_="2026-08-03", to="2026-09-30"),
    ],
)
def test_without_themes_of_the_month_there_is_no_table(facts: Facts, topics: Topics | None):
    assert tables(facts, topics) == {}
