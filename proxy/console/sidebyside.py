"""Two assistants, groups or periods side by side for programs: /api/v1/compare."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final

from aiohttp import web

from proxy.console import periods
from proxy.console.api import ApiError, assistant_of, reply, store_away
from proxy.console.clerk import Clerk
from proxy.console.doors import Call, Door
from proxy.console.parameters import DATED
from proxy.console.periods import PeriodError
from proxy.console.unanswered import Unavailable
from proxy.console.wishes import WishError, wished
from proxy.kpi.compare import Side, SideBySide, paired
from proxy.kpi.groups import DIMENSIONS
from proxy.kpi.report import Figures

OTHER: Final = "with_"
"""Before the parameters of the second side; what is not said of it is as on the first."""


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
