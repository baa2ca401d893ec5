"""The monthly report as the console gives it: a page to read and print, and files to go on with."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from proxy.console.api import ApiError, assistant_of, store_away
from proxy.console.parameters import only
from proxy.console.sources import Sources
from proxy.console.unanswered import Unavailable
from proxy.report import html, month
from proxy.report.compose import compose
from proxy.report.forms import FORMS
from proxy.report.gather import gather
from proxy.report.model import Facts
from proxy.settings.model import Assistant
from proxy.words.formats import Language

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
        only(request.query, _KNOWN)
        assistant = assistant_of(request.query, self._sources.settings.assistants)
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
        try:
            return await gather(self._sources.ledger, assistant, asked, today)
        except* Unavailable as error:
            raise store_away() from error
