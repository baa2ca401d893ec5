"""What a figure rests on, in words: the page of evidence, and one session as it went. Nothing that anybody said is in either."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import msgspec

from proxy.kpi.evidence import Evidence, Line
from proxy.kpi.outcome import OUTCOMES
from proxy.kpi.report import Measure, Series, Stretch
from proxy.kpi.timeline import Moment, Timeline
from proxy.words import formats, written
from proxy.words.catalogue import Words

LISTED: Final = 25
"""Sessions of a page: each is a link to what happened in it."""


def evidence(found: Evidence, words: Words) -> dict[str, Any]:
    """A figure with its definition, the sessions in it and beside it, the rules that spoke, and what is missing."""
    language = words.language
    notes = [words("evidence.same") if found.agrees else words("evidence.differs")]
    if found.traced_from is None:
        notes.append(words("evidence.untraced"))
    elif found.traced_from > found.from_:
        notes.append(words("evidence.traced", day=formats.full_day(date.fromisoformat(found.traced_from), language)))
    shares = [(words(f"basis.{stage}"), _share(share, words)) for stage, share in found.completeness.shares]
    return {
        "value": written.value(found.kpi, found.figure.value, language, found.figure.currency),
        "ledger": written.counted(found.figure, language),
        "definition": words(f"about.{found.kpi}"),
        "version": words("basis.definitions", version=found.definitions),
        "counts": [
            (words(f"evidence.{name}"), formats.number(count, language), words(f"evidence.{name}.about"))
            for name, count in (("counted", found.counted), ("considered", found.considered), ("excluded", found.excluded))
        ],
        "notes": notes,
        "rules": [(rule, formats.number(count, language)) for rule, count in found.rules.items()],
        "basis": [*shares, (words("evidence.unknown"), formats.number(found.unknown_users, language))],
        "sessions": [_line(line, words) for line in reversed(found.sessions)],
        "older": formats.number(found.left_out, language) if found.left_out else "",
    }


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """One month of a period that is too long for evidence; `from_` and `to` are "" where its turns are no longer kept."""

    name: str
    value: str
    counted: str
    from_: str = ""
    to: str = ""


def months(found: Series, kpi: str, kept: date, words: Words) -> list[Month]:
    """A figure month by month, the newest first; turns are kept from a day on."""
    return [_month(each, kpi, each.to >= kept.isoformat(), words) for each in reversed(found.series)]


def _month(each: Stretch, kpi: str, traced: bool, words: Words) -> Month:
    measure = each.kpis.get(kpi, Measure(value=None, reason="no_data"))
    return Month(
        name=formats.month(date.fromisoformat(each.from_), words.language),
        value=written.value(kpi, measure.value, words.language, measure.currency),
        counted=written.counted(measure, words.language) if measure.value is not None else words.reason(measure.reason),
        from_=each.from_ if traced else "",
        to=each.to if traced else "",
    )


def timeline(found: Timeline, words: Words) -> dict[str, Any]:
    """A session: when it began, how it ended, and what happened in between."""
    begins, language = datetime.fromisoformat(found.begins), words.language
    return {
        "session": found.session,
        "begins": f"{formats.full_day(begins.date(), language)}, {begins:%H:%M}",
        "outcome": _outcome(found.outcome, words),
        "turns": formats.number(found.turns, language),
        "channel": found.channel,
        "moments": [_moment(moment, words) for moment in found.moments],
        "left_out": formats.number(found.left_out, language) if found.left_out else "",
    }


def _line(line: Line, words: Words) -> dict[str, Any]:
    language = words.language
    return {
        "session": line.session,
        "day": formats.full_day(date.fromisoformat(line.day), language),
        "outcome": _outcome(line.outcome, words),
        "turns": formats.number(line.turns, language),
        "part": words("evidence.in") if line.hits else words("evidence.beside") if line.n else words("evidence.out"),
        "rules": ", ".join(line.rules),
    }


def _moment(moment: Moment, words: Words) -> dict[str, str]:
    language = words.language
    times = ((words("moment.first"), moment.first_text), (words("moment.whole"), moment.duration))
    return {
        "after": f"+{formats.seconds(moment.after, language)}" if moment.after else words("moment.begins"),
        "kind": words(f"moment.{moment.kind}"),
        "result": words(f"moment.rated.{moment.result}" if moment.kind == "rating" else f"moment.result.{moment.result}"),
        "times": ", ".join(f"{said} {formats.seconds(seconds, language)}" for said, seconds in times if seconds is not None),
        "rules": ", ".join(moment.rules),
    }


def _outcome(name: str, words: Words) -> str:
    return words(f"outcome.{name}") if name in OUTCOMES else words("outcome.open")


def _share(share: float | None, words: Words) -> str:
    return words("basis.none") if share is None else formats.percent(share, words.language)
