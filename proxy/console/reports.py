"""The monthly report as the console gives it: a page to read and print, and files to go on with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from proxy.console.api import ApiError, assistant_of, store_away
from proxy.console.sources import Sources, Unavailable
from proxy.report import html, markdown, month, tables
from proxy.report.compose import compose
from proxy.report.model import Facts, Report
from proxy.settings.model import Assistant
from proxy.words.formats import Language


class _Form(msgspec.Struct, frozen=True):
    """A way to write a report down."""

    content_type: str
    write: Callable[[Report], bytes]
    kept: bool  # a file for the disk rather than a page for the browser


FORMS: Final = {
    "html": _Form("text/html", lambda report: html.html(report).encode(), kept=False),
    "md": _Form("text/markdown", lambda report: markdown.markdown(report).encode(), kept=True),
    "csv": _Form("text/csv", lambda report: tables.text(report).encode(), kept=True),
    "xlsx": _Form("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", tables.workbook, kept=True),
}
"""PDF is made by the command: setting it takes seconds of the processor, which here belong to the traffic's records."""

_KNOWN: Final = ("assistant", "month", "lang", "format")


class Reports:
    """Handler of /report."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def report(self, request: web.Request, language: Language) -> web.Response:
        """Give the report of `month` (default: the last whole one) about `assistant` as `format` (default: html)."""
        form = FORMS.get(request.query.get("format", "html"))
        if form is None:
            hint = f"the formats are: {', '.join(FORMS)}; for PDF there is kpi-proxy report"
            raise ApiError(400, "format", "there is no such format", hint)
        assistant = assistant_of(request, self._sources.settings.assistants, _KNOWN)
        facts = await self._facts(assistant, request.query.get("month"))
        report = compose(facts, language)
        headers = {"Cache-Control": "no-store", "Content-Language": language, "Vary": "Accept-Language"}
        if form.kept:
            headers["Content-Disposition"] = f'attachment; filename="report-{report.month}.{request.query["format"]}"'
        else:
            headers["Content-Security-Policy"] = html.policy()
        return web.Response(body=form.write(report), content_type=form.content_type, charset="utf-8", headers=headers)

    async def _facts(self, assistant: Assistant, text: str | None) -> Facts:
        today = self._sources.now().astimezone(ZoneInfo(assistant.time_zone)).date()
        try:
            asked = month.of(today).before if text is None else month.read(text)
        except ValueError as error:
            raise ApiError(400, "month", "this is no month", str(error)) from error
        if asked.first > today:
            raise ApiError(400, "month", f"{asked} has not begun", f"the running month is {month.of(today)}")
        ledger = self._sources.ledger
        try:
            async with asyncio.TaskGroup() as group:
                figures = group.create_task(ledger.figures(assistant, asked.first, asked.last))
                before = group.create_task(ledger.figures(assistant, asked.before.first, asked.before.last))
                days = group.create_task(ledger.days(assistant, asked.first, asked.last))
        except* Unavailable as error:
            raise store_away() from error
        return Facts(
            month=asked,
            today=today,
            launched=None if assistant.launched is None else date.fromisoformat(assistant.launched),
            figures=figures.result(),
            before=before.result(),
            days=days.result(),
        )
