"""The pages, written whole by the server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

import jinja2
import msgspec
from aiohttp import web

from proxy.charts.spark import sparkline
from proxy.console import crowds, overview, periods, sidebyside, tiles, views
from proxy.console.assets import Asset
from proxy.console.departments import seen_by
from proxy.console.periods import Period
from proxy.console.readers import READER
from proxy.console.sources import Ledger, Sources, Unavailable
from proxy.kpi.groups import DIMENSIONS
from proxy.kpi.report import Day, Figures, Measure
from proxy.report.worth import told
from proxy.settings.model import Assistant
from proxy.words import formats
from proxy.words.catalogue import Words
from proxy.words.formats import LANGUAGES, Language

WAYS: Final = ("period", "channel", "model", "route")
"""What can be put side by side of one assistant. Departments are not: a page that ranks them was not asked for."""


class Choice(msgspec.Struct, frozen=True):
    """What a page shows, as its address says; without the unsaid it is the same page for everybody."""

    assistant: Assistant
    days: int
    kpi: str
    said: Language | None  # named in the address

    def link(self, path: str = "/", **changes: str | int) -> str:
        """Address of a page with something else chosen."""
        asked: dict[str, str | int] = {"assistant": self.assistant.name, "days": self.days, "kpi": self.kpi}
        if self.said is not None:
            asked["lang"] = self.said
        return f"{path}?{urlencode({**asked, **changes})}"

    def stream(self) -> str:
        """Address of the events that keep it fresh."""
        return self.link("/events")

    def chart(self) -> str:
        """Address of its chart as a file."""
        return self.link("/chart.svg")

    def table(self) -> str:
        """Address of the table behind the chart as a file."""
        return self.link("/table.csv")


class _Shown(msgspec.Struct, frozen=True):
    """What a page is written from: a period and the one before it."""

    figures: Figures
    days: list[Day]
    before: Figures
    past: list[Day]


class MissingError(Exception):
    """The address names an assistant that is not there."""


class Pages:
    """Renders; one per console."""

    def __init__(self, sources: Sources, assets: Mapping[str, Asset]) -> None:
        self._sources = sources
        templates = {entry.name: entry.read_text(encoding="utf-8") for entry in (files("proxy.console") / "templates").iterdir()}
        self._jinja = jinja2.Environment(
            loader=jinja2.DictLoader(templates),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._assets = {name: f"/static/{name}?v={asset.tag}" for name, asset in assets.items()}

    def words(self, request: web.Request) -> Words:
        """In the language of the address, of the settings, or of the browser."""
        said = _said(request)
        fixed = self._sources.settings.console.language
        if said is None and fixed != "auto":
            said = fixed
        return Words(said or formats.preferred(request.headers.get("Accept-Language", "")))

    def choice(self, request: web.Request) -> Choice:
        """What the address asks for; what it leaves out or can't be is the default, except an unknown assistant."""
        assistants = self._sources.settings.assistants
        name = request.query.get("assistant", assistants[0].name)
        assistant = next((known for known in assistants if known.name == name), None)
        if assistant is None:
            raise MissingError(name)
        kpi = request.query.get("kpi", tiles.FIVE[0])
        return Choice(
            assistant,
            periods.choice(request.query.get("days")),
            kpi if kpi in tiles.FIVE else tiles.FIVE[0],
            _said(request),
        )

    async def first(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """The first page: live strip, five tiles, the chosen one by day, outcomes."""
        words, choice = self.words(request), self.choice(request)
        period = periods.last_days(choice.days, choice.assistant, self._sources.now())
        try:
            async with asyncio.TaskGroup() as group:
                ledger = self._ledger(request)
                figures = group.create_task(ledger.figures(choice.assistant, period.first, period.last))
                days = group.create_task(ledger.days(choice.assistant, period.first, period.last))
                before = group.create_task(ledger.figures(choice.assistant, period.before.first, period.before.last))
                past = group.create_task(ledger.days(choice.assistant, period.before.first, period.before.last))
        except* Unavailable:
            read, face = None, tiles.shown(None)
        else:
            face = tiles.shown(figures.result())
            shown = _Shown(figures.result(), days.result(), before.result(), past.result())
            read = self._read(shown, choice, words)
        content = self._frame(choice, period, words) | self._live(choice, words)
        content |= {"read": read, "face": face, "signed_in": signed_in, "here": "/"}
        content["whole"] = request[READER].department is None
        return self._html("figures.html", words, 200 if read else 503, content)

    async def overview(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """All assistants at a glance."""
        words, choice = self.words(request), self.choice(request)
        settings, now = self._sources.settings, self._sources.now()
        try:
            found = await overview.read(self._ledger(request), settings.assistants, choice.days, now)
        except* Unavailable:
            rows = None
        else:
            whole = request[READER].department is None
            rows = overview.rows(found, self._sources.live if whole else None, words)
        content = self._frame(choice, periods.last_days(choice.days, choice.assistant, now), words)
        content |= {"rows": rows, "five": tiles.FIVE, "signed_in": signed_in, "here": "/overview"}
        return self._html("overview.html", words, 503 if rows is None else 200, content)

    async def groups(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """One assistant by group."""
        words, choice = self.words(request), self.choice(request)
        by = crowds.dimension(request.query.get("by"))
        asked = periods.last_days(choice.days, choice.assistant, self._sources.now())
        content = self._frame(choice, asked, words)
        content |= {"five": tiles.FIVE, "dimensions": DIMENSIONS, "by": by, "signed_in": signed_in, "here": "/groups"}
        try:
            found = await self._ledger(request).breakdown(choice.assistant, by, asked.first, asked.last)
        except Unavailable:
            return self._html("groups.html", words, 503, {**content, "rows": None})
        query = {"assistant": choice.assistant.name, "from": asked.first, "to": asked.last, "by": by}
        content |= {"rows": crowds.rows(found, words), "range": crowds.period(found, words), "hidden": found.suppressed_groups}
        return self._html("groups.html", words, 200, {**content, "json": f"/api/v1/kpis?{urlencode(query)}"})

    async def value(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """What one assistant costs and what it is worth."""
        words, choice = self.words(request), self.choice(request)
        asked = periods.last_days(choice.days, choice.assistant, self._sources.now())
        query = {"assistant": choice.assistant.name, "from": asked.first, "to": asked.last}
        content = self._frame(choice, asked, words) | {"signed_in": signed_in, "here": "/value"}
        content |= {"json": f"/api/v1/value?{urlencode(query)}", "told": None}
        try:
            found = await self._ledger(request).value(choice.assistant, asked.first, asked.last)
        except Unavailable:
            return self._html("value.html", words, 503, content)
        return self._html("value.html", words, 200, {**content, "told": told(found, words)})

    async def compare(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """Two of the same kind side by side: assistants, groups, or a period and the one before it."""
        words, choice = self.words(request), self.choice(request)
        ways = [*(("assistants",) if len(self._sources.settings.assistants) > 1 else ()), *WAYS]
        by = next((way for way in ways if way == request.query.get("by")), ways[0])
        period = periods.last_days(choice.days, choice.assistant, self._sources.now())
        content = self._frame(choice, period, words) | {"ways": ways, "by": by, "signed_in": signed_in, "here": "/compare"}
        sides: Mapping[str, Mapping[str, Measure]] | None = None
        try:
            sides = await self._sides(request, choice, period, by, words)
        except* Unavailable:
            pass
        if sides is None:
            return self._html("compare.html", words, 503, {**content, "sides": None})
        asked = [request.query.get("one"), request.query.get("other")]
        one = asked[0] if asked[0] in sides else next(iter(sides), None)
        other = asked[1] if asked[1] in sides and asked[1] != one else next((name for name in sides if name != one), None)
        rows = [] if one is None or other is None else sidebyside.rows(sides[one], sides[other], words)
        content |= {"sides": [one, other], "others": list(sides), "rows": rows}
        return self._html("compare.html", words, 200, content)

    async def _sides(
        self, request: web.Request, choice: Choice, period: Period, by: str, words: Words
    ) -> Mapping[str, Mapping[str, Measure]]:
        """What may be a side, by name, what is asked about first."""
        ledger, assistant = self._ledger(request), choice.assistant
        if by not in {"assistants", "period"}:
            found = await ledger.breakdown(assistant, crowds.dimension(by), period.first, period.last)
            groups = sorted(found.groups, key=lambda group: -(group.kpis["turns"].value or 0.0))
            return {group.label: group.kpis for group in groups if group.label and not group.hidden}
        if by == "period":
            named = [(words("compare.now"), assistant, period), (words("compare.before"), assistant, period.before)]
        else:
            known = self._sources.settings.assistants
            named = [(each.name, each, period) for each in sorted(known, key=lambda each: each.name != assistant.name)]
        async with asyncio.TaskGroup() as group:
            read = {name: group.create_task(ledger.figures(each, days.first, days.last)) for name, each, days in named}
        return {name: task.result().kpis for name, task in read.items()}

    def login(self, request: web.Request, fault: str = "", status: int = 200) -> web.Response:
        """The form that asks for the token, with what was wrong before: `wrong` or `wait`."""
        return self._html("login.html", self.words(request), status, {"fault": fault})

    def problem(self, request: web.Request, status: int, kind: str, text: str = "text") -> web.Response:
        """A page that says what is wrong; `kind` is a group of the catalogue."""
        words = self.words(request)
        content = {"heading": words(f"{kind}.title"), "text": words(f"{kind}.{text}")}
        return self._html("problem.html", words, status, content)

    def _ledger(self, request: web.Request) -> Ledger:
        return seen_by(self._sources.ledger, request[READER].department)

    def _html(self, template: str, words: Words, status: int, content: Mapping[str, Any]) -> web.Response:
        text = self._jinja.get_template(template).render({"t": words, "lang": words.language, "assets": self._assets, **content})
        headers = {"Cache-Control": "no-store", "Content-Language": words.language, "Vary": "Accept-Language"}
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)

    def _frame(self, choice: Choice, period: Period, words: Words) -> dict[str, Any]:
        language = words.language
        return {
            "choice": choice,
            "assistants": [known.name for known in self._sources.settings.assistants],
            "days": periods.CHOICES,
            "languages": LANGUAGES,
            "range": words("range", first=formats.day(period.first, language), last=formats.full_day(period.last, language)),
            "report": "/report?" + urlencode({"assistant": choice.assistant.name, "lang": language}),
            "json": "/api/v1/kpis?" + urlencode({"assistant": choice.assistant.name, "from": period.first, "to": period.last}),
        }

    def _live(self, choice: Choice, words: Words) -> dict[str, Any]:
        live, health = self._sources.live.snapshot(choice.assistant.name), self._sources.health()
        return {
            "now": tiles.live_texts(live, health, words),
            "state": tiles.health_state(health),
            "hour": sparkline(live.minutes, key="live.hour"),
            "uptime": views.uptime(self._sources.uptime(choice.assistant.name), words),
        }

    def _read(self, shown: _Shown, choice: Choice, words: Words) -> dict[str, Any]:
        figures, days = shown.figures, shown.days
        return {
            "tiles": [(tiles.tile(name, figures, words, shown.before), views.spark(name, days)) for name in tiles.FIVE],
            "chart": views.chart(choice.kpi, figures, days, shown.past, words),
            "outcomes": views.outcomes(figures, words),
            "basis": views.basis(figures, words),
        }


def _said(request: web.Request) -> Language | None:
    return next((language for language in LANGUAGES if language == request.query.get("lang")), None)
