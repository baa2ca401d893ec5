"""What to improve first: the themes that got no answer, where they are kept and are of the month's own time."""

from __future__ import annotations

from datetime import date
from typing import Final

from proxy.report.model import Facts, Table
from proxy.words import formats
from proxy.words.catalogue import Words

SHOWN: Final = 10
"""Themes on the owner's page: more than anybody works on in a month."""


def table(facts: Facts, words: Words) -> Table | None:
    """The themes of most people; None where there are none of this month."""
    found, month = facts.topics, facts.month
    if found is None or not found.topics or found.to < month.first.isoformat() or found.from_ > month.last.isoformat():
        return None
    language = words.language
    rows = [
        (" · ".join(each.words), formats.number(each.people, language), formats.number(each.turns, language))
        for each in found.topics[:SHOWN]
    ]
    first, last = date.fromisoformat(found.from_), date.fromisoformat(found.to)
    weeks = words("range", first=formats.day(first, language), last=formats.full_day(last, language))
    caption = words("report.topics", weeks=weeks, people=formats.number(found.smallest, language))
    return Table(caption, (words("topics.theme"), words("topics.people"), words("turns")), tuple(rows))
