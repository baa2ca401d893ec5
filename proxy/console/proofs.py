"""/api/v1/evidence and /api/v1/what-if: why a figure is what it is, and what it would be under other rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, get_args

import msgspec
from aiohttp import web

from proxy.console import periods
from proxy.console.api import ApiError, assistant_of, reply, store_away
from proxy.console.clerk import Clerk
from proxy.console.doors import Call, Door
from proxy.console.parameters import DATED, number
from proxy.console.periods import Period, PeriodError
from proxy.console.unanswered import Unavailable
from proxy.kpi.evidence import FORMULAS, SHOWN, Evidence, Page
from proxy.kpi.timeline import Timeline
from proxy.kpi.whatif import Comparison, Terms
from proxy.settings.model import Assistant, Returns
from proxy.settings.written import duration

LONGEST: Final = 92
"""Days of one period: a quarter of a busy assistant is some hundred thousand turns, and seconds of work."""

_WORDS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class ProofApi:
    """Handlers."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    def doors(self) -> Iterator[Door]:
        """Where they are, and what they answer: sessions, though nameless, are for auditors."""
        shown = Call(answers=(Evidence,), parameters=(*DATED, "kpi", "limit", "skip"))
        yield Door(path="/api/v1/evidence", handler=self.evidence, needs="auditor", call=shown)
        told = Call(answers=(Timeline,), parameters=(*DATED, "session"), needed=("session",))
        yield Door(path="/api/v1/session", handler=self.timeline, needs="auditor", call=told)
        again = Call(answers=(Comparison,), parameters=(*DATED, "idle", "settle", "assumed", "returns", "without", "trial"))
        yield Door(path="/api/v1/what-if", handler=self.what_if, needs="auditor", call=again)

    async def evidence(self, request: web.Request) -> web.Response:
        """What one figure of a period rests on; its sessions in pages, the newest first page first."""
        assistant, period = self._asked(request)
        kpi = request.query.get("kpi", "automation_rate")
        if kpi not in FORMULAS:
            raise ApiError(404, "kpi_unknown", f"{kpi[:60]!r} has no evidence", f"these have: {', '.join(sorted(FORMULAS))}")
        try:
            page = Page(skip=number("skip", request.query, 0), limit=number("limit", request.query, SHOWN))
            found = await self._clerk.evidence(assistant, kpi, period.first, period.last, page)
        except Unavailable as error:
            raise store_away() from error
        answer = reply(found)
        if found.left_out:
            older = request.rel_url.update_query(skip=page.skip + len(found.sessions))
            answer.headers["Link"] = f'<{older}>; rel="next"'  # RFC 8288
        return answer

    async def timeline(self, request: web.Request) -> web.Response:
        """One session of a period as it went, without a word of it."""
        assistant, period = self._asked(request)
        name = request.query.get("session", "")
        try:
            found = await self._clerk.timeline(assistant, name, period.first, period.last)
        except Unavailable as error:
            raise store_away() from error
        if found is None:
            raise ApiError(404, "session_unknown", "no session of this period has this name", "evidence lists the sessions")
        return reply(found)

    async def what_if(self, request: web.Request) -> web.Response:
        """A period's figures under other terms, beside those of the settings."""
        assistant, period = self._asked(request)
        terms = asked_terms(request.query, assistant)
        try:
            return reply(await self._clerk.what_if(assistant, period.first, period.last, terms))
        except Unavailable as error:
            raise store_away() from error

    def _asked(self, request: web.Request) -> tuple[Assistant, Period]:
        assistant = assistant_of(request.query, self._clerk.settings.assistants)
        try:
            period = periods.asked(request.query, assistant, self._clerk.now())
        except PeriodError as error:
            raise ApiError(400, "period", str(error), error.hint) from error
        if (period.last - period.first).days >= LONGEST:
            raise ApiError(
                400,
                "period",
                f"more than {LONGEST} days",
                "ask month by month; /api/v1/kpis?interval=month gives the figure of each",
            )
        return assistant, period


def asked_terms(query: Mapping[str, str], assistant: Assistant) -> Terms:
    """The settings' terms with those of a query laid over them; raises `ApiError`."""
    terms = Terms.of(assistant)
    for name in ("idle", "settle"):
        if name in query:
            try:
                seconds = duration(query[name])
            except ValueError as error:
                raise ApiError(400, "term", f"{name}: {error}", "write it as 30m, 24h or 3d") from error
            if not 1.0 <= seconds <= 30 * 86400:
                raise ApiError(400, "term", f"{name}: is not within 1 s and 30 days", "write it as 30m, 24h or 3d")
            terms = msgspec.structs.replace(terms, **{name: seconds})
    for name in ("assumed", "trial"):
        if name in query:
            if query[name].lower() not in _WORDS:
                raise ApiError(400, "term", f"{name}: {query[name][:20]!r} is neither yes nor no", "write yes or no")
            terms = msgspec.structs.replace(terms, **{name: _WORDS[query[name].lower()]})
    if (returns := query.get("returns")) is not None:
        if returns.lower() not in get_args(Returns):
            hint = f"write {', '.join(get_args(Returns))}"
            raise ApiError(400, "term", f"returns: {returns[:20]!r} is none of them", hint)
        terms = msgspec.structs.replace(terms, returns=returns.lower())
    without = tuple([each.strip() for each in query.get("without", "").split(",") if each.strip()])
    return msgspec.structs.replace(terms, without=without)
