"""What a page shows, as files: its chart as SVG, the table behind it as CSV."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Final

from aiohttp import web

from proxy.charts.style import alone
from proxy.console import periods, views
from proxy.console.api import store_away
from proxy.console.pages import Choice
from proxy.console.periods import Period
from proxy.console.sources import Sources, Unavailable
from proxy.words.catalogue import Words

COLUMNS: Final = ("date", "value", "numerator", "denominator", "n", "low", "high", "state")
"""Names in the manner of the API; shares are 0..1 and times seconds."""


class Downloads:
    """Handlers of /chart.svg and /table.csv; both take what a page's address takes."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def chart(self, choice: Choice, words: Words) -> web.Response:
        """The chart of the chosen figure."""
        period = self._period(choice)
        ledger, assistant = self._sources.ledger, choice.assistant
        try:
            async with asyncio.TaskGroup() as group:
                figures = group.create_task(ledger.figures(assistant, period.first, period.last))
                days = group.create_task(ledger.days(assistant, period.first, period.last))
                past = group.create_task(ledger.days(assistant, period.before.first, period.before.last))
        except* Unavailable as error:
            raise store_away() from error
        drawn = views.chart(choice.kpi, figures.result(), days.result(), past.result(), words)
        return _file(alone(drawn["wide"]), "image/svg+xml", choice, "svg")

    async def table(self, choice: Choice) -> web.Response:
        """The chosen figure of each day."""
        period = self._period(choice)
        try:
            days = await self._sources.ledger.days(choice.assistant, period.first, period.last)
        except Unavailable as error:
            raise store_away() from error
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for day in days:
            measure = day.kpis.get(choice.kpi)
            if measure is None or measure.value is None:
                continue
            low, high = measure.interval or (None, None)
            state = "provisional" if measure.provisional else "settled"
            writer.writerow([day.date, measure.value, measure.numerator, measure.denominator, measure.n, low, high, state])
        return _file(out.getvalue(), "text/csv", choice, "csv")

    def _period(self, choice: Choice) -> Period:
        return periods.last_days(choice.days, choice.assistant, self._sources.now())


def _file(text: str, content_type: str, choice: Choice, ending: str) -> web.Response:
    name = f"{choice.assistant.name}-{choice.kpi}-{choice.days}d.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(text=text, content_type=content_type, headers=headers)
