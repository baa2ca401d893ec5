"""Two assistants, groups or periods side by side: /api/v1/compare, and the rows of its page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from proxy.console import periods
from proxy.console.api import ApiError, assistant_of, reply, store_away
from proxy.console.choice import Choice
from proxy.console.clerk import Clerk
from proxy.console.doors import Call, Door
from proxy.console.parameters import DATED
from proxy.console.periods import Period, PeriodError
from proxy.console.unanswered import Unavailable
from proxy.console.wishes import WishError, wished
from proxy.kpi.compare import Pair, Side, SideBySide, paired
from proxy.kpi.groups import DIMENSIONS
from proxy.kpi.report import Figures, Measure
from proxy.report import saying
from proxy.settings.model import Assistant
from proxy.words import written
from proxy.words.catalogue import Words

OTHER: Final = "with_"
"""Before the parameters of the second side; what is not said of it is as on the first."""

WAYS: Final = ("period", "channel", "model", "route")
"""What can be put side by side of one assistant. Departments are not: a page that ranks them was not asked for."""

ROWS: Final = (
    *("automation_rate", "automation_rate_confirmed", "durable_resolution_rate", "handover_rate", "abandonment_rate"),
    *(
        "failure_rate",
        "no_answer_rate",
        "recontact_rate",
        "csat",
        "typed_satisfaction",
        "nps",
        "sentiment",
        "response_time",
        "time_to_first",
    ),
    *("response_time_within_target", "availability", "adoption", "sessions", "turns"),
)
"""The figures of the page; the API has all."""


class SideBySideApi:
    """Handlers."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    def doors(self) -> Iterator[Door]:
        """Where they are, and what they answer."""
        names = (*DATED, *DIMENSIONS)
        call = Call(answers=(SideBySide,), parameters=(*names, *(f"{OTHER}{name}" for name in names)))
        yield Door(path="/api/v1/compare", handler=self.compare, call=call)

    async def compare(self, request: web.Request) -> web.Response:
        """All measures of two sides, with the difference of each and whether chance explains it."""
        first = {name: value for name, value in request.query.items() if not name.startswith(OTHER)}
        other = {name.removeprefix(OTHER): value for name, value in request.query.items() if name.startswith(OTHER)}
        if not other:
            raise ApiError(400, "side_missing", "there is nothing to compare with", "add with_assistant, with_model or with_from")
        shared = {name: value for name, value in first.items() if name not in DIMENSIONS or not other.keys() & {*DIMENSIONS}}
        try:
            async with asyncio.TaskGroup() as group:
                sides = [group.create_task(self._side(query)) for query in (first, {**shared, **other})]
        except* ApiError as errors:
            raise errors.exceptions[0] from errors  # one answer has room for one
        except* Unavailable as error:
            raise store_away() from error
        one, two = [side.result() for side in sides]
        return reply(SideBySide(one=one[0], other=two[0], kpis=paired(one[1].kpis, two[1].kpis)))

    async def _side(self, query: Mapping[str, str]) -> tuple[Side, Figures]:
        assistant = assistant_of(query, self._clerk.settings.assistants)
        try:
            period = periods.asked(query, assistant, self._clerk.now())
            scope = wished(query).scope
        except PeriodError as error:
            raise ApiError(400, "period", str(error), error.hint) from error
        except WishError as error:
            raise ApiError(400, "group", str(error), error.hint) from error
        found = await self._clerk.figures(assistant, period.first, period.last, scope)
        side = Side(assistant=found.assistant, from_=found.from_, to=found.to, time_zone=found.time_zone, group=dict(scope))
        return side, found


async def sides(
    clerk: Clerk, known: Sequence[Assistant], chosen: Choice, period: Period, by: str, words: Words
) -> Mapping[str, Mapping[str, Measure]]:
    """What may be a side of the page, by name, what is asked about first. Raises `Unavailable`, alone or in a group."""
    assistant = chosen.assistant
    if by not in {"assistants", "period"}:
        found = await clerk.breakdown(assistant, chosen.by, period.first, period.last)
        groups = sorted(found.groups, key=lambda group: -(group.kpis["turns"].value or 0.0))
        return {group.label: group.kpis for group in groups if group.label and not group.hidden}
    if by == "period":
        named = [
            (words("compare.before"), assistant, period.before),
            (words("compare.now"), assistant, period),
        ]  # in the order of time
    else:
        named = [(each.name, each, period) for each in sorted(known, key=lambda each: each.name != assistant.name)]
    async with asyncio.TaskGroup() as group:
        read = {name: group.create_task(clerk.figures(each, days.first, days.last)) for name, each, days in named}
    return {name: task.result().kpis for name, task in read.items()}


def rows(one: Mapping[str, Measure], other: Mapping[str, Measure], words: Words) -> list[dict[str, Any]]:
    """A line for each figure: both values with their intervals, and the difference in words."""
    pairs = paired(one, other)
    return [_row(name, pairs[name], words) for name in ROWS if name in pairs]


def _row(name: str, pair: Pair, words: Words) -> dict[str, Any]:
    return {
        "label": words(name),
        "sides": [
            {
                "value": written.value(name, side.value, words.language, side.currency),
                "interval": written.interval(name, side, words.language) if side.value is not None else words.reason(side.reason),
            }
            for side in (pair.one, pair.other)
        ],
        "change": "" if pair.difference is None else saying.differs(name, pair.difference, words, pair.one.currency),
        "verdict": "" if pair.difference is None else pair.difference.verdict,
    }
