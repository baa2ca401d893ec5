"""The JSON API: figures in their one shape, errors as JSON with a hint."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, get_args

import msgspec
from aiohttp import web

from proxy.console import periods
from proxy.console.answers import (
    AssistantsAnswer,
    BreakdownAnswer,
    DaysAnswer,
    FiguresAnswer,
    HoursAnswer,
    LabelsAnswer,
    RetentionAnswer,
    RhythmAnswer,
    SeriesAnswer,
    TopicsAnswer,
    group_of,
    sheet,
)
from proxy.console.clerk import Clerk
from proxy.console.doors import Call, Door
from proxy.console.parameters import DATED, Form
from proxy.console.periods import PeriodError
from proxy.console.readers import READER
from proxy.console.status import Status
from proxy.console.unanswered import Unavailable
from proxy.console.wishes import WishError, wished
from proxy.kpi.groups import DIMENSIONS
from proxy.kpi.value import ValueReport
from proxy.settings.model import Assistant

T = TypeVar("T")

_COSTS: Final = (
    "a department's costs are measures of /api/v1/kpis?department=; what is paid by the month, and what it is worth, is nobody's"
)
"""The hint for the reader of a department who asks for costs and value."""


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

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    def doors(self) -> Iterator[Door]:
        """Where they are, and what they answer."""
        grouped = Call(
            answers=(FiguresAnswer, BreakdownAnswer, SeriesAnswer), parameters=(*DATED, *DIMENSIONS, "by", "interval", "format")
        )
        yield Door(path="/api/v1/kpis", handler=self.kpis, department=True, call=grouped)
        yield Door(path="/api/v1/days", handler=self.days, call=Call(answers=(DaysAnswer,), parameters=(*DATED, "format")))
        daily = Call(answers=(HoursAnswer,), parameters=("assistant", "on", "format"))
        yield Door(path="/api/v1/hours", handler=self.hours, call=daily)
        weekly = Call(answers=(RetentionAnswer,), parameters=("assistant",))
        yield Door(path="/api/v1/retention", handler=self.retention, call=weekly)
        usual = Call(answers=(RhythmAnswer,), parameters=("assistant",))
        yield Door(path="/api/v1/rhythm", handler=self.rhythm, call=usual)
        lacking = Call(answers=(TopicsAnswer,), parameters=("assistant",))
        yield Door(path="/api/v1/topics", handler=self.topics, call=lacking)
        known = Call(answers=(LabelsAnswer,), parameters=("assistant",))
        yield Door(path="/api/v1/labels", handler=self.labels, department=True, call=known)
        yield Door(path="/api/v1/value", handler=self.value, instead=_COSTS, call=Call(answers=(ValueReport,), parameters=DATED))
        yield Door(path="/api/v1/assistants", handler=self.assistants, department=True, call=Call(answers=(AssistantsAnswer,)))
        yield Door(path="/api/v1/status", handler=self.status, call=Call(answers=(Status,)))

    async def kpis(self, request: web.Request) -> web.Response:
        """All measures of an assistant over a period: of everything or of a group, by group, or as a series."""
        assistant, period = self._asked(request)
        try:
            wish = wished(request.query)
        except WishError as error:
            raise ApiError(400, "group", str(error), error.hint) from error
        clerk, days = self._clerk.of(request[READER].department), (period.first, period.last)
        table = as_sheet(request)
        common = {"assistant": assistant.name, "from": period.first, "to": period.last}
        try:
            if wish.by is not None:
                found = await clerk.breakdown(assistant, wish.by, *days, wish.scope)
                common |= {"from": found.from_, "to": found.to}
                rows = [({**common, "group": group.label}, group.kpis) for group in found.groups if not group.hidden]
                return sheet(rows) if table else reply(found)
            if wish.interval is not None:
                series = await clerk.series(assistant, wish.interval, *days, wish.scope)
                common["group"] = group_of(series)
                rows = [({**common, "from": each.from_, "to": each.to}, each.kpis) for each in series.series]
                return sheet(rows) if table else reply(series)
            figures = await clerk.figures(assistant, *days, wish.scope)
            return sheet([({**common, "group": group_of(figures)}, figures.kpis)]) if table else reply(figures)
        except Unavailable as error:
            raise store_away() from error

    async def days(self, request: web.Request) -> web.Response:
        """The measures of each day of a period."""
        assistant, period = self._asked(request)
        found = await _given(self._clerk.days(assistant, period.first, period.last))
        if as_sheet(request):
            return sheet([({"assistant": assistant.name, "from": day.date, "to": day.date}, day.kpis) for day in found.days])
        return reply(found)

    async def hours(self, request: web.Request) -> web.Response:
        """The measures of each hour of a day: the running one, or the one that is asked for."""
        assistant = self._named(request)
        try:
            on = periods.day(request.query, assistant, self._clerk.now())
        except PeriodError as error:
            raise ApiError(400, "period", str(error), error.hint) from error
        found = await _given(self._clerk.hours(assistant, on))
        if as_sheet(request):
            return sheet([({"assistant": assistant.name, "from": hour.from_, "to": hour.to}, hour.kpis) for hour in found.hours])
        return reply(found)

    async def retention(self, request: web.Request) -> web.Response:
        """Of the people of each week, how many came back in the weeks after."""
        return reply(await _given(self._clerk.retention(self._named(request))))

    async def rhythm(self, request: web.Request) -> web.Response:
        """When people write: turns by weekday and hour, over the last four weeks that are over."""
        return reply(await _given(self._clerk.rhythm(self._named(request))))

    async def topics(self, request: web.Request) -> web.Response:
        """What unanswered and handed-over questions of the last five weeks are about, as far as enough people raised it."""
        return reply(await _given(self._clerk.topics(self._named(request))))

    async def labels(self, request: web.Request) -> web.Response:
        """The labels that there are groups of, by dimension: what figures can be narrowed to."""
        return reply(await _given(self._clerk.of(request[READER].department).labels(self._named(request))))

    async def value(self, request: web.Request) -> web.Response:
        """Costs and value of an assistant over a period, with the prices, costs and assumptions that they rest on."""
        assistant, period = self._asked(request)
        return reply(await _given(self._clerk.value(assistant, period.first, period.last)))

    async def assistants(self, _: web.Request) -> web.Response:
        """The assistants behind this proxy."""
        return reply(self._clerk.assistants())

    async def status(self, _: web.Request) -> web.Response:
        """How it goes now."""
        return reply(self._clerk.status())

    def _named(self, request: web.Request) -> Assistant:
        return assistant_of(request.query, self._clerk.settings.assistants)

    def _asked(self, request: web.Request) -> tuple[Assistant, periods.Period]:
        assistant = self._named(request)
        try:
            return assistant, periods.asked(request.query, assistant, self._clerk.now())
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


async def _given(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except Unavailable as error:
        raise store_away() from error


def store_away() -> ApiError:
    """What is answered while the store can't be read."""
    return ApiError(503, "store_unavailable", "the store does not answer", "nothing is lost; ask again in a few seconds")
