"""What a page shows, as its address says: assistant, view, figure, period, group and language. All state is in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from proxy.console import periods, views
from proxy.console.departments import within
from proxy.console.periods import Period, PeriodError
from proxy.console.views import View
from proxy.kpi.groups import DIMENSIONS, Dimension, Scope, kept
from proxy.report.model import AUDIENCES, Audience
from proxy.settings.model import Assistant
from proxy.words.formats import LANGUAGES, Language

if TYPE_CHECKING:
    from aiohttp import web


class MissingError(Exception):
    """The address names an assistant that is not there."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Without the unsaid it is the same page for everybody."""

    assistant: Assistant
    view: View
    audience: Audience
    kpi: str
    days: int
    dates: Period | None = None  # the reader's own
    scope: Scope = ()
    by: Dimension = "department"  # of a page of groups
    said: Language | None = None  # named in the address
    timed: bool = False  # the period is named in the address, and goes on to other views
    wrong: bool = False  # its dates make no period, and are not used

    @property
    def kept(self) -> bool:
        """Whether there are figures of its group at all."""
        return kept(self.scope)

    def period(self, now: datetime) -> Period:
        """The days shown."""
        return self.dates or periods.last_days(self.days, self.assistant, now)

    @property
    def watched(self) -> tuple[object, ...]:
        """What its live page shows: pages that are equal in it are told the same."""
        return self.assistant.name, self.view.figures, self.days, self.dates, self.scope

    def state(self) -> dict[str, str | int]:
        """What an address needs to show this, as its parameters."""
        asked: dict[str, str | int] = {"assistant": self.assistant.name, **dict(self.scope)}
        if self.dates is not None:
            asked |= {"from": self.dates.first.isoformat(), "to": self.dates.last.isoformat()}
        elif self.timed:
            asked["days"] = self.days
        if self.audience != views.FIRST:
            asked["audience"] = self.audience
        if self.said is not None:
            asked["lang"] = self.said
        return asked

    def link(self, path: str | None = None, **changes: str | int | None) -> str:
        """Address of a page with something else chosen; None takes it out. Another page chooses its own figure."""
        asked: dict[str, str | int | None] = {
            **self.state(),
            **({"kpi": self.kpi} if path in {None, self.view.path} else {}),
            **changes,
        }
        if "days" in changes:
            asked |= {"from": None, "to": None}
        given = {name: value for name, value in asked.items() if value is not None}
        return f"{path or self.view.path}?{urlencode(given)}"

    def part(self, path: str, **more: str) -> str:
        """Address of something that belongs to this page: its events, its files."""
        return self.link(path, view=self.view.name, kpi=self.kpi, **more)


def asked(request: web.Request, assistants: Sequence[Assistant], now: datetime, view: str | None = None) -> Choice:
    """Read an address; what it leaves out or can't be is the default. Raises `MissingError` for an unknown assistant."""
    query = {name: text for name, text in request.query.items() if text}
    name = query.get("assistant", assistants[0].name)
    assistant = next((known for known in assistants if known.name == name), None)
    if assistant is None:
        raise MissingError(name)
    audience = next((each for each in AUDIENCES if each == query.get("audience")), views.FIRST)
    shown = views.view(view or query.get("view"), audience)
    days = periods.choice(query.get("days"))
    dates, wrong = None, False
    if "from" in query or "to" in query:
        try:
            dates = periods.asked(query, assistant, now)
        except PeriodError:
            wrong = True
    kpi = query.get("kpi")
    return Choice(
        assistant=assistant,
        view=shown,
        audience=audience,
        kpi=kpi if kpi in shown.figures else shown.tiles[0],
        days=days or shown.days,
        dates=dates,
        scope=tuple([(dimension, query[dimension]) for dimension in DIMENSIONS if dimension in query]),
        by=next((name for name in DIMENSIONS if name == query.get("by")), "department"),
        said=said(request),
        timed=days is not None,
        wrong=wrong,
    )


def of_department(choice: Choice, department: str) -> Choice:
    """What a reader of one department is shown of it; raises `ElsewhereError` for more."""
    view = msgspec.structs.replace(choice.view, panels=views.of_department(choice.view), live=False)
    return msgspec.structs.replace(choice, view=view, scope=within(choice.scope, department))


def said(request: web.Request) -> Language | None:
    """The language that an address names."""
    return next((language for language in LANGUAGES if language == request.query.get("lang")), None)
