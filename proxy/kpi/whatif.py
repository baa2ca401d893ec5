"""What a past period's figures would be under other rules: the same turns and ratings, cut, settled and judged anew."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from proxy.kpi.again import Span, remade, total
from proxy.kpi.measures import csat, outcomes, session_measures, turn_measures
from proxy.kpi.report import Measure
from proxy.kpi.rules import Rules
from proxy.kpi.trace import Trace
from proxy.settings.model import Assistant, Returns, Targets


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What figures may be made again under. Times in seconds; `without` names rules, or files of rules, that are left out."""

    idle: float
    settle: float
    assumed: bool  # an assumed resolution counts as automated
    returns: Returns  # where who comes back before a session settled was not served by it
    without: tuple[str, ...] = ()
    trial: bool = False  # the rules of markers.trial apply, too

    @classmethod
    def of(cls, assistant: Assistant) -> Terms:
        """Take the terms of the settings."""
        session = assistant.session
        return cls(idle=session.idle, settle=session.settle, assumed=session.assumed, returns=session.returns)


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """Figures under some terms."""

    terms: Terms
    kpis: dict[str, Measure]
    outcomes: dict[str, int]
    open_sessions: int


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The settings' terms and others, over the same traces."""

    assistant: str
    from_: str = msgspec.field(name="from")
    to: str
    time_zone: str
    traced_from: str | None  # the first day of which there are traces
    settings: Column
    instead: Column


def column(traces: Iterable[Trace], rules: Rules, span: Span, terms: Terms, targets: Targets) -> Column:
    """Make a period's figures again under some terms. Turns without a conversation are in no session, and not in these."""
    rules = msgspec.structs.replace(rules, idle=terms.idle, settle=terms.settle, returns=terms.returns)
    sums = total(remade(traces, rules, span, frozenset(terms.without), trial=terms.trial))
    return Column(
        terms=terms,
        kpis={
            **session_measures(sums, targets, assumed=terms.assumed, provisional=False),
            **turn_measures(sums, targets),
            "csat": csat(sums, targets),
        },
        outcomes=outcomes(sums, "settled"),
        open_sessions=sum(outcomes(sums, "open").values()),
    )
