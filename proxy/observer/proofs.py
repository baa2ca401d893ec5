"""Evidence and what-if for the console: traces out of the store, the sums made again beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date

from proxy.console.unanswered import Unavailable
from proxy.kpi.again import Span, remade
from proxy.kpi.calendar import day
from proxy.kpi.evidence import Evidence, Page, evidence, session_name
from proxy.kpi.report import Figures
from proxy.kpi.rules import Rules
from proxy.kpi.timeline import Timeline, timeline
from proxy.kpi.trace import Trace, TracedTurn
from proxy.kpi.whatif import Comparison, Terms, column
from proxy.observer.lastmade import LastMade, Made
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
        self._last = LastMade()
        self._making = asyncio.Lock()  # who asks for the same at once waits for the first, and the processor is asked for one

    async def evidence(self, assistant: Assistant, kpi: str, first: date, last: date, page: Page) -> Evidence:
        """Say what a figure rests on; raises KeyError for one that has no evidence."""
        made = await self._made(assistant, first, last)
        return await asyncio.to_thread(_evidence, assistant, kpi, made, page)

    async def timeline(self, assistant: Assistant, session: str, first: date, last: date) -> Timeline | None:
        """Tell one session of a period; None when it has none of this name."""
        made = await self._made(assistant, first, last)
        each = next((each for each in made.found if session_name(each) == session), None)
        if each is None:
            return None
        progress, zone = each.session.progress, assistant.time_zone
        begins, ends = (date.fromisoformat(day(zone, at)) for at in (progress.first, progress.end))
        traces, _ = await self._read(assistant, Rules.of(assistant), begins, ends, self._clock())
        return timeline(assistant.name, each, traces, zone)

    async def what_if(self, assistant: Assistant, first: date, last: date, terms: Terms) -> Comparison:
        """Make a period again, under the settings' terms and under others."""
        rules, now = Rules.of(assistant), self._clock()
        farther = Rules(idle=max(rules.idle, terms.idle), settle=max(rules.settle, terms.settle))
        traces, since = await self._read(assistant, farther, first, last, now)
        return await asyncio.to_thread(_compared, assistant, traces, since, Span(first, last, now), terms)

    async def _made(self, assistant: Assistant, first: date, last: date) -> Made:
        """Make a period again, or give what was made of it when the ledger said the same."""
        async with self._making:
            figures = await self._reading.figures(assistant, first, last)
            if (known := self._last.of(assistant.name, first, last, figures)) is not None:
                return known
            rules, now = Rules.of(assistant), self._clock()
            traces, since = await self._read(assistant, rules, first, last, now)
            made = await asyncio.to_thread(_made, assistant, figures, traces, since, Span(first, last, now))
            self._last.keep(made)
            return made

    async def _read(
        self, assistant: Assistant, rules: Rules, first: date, last: date, now: float
    ) -> tuple[Sequence[Trace], date | None]:
        try:
            traces = await self._traces.of(assistant, rules, first, last, now)
            return traces, await self._traces.since(assistant, first, last)
        except AWAY as error:
            raise Unavailable(str(error)) from error


def _made(assistant: Assistant, figures: Figures, traces: Sequence[Trace], since: date | None, span: Span) -> Made:
    found = remade(traces, Rules.of(assistant), span)
    known = {trace.conversation for trace in traces if isinstance(trace, TracedTurn) and trace.known}
    unknown = sum(each.conversation not in known for each in found)
    return Made(assistant=assistant.name, span=span, figures=figures, found=found, unknown=unknown, since=since)


def _evidence(assistant: Assistant, kpi: str, made: Made, page: Page) -> Evidence:
    return evidence(
        assistant.name,
        kpi,
        made.figures.kpis[kpi],
        made.found,
        zone=assistant.time_zone,
        days=(made.span.first.isoformat(), made.span.last.isoformat()),
        assumed=assistant.session.assumed,
        completeness=made.figures.completeness,
        unknown=made.unknown,
        traced_from=None if made.since is None else made.since.isoformat(),
        page=page,
    )


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
