"""What a page shows, as files: each chart as SVG, each table as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import msgspec
from aiohttp import web

from proxy.access.roles import Reader
from proxy.charts.style import alone
from proxy.console import below, crowds, overview, times
from proxy.console.api import ApiError, store_away
from proxy.console.choice import Choice
from proxy.console.clerk import Clerk
from proxy.console.panels import Panel, Table
from proxy.console.reader import read
from proxy.console.unanswered import Unavailable
from proxy.report import tables
from proxy.words.catalogue import Words

TABLES = ("assistants", "groups")
"""Tables of pages that are no views."""


class Downloads:
    """Handlers of /chart.svg and /table.csv; both take what a page's address takes, its view, and which panel it is.

    Files are made of the same readings as pages: who reads one department has no more in a file than on a page.
    """

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    async def chart(self, reader: Reader, choice: Choice, panel: str | None, words: Words) -> web.Response:
        """The drawing of a panel; without one, the chart of the chosen figure."""
        found = await _panel(self._clerk.of(reader.department), choice, panel, words)
        if found.wide is None:
            raise ApiError(404, "chart_empty", "there is nothing to draw", "choose another period, or take the table")
        return self._file(alone(found.wide), "image/svg+xml", choice, f"{found.name}.svg")

    async def table(self, reader: Reader, choice: Choice, panel: str | None, words: Words) -> web.Response:
        """The table of a panel; without one, of the chart of the chosen figure."""
        clerk = self._clerk.of(reader.department)
        if panel == "assistants":
            found = overview.table(await _all(clerk, choice))
        elif panel == "groups":
            found = await _groups(clerk, choice)
        else:
            found = (await _panel(clerk, choice, panel, words)).table
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(found.names)
        writer.writerows([tables.safe(value) for value, _ in row] for row in found.rows)
        return self._file(out.getvalue(), "text/csv", choice, f"{panel or choice.kpi}.csv")

    def _file(self, text: str, content_type: str, choice: Choice, ending: str) -> web.Response:
        period = choice.period(self._clerk.now())
        name = f"{choice.assistant.name}-{period.first}-{period.last}-{ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return web.Response(text=text, content_type=content_type, charset="utf-8", headers=headers)


async def _panel(clerk: Clerk, choice: Choice, panel: str | None, words: Words) -> Panel:
    if panel is not None and panel not in choice.view.panels:
        known = ", ".join((*choice.view.panels, *TABLES))
        raise ApiError(404, "panel_unknown", f"there is no {panel[:40]!r} on this page", f"these are: {known}")
    try:
        found = await read(clerk, choice, clerk.now())
    except* Unavailable as error:
        raise store_away() from error
    if panel is None:
        return times.main(choice.kpi, found, words)
    return below.panel(next(name for name in choice.view.panels if name == panel), found, words)


async def _all(clerk: Clerk, choice: Choice) -> Sequence[overview.Row]:
    now = clerk.now()
    try:
        return await overview.read(
            clerk,
            clerk.settings.assistants,
            lambda each: msgspec.structs.replace(choice, assistant=each).period(now),
        )
    except* Unavailable as error:
        raise store_away() from error


async def _groups(clerk: Clerk, choice: Choice) -> Table:
    period = choice.period(clerk.now())
    try:
        found = await clerk.breakdown(choice.assistant, choice.by, period.first, period.last)
    except Unavailable as error:
        raise store_away() from error
    return crowds.rows_for_file(found)
