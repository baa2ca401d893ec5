"""Why a figure is what it is: its definition, the sessions in it and beside it, the rules that spoke, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from proxy.kpi.again import Remade
from proxy.kpi.calendar import day
from proxy.kpi.outcome import OUTCOMES
from proxy.kpi.report import DEFINITIONS, Completeness, Measure

SHOWN: Final = 1000
"""Sessions listed at once; the counts are of all."""

_SETTLED: Final = tuple([f"settled:{name}" for name in OUTCOMES if name != "excluded"])
_RATINGS: Final = tuple([f"rating:{scale}:{word}" for scale in ("binary", "five", "ten") for word in ("yes", "no", "neutral")])
_TYPED: Final = tuple([cell.replace("rating:", "typed:") for cell in _RATINGS])
_DECIDED: Final = ("sentiment:negative", "sentiment:neutral", "sentiment:positive")


class Formula(msgspec.Struct, frozen=True):
    """A figure as sums of the ledger's cells (proxy.kpi.sums): hits over n."""

    definition: str
    hits: tuple[str, ...]
    n: tuple[str, ...] = _SETTLED


_HANDED: Final = ("settled:handed_over",)
FORMULAS: Final[Mapping[str, Formula]] = {
    "automation_rate": Formula(
        "sessions resolved (confirmed or, where that counts, assumed) / settled sessions without the excluded",
        ("settled:resolved_confirmed", "settled:resolved_assumed"),
    ),
    "automation_rate_confirmed": Formula(
        "sessions with a good rating or thanks after the last answer / settled sessions without the excluded",
        ("settled:resolved_confirmed",),
    ),
    "containment_rate": Formula(
        "sessions not handed over / settled sessions without the excluded",
        tuple([cell for cell in _SETTLED if cell not in _HANDED]),
    ),
    "handover_rate": Formula("sessions handed over at least once / settled sessions without the excluded", _HANDED),
    "handover_request_rate": Formula(
        "sessions in which a human was asked for / settled sessions without the excluded", ("settled:requested",)
    ),
    "abandonment_rate": Formula(
        "sessions left before an answer, without the human asked for, on a bad rating, or come back to / settled ones",
        ("settled:abandoned",),
    ),
    "failure_rate": Formula("sessions whose last answer was an error / settled ones", ("settled:failed",)),
    "no_answer_rate": Formula("sessions that ended without an answer / settled ones", ("settled:no_answer",)),
    "recontact_rate": Formula(
        "sessions whose user said something to any assistant before they settled / sessions resolved but for that",
        ("returned:recontact",),
        ("settled:resolved_confirmed", "settled:resolved_assumed", "returned:revoked"),
    ),
    "durable_resolution_rate": Formula(
        "those whose user said nothing to any assistant for seven days / resolved sessions of known users of which they are over",
        ("durable:yes",),
        ("durable:n",),
    ),
    "csat_response_rate": Formula("sessions with a rating / settled ones", ("settled:rated",)),
    "csat": Formula(
        "good ratings / all ratings of answers, the last one of each person per answer",
        tuple([cell for cell in _RATINGS if cell.endswith(":yes")]),
        _RATINGS,
    ),
    "answer_precision_explicit": Formula(
        "answers whose last rating is good / answers whose last rating is good or bad",
        ("precision:explicit:correct",),
        ("precision:explicit:correct", "precision:explicit:wrong"),
    ),
    "answer_precision_signals": Formula(
        "answers after which no signal spoke against them / answers that this tells of",
        ("precision:signals:correct",),
        ("precision:signals:correct", "precision:signals:wrong"),
    ),
    "reformulation_rate": Formula(
        "answers after which the same was asked again within two minutes / answers judged by signals",
        ("signal:repeated", "signal:reformulated"),
        ("precision:signals:correct", "precision:signals:wrong"),
    ),
    "typed_satisfaction": Formula(
        "good ratings typed into the chat / all ratings typed into the chat",
        tuple([cell for cell in _TYPED if cell.endswith(":yes")]),
        _TYPED,
    ),
    "sentiment_negative": Formula(
        "messages that sound negative / messages of which the rules decide how they sound", ("sentiment:negative",), _DECIDED
    ),
    "sentiment_undecided": Formula(
        "messages of which the rules do not decide how they sound / all that they judged",
        ("sentiment:undecided",),
        (*_DECIDED, "sentiment:undecided"),
    ),
    "response_time": Formula(
        "mean seconds from the last byte of a question to the last byte of its complete answer (hits are microseconds)",
        ("response:us",),
        ("response:n",),
    ),
    "response_time_within_target": Formula(
        "complete answers faster than the target / all complete answers", ("response:within",), ("response:n",)
    ),
    "availability": Formula(
        "turns that the assistant was up for / turns without 4xx answers and those that clients broke off", ("good",), ("valid",)
    ),
    "turns": Formula("user messages", ("turns",), ("turns",)),
}
"""The figures that have evidence. People are sets of hashes without sessions, and have none."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Which sessions are listed: the newest `limit` of those that are left without the newest `skip`."""

    skip: int = 0
    limit: int = SHOWN


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One session: a hash that names it here alone, its day, and what it adds to the figure."""

    session: str
    day: str
    outcome: str
    hits: int
    n: int
    turns: int
    rules: tuple[str, ...]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Of one figure of one period. `traced_from` is the first day of which there are traces; before it nothing is listed."""

    assistant: str
    kpi: str
    from_: str = msgspec.field(name="from")
    to: str
    time_zone: str
    definitions: str = DEFINITIONS
    definition: str
    figure: Measure  # of the ledger
    hits: int  # of the traces
    n: int
    agrees: bool  # whether ledger and traces say the same
    counted: int  # sessions that are hits
    considered: int  # sessions in the denominator, hits included
    excluded: int  # sessions beside it: without a user message, not yet settled, or without what the figure asks for
    rules: dict[str, int]  # rules by the sessions that they hit in
    completeness: Completeness
    unknown_users: int  # sessions of nobody known
    traced_from: str | None
    sessions: tuple[Line, ...]
    left_out: int  # sessions not listed, older than those that are


def evidence(
    assistant: str,
    kpi: str,
    figure: Measure,
    found: Sequence[Remade],
    *,
    zone: str,
    days: tuple[str, str],
    assumed: bool,
    completeness: Completeness,
    unknown: int,
    traced_from: str | None,
    page: Page,
) -> Evidence:
    """Put it together; raises KeyError for a figure that has none."""
    formula = FORMULAS[kpi]
    hits = tuple([cell for cell in formula.hits if assumed or kpi != "automation_rate" or cell != "settled:resolved_assumed"])
    lines = [_line(each, hits, formula.n, zone) for each in found]
    top, bottom = sum([line.hits for line in lines]), sum([line.n for line in lines])
    end = max(0, len(lines) - page.skip)
    return Evidence(
        assistant=assistant,
        kpi=kpi,
        from_=days[0],
        to=days[1],
        time_zone=zone,
        definition=formula.definition,
        figure=figure,
        hits=top,
        n=bottom,
        agrees=_agrees(figure, top, bottom),
        counted=sum(line.hits > 0 for line in lines),
        considered=sum(line.n > 0 for line in lines),
        excluded=sum(line.n == 0 for line in lines),
        rules=dict(Counter([rule for line in lines for rule in line.rules]).most_common()),
        completeness=completeness,
        unknown_users=unknown,
        traced_from=traced_from,
        sessions=tuple(lines[max(0, end - page.limit) : end]),
        left_out=max(0, end - page.limit),
    )


def session_name(each: Remade) -> str:
    """Name a session here alone: its conversation can't be found by it."""
    return blake2b(f"{each.conversation}/{each.session.progress.first}".encode(), digest_size=8).hexdigest()


def _line(each: Remade, hits: Iterable[str], n: Iterable[str], zone: str) -> Line:
    session = each.session
    return Line(
        session=session_name(each),
        day=day(zone, session.progress.first),
        outcome=session.outcome or "open",
        hits=sum([each.cells.get(cell, 0) for cell in hits]),
        n=sum([each.cells.get(cell, 0) for cell in n]),
        turns=session.progress.turns,
        rules=each.rules,
    )


def _agrees(figure: Measure, hits: int, n: int) -> bool:
    if figure.denominator is not None:
        return (figure.numerator, figure.denominator) == (hits, n)
    if figure.n is not None:
        return figure.n == n
    return (figure.value or 0) == hits  # nothing is known, and nothing was counted, of what nobody chose to know
