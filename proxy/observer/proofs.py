"""Evidence and what-if for the console: traces out of the store, the sums made again beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date

from proxy.console.unanswered import Unavailable
from proxy.kpi.again import Span, remade
from proxy.kpi.evidence import Evidence, Page, evidence
from proxy.kpi.report import Figures
from proxy.kpi.rules import Rules
from proxy.kpi.timeline import Timeline, timeline
from proxy.kpi.trace import Trace, TracedTurn
from proxy.kpi.whatif import Comparison, Terms, column
from proxy.observer.reading import Reading
from proxy.settings.model import Assistant
from proxy.store.connect import AWAY
from proxy.store.traces import Traces


class Proofs:
    """Answers of one observer; raises `Unavailable` while the store is away."""

    def __init__(self, reading: Reading, traces: Traces, clock: Callable[[], float]) -> None:
        self._reading = reading
        self._traces = traces
        self._clock = clock

    async def evidence(self, assistant: Assistant, kpi: str, first: date, last: date, page: Page) -> Evidence:
        """Say what a figure rests on; raises KeyError for one that has no evidence."""
        figures = await self._reading.figures(assistant, first, last)
        rules, now = Rules.of(assistant), self._clock()
        traces, since = await self._read(assistant, rules, first, last, now)
        return await asyncio.to_thread(_evidence, assistant, kpi, figures, traces, since, Span(first, last, now), page)

    async def timeline(self, assistant: Assistant, session: str, first: date, last: date) -> Timeline | None:
        """Tell one session of a period; None when it has none of this name."""
        rules, now = Rules.of(assistant), self._clock()
        traces, _ = await self._read(assistant, rules, first, last, now)
        return await asyncio.to_thread(_told, assistant, session, traces, Span(first, last, now))

    async def what_if(self, assistant: Assistant, first: date, last: date, terms: Terms) -> Comparison:
        """Make a period again, under the settings' terms and under others."""
        rules, now = Rules.of(assistant), self._clock()
        farther = Rules(idle=max(rules.idle, terms.idle), settle=max(rules.settle, terms.settle))
        traces, since = await self._read(assistant, farther, first, last, now)
        return await asyncio.to_thread(_compared, assistant, traces, since, Span(first, last, now), terms)

    async def _read(
        self, assistant: Assistant, rules: Rules, first: date, last: date, now: float
    ) -> tuple[Sequence[Trace], date | None]:
        try:
            traces = await self._traces.of(assistant, rules, first, last, now)
            return traces, await self._traces.since(assistant, first, last)
        except AWAY as error:
            raise Unavailable(str(error)) from error


def _evidence(
    assistant: Assistant, kpi: str, figures: Figures, traces: Sequence[Trace], since: date | None, span: Span, page: Page
) -> Evidence:
    found = remade(traces, Rules.of(assistant), span)
    known = {trace.conversation for trace in traces if isinstance(trace, TracedTurn) and trace.known}
    return evidence(
        assistant.name,
        kpi,
        figures.kpis[kpi],
        found,
        zone=assistant.time_zone,
        days=(span.first.isoformat(), span.last.isoformat()),
        assumed=assistant.session.assumed,
        completeness=figures.completeness,
        unknown=sum(each.conversation not in known for each in found),
        traced_from=None if since is None else since.isoformat(),
        page=page,
    )


def _told(assistant: Assistant, session: str, traces: Sequence[Trace], span: Span) -> Timeline | None:
    found = remade(traces, Rules.of(assistant), span)
    return timeline(assistant.name, session, traces, found, assistant.time_zone)


def _compared(assistant: Assistant, traces: Sequence[Trace], since: date | None, span: Span, terms: Terms) -> Comparison:
    rules, targets = Rules.of(assistant), assistant.targets
    own, other = [column(traces, rules, span, each, targets) for each in (Terms.of(assistant), terms)]
    return Comparison(
        assistant=assistant.name,
        from_=span.first.isoformat(),
        to=span.last.isoformat(),
        time_zone=assistant.time_zone,
        traced_from=None if since is None else since.isoformat(),
        settings=own,
        instead=other,
    )
