"""The JSON API: figures in their one shape, errors as JSON with a hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import msgspec
from aiohttp import web

from proxy.console import periods
from proxy.console.answers import (
    AssistantsAnswer,
    BreakdownAnswer,
    DaysAnswer,
    FiguresAnswer,
    RetentionAnswer,
    RhythmAnswer,
    SeriesAnswer,
    sheet,
)
from proxy.console.departments import seen_by, within
from proxy.console.doors import Call, Door
from proxy.console.parameters import DATED, Form
from proxy.console.periods import PeriodError
from proxy.console.readers import READER
from proxy.console.sources import Sources, Unavailable
from proxy.console.status import Status, status
from proxy.console.wishes import Wish, WishError, wished
from proxy.kpi.groups import DIMENSIONS
from proxy.kpi.report import Breakdown, Day, Figures, Measure, Series, Stretch
from proxy.kpi.value import ValueReport
from proxy.settings.model import Assistant


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
    """A JSON answer, which nobody keeps unless it is tagged."""
    return web.Response(
        body=msgspec.json.encode(content),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


class Api:
    """Handlers of /api/v1. Which parameters there are has been judged at the door."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def doors(self) -> Iterator[Door]:
        """Where they are, and what they answer."""
        grouped = Call(
            answers=(FiguresAnswer, BreakdownAnswer, SeriesAnswer), parameters=(*DATED, *DIMENSIONS, "by", "interval", "format")
        )
        yield Door(path="/api/v1/kpis", handler=self.kpis, department=True, call=grouped)
        yield Door(path="/api/v1/days", handler=self.days, call=Call(answers=(DaysAnswer,), parameters=(*DATED, "format")))
        weekly = Call(answers=(RetentionAnswer,), parameters=("assistant",))
        yield Door(path="/api/v1/retention", handler=self.retention, call=weekly)
        usual = Call(answers=(RhythmAnswer,), parameters=("assistant",))
        yield Door(path="/api/v1/rhythm", handler=self.rhythm, call=usual)
        yield Door(path="/api/v1/value", handler=self.value, call=Call(answers=(ValueReport,), parameters=DATED))
        yield Door(path="/api/v1/assistants", handler=self.assistants, department=True, call=Call(answers=(AssistantsAnswer,)))
        yield Door(path="/api/v1/status", handler=self.status, call=Call(answers=(Status,)))

    async def kpis(self, request: web.Request) -> web.Response:
        """All measures of an assistant over a period: of everything or of a group, by group, or as a series."""
        assistant, period = self._asked(request)
        try:
            wish = wished(request.query)
        except WishError as error:
            raise ApiError(400, "group", str(error), error.hint) from error
        department = request[READER].department
        if department is not None and wish.by != "department":  # the answer says whose figures they are, asked for or not
            wish = msgspec.structs.replace(wish, scope=within(wish.scope, department))
        ledger, days = seen_by(self._sources.ledger, department), (period.first, period.last)
        table = as_sheet(request)
        common = {"assistant": assistant.name, "from": period.first, "to": period.last}
        try:
            if wish.by is not None:
                found = await ledger.breakdown(assistant, wish.by, *days, wish.scope)
                common |= {"from": found.from_, "to": found.to}
                rows = [({**common, "group": group.label}, group.kpis) for group in found.groups if not group.hidden]
                return sheet(rows) if table else reply(_groups(found, wish))
            common["group"] = "/".join(label for _, label in wish.scope)
            if wish.interval is not None:
                series = await ledger.series(assistant, wish.interval, *days, wish.scope)
                rows = [({**common, "from": each.from_, "to": each.to}, each.kpis) for each in series]
                return sheet(rows) if table else reply(_series(series, assistant, period, wish))
            figures = await ledger.figures(assistant, *days, wish.scope)
            return sheet([(common, figures.kpis)]) if table else reply({**shape(figures), **dict(wish.scope)})
        except Unavailable as error:
            raise store_away() from error

    async def days(self, request: web.Request) -> web.Response:
        """The measures of each day of a period."""
        assistant, period = self._asked(request)
        try:
            days = await self._sources.ledger.days(assistant, period.first, period.last)
        except Unavailable as error:
            raise store_away() from error
        if as_sheet(request):
            return sheet([({"assistant": assistant.name, "from": day.date, "to": day.date}, day.kpis) for day in days])
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
        assistant = assistant_of(request.query, self._sources.settings.assistants)
        try:
            cohorts = await self._sources.ledger.retention(assistant)
        except Unavailable as error:
            raise store_away() from error
        shown = [{"week": each.week, **_measures({"people": each.people}), "later": _listed(each.later)} for each in cohorts]
        return reply({"assistant": assistant.name, "time_zone": assistant.time_zone, "cohorts": shown})

    async def rhythm(self, request: web.Request) -> web.Response:
        """When people write: turns by weekday and hour, over the last four weeks that are over."""
        assistant = assistant_of(request.query, self._sources.settings.assistants)
        try:
            found = await self._sources.ledger.rhythm(assistant)
        except Unavailable as error:
            raise store_away() from error
        return reply({"assistant": assistant.name, "time_zone": assistant.time_zone, **msgspec.to_builtins(found)})

    async def value(self, request: web.Request) -> web.Response:
        """Costs and value of an assistant over a period, with the prices, costs and assumptions that they rest on."""
        assistant, period = self._asked(request)
        try:
            found = await self._sources.ledger.value(assistant, period.first, period.last)
        except Unavailable as error:
            raise store_away() from error
        return reply({**msgspec.to_builtins(found), "kpis": _measures(found.kpis), **_measures({"unknown": found.unknown})})

    async def assistants(self, _: web.Request) -> web.Response:
        """The assistants behind this proxy."""
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

    async def status(self, _: web.Request) -> web.Response:
        """How it goes now."""
        return reply(status(self._sources))

    def _asked(self, request: web.Request) -> tuple[Assistant, periods.Period]:
        assistant = assistant_of(request.query, self._sources.settings.assistants)
        try:
            return assistant, periods.asked(request.query, assistant, self._sources.now())
        except PeriodError as error:
            raise ApiError(400, "period", str(error), error.hint) from error


def as_sheet(request: web.Request) -> bool:
    """Whether a table is wanted; raises `ApiError` for a form that there is not."""
    form = request.query.get("format", "json")
    if form not in get_args(Form):
        raise ApiError(400, "format", f"there is no format {form[:40]!r}", "json, or csv")
    return form == "csv"


def assistant_of(query: Mapping[str, str], assistants: Sequence[Assistant]) -> Assistant:
    """Which assistant a query means; raises `ApiError` for one that is not there."""
    name = query.get("assistant")
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
    stretches = [
        {"from": each.from_, "to": each.to, "kpis": _measures(each.kpis), "outcomes": each.outcomes, "notes": each.notes}
        for each in found
    ]
    return {**msgspec.to_builtins(series), **dict(wish.scope), "series": stretches}


def _listed(found: Sequence[Measure]) -> list[Any]:
    return list(_measures({str(at): measure for at, measure in enumerate(found)}).values())


def _measures(kpis: dict[str, Measure]) -> dict[str, Any]:
    return {
        name: {**msgspec.to_builtins(measure), "status": measure.status, "provisional": measure.provisional}
        for name, measure in kpis.items()
    }


def _day(day: Day) -> dict[str, Any]:
    return {"date": day.date, "kpis": _measures(day.kpis), "notes": day.notes}


def store_away() -> ApiError:
    """What is answered while the store can't be read."""
    return ApiError(503, "store_unavailable", "the store does not answer", "nothing is lost; ask again in a few seconds")
