"""The JSON API: figures in their one shape, errors as JSON with a hint."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from proxy.console import periods
from proxy.console.departments import seen_by
from proxy.console.periods import PeriodError
from proxy.console.readers import READER
from proxy.console.sources import Sources, Unavailable
from proxy.console.status import status
from proxy.console.wishes import Wish, WishError, wished
from proxy.kpi.groups import DIMENSIONS
from proxy.kpi.report import Breakdown, Day, Figures, Measure, Series, Stretch
from proxy.settings.model import Assistant

_DATED: Final = frozenset({"assistant", "from", "to"})
_NARROWED: Final = _DATED | {*DIMENSIONS, "by", "interval"}


class ApiError(Exception):
    """An answer that is no figure."""

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.hint = hint


def failure(error: ApiError) -> web.Response:
    """An error as JSON."""
    return reply({"error": {"code": error.code, "message": str(error), "hint": error.hint}}, error.status)


def reply(content: Any, status: int = 200) -> web.Response:
    """A JSON answer; figures change, so nobody keeps them."""
    return web.Response(
        body=msgspec.json.encode(content),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


class Api:
    """Handlers of /api/v1."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def kpis(self, request: web.Request) -> web.Response:
        """All measures of an assistant over a period: of everything or of a group, by group, or as a series."""
        assistant, period = self._asked(request, _NARROWED)
        try:
            wish = wished(request.query)
        except WishError as error:
            raise ApiError(400, "group", str(error), error.hint) from error
        ledger, days = seen_by(self._sources.ledger, request[READER].department), (period.first, period.last)
        try:
            if wish.by is not None:
                return reply(_groups(await ledger.breakdown(assistant, wish.by, *days, wish.scope), wish))
            if wish.interval is not None:
                return reply(_series(await ledger.series(assistant, wish.interval, *days, wish.scope), assistant, period, wish))
            return reply({**shape(await ledger.figures(assistant, *days, wish.scope)), **dict(wish.scope)})
        except Unavailable as error:
            raise store_away() from error

    async def days(self, request: web.Request) -> web.Response:
        """The measures of each day of a period."""
        assistant, period = self._asked(request)
        try:
            days = await self._sources.ledger.days(assistant, period.first, period.last)
        except Unavailable as error:
            raise store_away() from error
        return reply(
            {
                "assistant": assistant.name,
                "from": period.first,
                "to": period.last,
                "time_zone": assistant.time_zone,
                "days": [_day(day) for day in days],
            }
        )

    async def retention(self, request: web.Request) -> web.Response:
        """Of the people of each week, how many came back in the weeks after."""
        assistant = assistant_of(request, self._sources.settings.assistants, ("assistant",))
        try:
            cohorts = await self._sources.ledger.retention(assistant)
        except Unavailable as error:
            raise store_away() from error
        shown = [{"week": each.week, **_measures({"people": each.people}), "later": _listed(each.later)} for each in cohorts]
        return reply({"assistant": assistant.name, "time_zone": assistant.time_zone, "cohorts": shown})

    async def assistants(self, request: web.Request) -> web.Response:
        """The assistants behind this proxy."""
        _only(request, ())
        return reply(
            {
                "assistants": [
                    {
                        "name": assistant.name,
                        "time_zone": assistant.time_zone,
                        "launched": assistant.launched,
                        "targets": assistant.targets,
                    }
                    for assistant in self._sources.settings.assistants
                ]
            }
        )

    async def status(self, request: web.Request) -> web.Response:
        """How it goes now."""
        _only(request, ())
        return reply(status(self._sources))

    def _asked(self, request: web.Request, names: Collection[str] = _DATED) -> tuple[Assistant, periods.Period]:
        assistant = assistant_of(request, self._sources.settings.assistants, names)
        try:
            return assistant, periods.asked(request.query, assistant, self._sources.now())
        except PeriodError as error:
            raise ApiError(400, "period", str(error), error.hint) from error


def assistant_of(request: web.Request, assistants: Sequence[Assistant], parameters: Collection[str]) -> Assistant:
    """Which assistant a request means; raises `ApiError` for one that is not there, and for parameters that are none."""
    _only(request, parameters)
    name = request.query.get("assistant")
    names = ", ".join(assistant.name for assistant in assistants)
    if name is None and len(assistants) > 1:
        raise ApiError(400, "assistant_missing", "there are several assistants", f"add assistant= one of: {names}")
    assistant = next((known for known in assistants if name in (None, known.name)), None)
    if assistant is None:
        raise ApiError(404, "assistant_unknown", "there is no assistant of this name", f"the names are: {names}")
    return assistant


def shape(figures: Figures) -> dict[str, Any]:
    """Figures as every reader gets them (design 3.4): each measure says its status and whether it is provisional."""
    content: dict[str, Any] = msgspec.to_builtins(figures)
    return {**content, "kpis": _measures(figures.kpis), "provisional": _measures(figures.provisional)}


def _groups(found: Breakdown, wish: Wish) -> dict[str, Any]:
    groups = [{"label": group.label, "hidden": group.hidden, "kpis": _measures(group.kpis)} for group in found.groups]
    return {**msgspec.to_builtins(found), **dict(wish.scope), "groups": groups}


def _series(found: Sequence[Stretch], assistant: Assistant, period: periods.Period, wish: Wish) -> dict[str, Any]:
    series = Series(
        assistant=assistant.name,
        interval=wish.interval or "day",
        from_=period.first.isoformat(),
        to=period.last.isoformat(),
        time_zone=assistant.time_zone,
        series=[],
    )
    stretches = [{"from": each.from_, "to": each.to, "kpis": _measures(each.kpis)} for each in found]
    return {**msgspec.to_builtins(series), **dict(wish.scope), "series": stretches}


def _listed(found: Sequence[Measure]) -> list[Any]:
    return list(_measures({str(at): measure for at, measure in enumerate(found)}).values())


def _measures(kpis: dict[str, Measure]) -> dict[str, Any]:
    return {
        name: {**msgspec.to_builtins(measure), "status": measure.status, "provisional": measure.provisional}
        for name, measure in kpis.items()
    }


def _day(day: Day) -> dict[str, Any]:
    return {"date": day.date, "kpis": _measures(day.kpis)}


def _only(request: web.Request, names: Collection[str]) -> None:
    """Refuse parameters that would be ignored: a mistyped date must not answer with another period."""
    for name in request.query:
        if name not in names:
            known = ", ".join(sorted(names)) or "none"
            raise ApiError(400, "parameter_unknown", f"unknown parameter {name[:40]!r}", f"the parameters are: {known}")
        if len(request.query.getall(name)) > 1:
            raise ApiError(400, "parameter_twice", f"parameter {name!r} came more than once", "give it once")


def store_away() -> ApiError:
    """What is answered while the store can't be read."""
    return ApiError(503, "store_unavailable", "the store does not answer", "nothing is lost; ask again in a few seconds")
