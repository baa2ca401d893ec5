"""The pages, written whole by the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from proxy.access.invitations import Scale
from proxy.charts.spark import sparkline
from proxy.charts.strip import strip
from proxy.console import (
    accounts,
    basis,
    below,
    choice,
    crowds,
    overview,
    pairings,
    reviews,
    tiles,
    times,
    views,
    workshop,
)
from proxy.console.assets import Asset
from proxy.console.choice import Choice
from proxy.console.clerk import Clerk
from proxy.console.frame import Frame, spelt
from proxy.console.pairings import Column
from proxy.console.periods import Period
from proxy.console.proofs import LONGEST
from proxy.console.reader import Read, read
from proxy.console.readers import READER
from proxy.console.unanswered import Unavailable
from proxy.kpi.evidence import FORMULAS, Page
from proxy.kpi.groups import DIMENSIONS, PEOPLE, Dimension
from proxy.kpi.report import Figures
from proxy.report.worth import told
from proxy.words import formats, written
from proxy.words.catalogue import Words

FILTERS: Final[tuple[Dimension, ...]] = ("channel", "department", "profile")
"""Dimensions that a reader narrows a page by; the others are on the page of groups."""


class Pages:
    """Renders; one per console."""

    def __init__(self, clerk: Clerk, assets: Mapping[str, Asset]) -> None:
        self._clerk = clerk
        self.frame = Frame(clerk, assets)

    def choice(self, request: web.Request, view: str | None = None) -> Choice:
        """What the address asks for; raises `MissingError` for an assistant that is not there."""
        found = choice.asked(request, self._clerk.settings.assistants, self._clerk.now(), view)
        department = request[READER].department
        return found if department is None else choice.of_department(found, department)

    async def view(self, request: web.Request, name: views.Name, *, signed_in: bool) -> web.Response:
        """One of the views: tiles, the chosen one over time, and what the view draws below."""
        words, chosen = self.frame.words(request), self.choice(request, name)
        content = self.frame.around(request, chosen, words) | {
            "signed_in": signed_in,
            "here": chosen.view.path,
            "tab": chosen.view.name,
        }
        content |= self._live(chosen, words) if chosen.view.live else {"now": None}
        if not chosen.kept:
            return self.frame.html("view.html", words, 200, content | {"face": "apart", "read": None})
        try:
            found = await read(self._for(request), chosen, self._clerk.now())
        except* Unavailable:
            found = None
        face = tiles.shown(found.figures if found else None)
        if found is None:
            return self.frame.html("view.html", words, 503, content | {"face": face, "read": None})
        shown = Period(date.fromisoformat(found.figures.from_), date.fromisoformat(found.figures.to))
        content |= {"face": face, "range": spelt(shown, words), "labels": {name: found.labels[name] for name in FILTERS}}
        return self.frame.html("view.html", words, 200, content | {"read": _parts(found, chosen, words)})

    async def overview(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """All assistants at a glance."""
        words, chosen = self.frame.words(request), self.choice(request)
        now = self._clerk.now()
        try:
            found = await overview.read(
                self._for(request),
                self._clerk.settings.assistants,
                lambda each: msgspec.structs.replace(chosen, assistant=each).period(now),
            )
        except* Unavailable:
            rows = None
        else:
            whole = request[READER].department is None
            rates = {each.name: each.live.rate for each in self._clerk.status().assistants} if whole else None
            rows = overview.rows(found, rates, words)
        content = self.frame.around(request, chosen, words)
        content |= {"rows": rows, "five": tiles.FIVE, "signed_in": signed_in, "here": "/overview", "tab": "overview"}
        return self.frame.html("overview.html", words, 503 if rows is None else 200, content)

    async def groups(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """One assistant by group."""
        words, chosen = self.frame.words(request), self.choice(request)
        asked = chosen.period(self._clerk.now())
        content = self.frame.around(request, chosen, words)
        whole = request[READER].department is None
        dimensions = [name for name in DIMENSIONS if whole or name in PEOPLE]
        content |= {"five": tiles.FIVE, "dimensions": dimensions, "signed_in": signed_in, "here": "/groups", "tab": "groups"}
        try:
            found = await self._for(request).breakdown(chosen.assistant, chosen.by, asked.first, asked.last)
        except Unavailable:
            return self.frame.html("groups.html", words, 503, {**content, "rows": None})
        query = {"assistant": chosen.assistant.name, "from": asked.first, "to": asked.last, "by": chosen.by}
        content |= {"rows": crowds.rows(found, words), "range": crowds.period(found, words), "hidden": found.suppressed_groups}
        return self.frame.html("groups.html", words, 200, {**content, "json": f"/api/v1/kpis?{urlencode(query)}"})

    async def value(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """What one assistant costs and what it is worth."""
        words, chosen = self.frame.words(request), self.choice(request)
        asked = chosen.period(self._clerk.now())
        query = {"assistant": chosen.assistant.name, "from": asked.first, "to": asked.last}
        content = self.frame.around(request, chosen, words) | {"signed_in": signed_in, "here": "/value", "tab": "value"}
        content |= {"json": f"/api/v1/value?{urlencode(query)}", "told": None}
        try:
            found = await self._for(request).value(chosen.assistant, asked.first, asked.last)
        except Unavailable:
            return self.frame.html("value.html", words, 503, content)
        return self.frame.html("value.html", words, 200, {**content, "told": told(found, words)})

    async def compare(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """Two of the same kind side by side: assistants, groups, or periods."""
        words, chosen = self.frame.words(request), self.choice(request)
        known = self._clerk.settings.assistants
        asked = pairings.asked(request.query, chosen, self._clerk.now(), several=len(known) > 1)
        content = self.frame.around(request, chosen, words) | {"asked": asked, "signed_in": signed_in}
        content |= {"here": "/compare", "tab": "compare", "rows": []}
        columns: Sequence[Column] | None = None
        try:
            columns = await pairings.columns(self._for(request), known, chosen, asked, words)
        except* Unavailable:
            content["face"] = "down"
        if "face" in content:
            return self.frame.html("compare.html", words, 503, content)
        if columns is None:
            return self.frame.html("compare.html", words, 200, {**content, "face": "apart"})
        names = [request.query.get("one"), request.query.get("other")]
        one = next((each for each in columns if each.name == names[0]), next(iter(columns), None))
        others = [each for each in columns if each is not one]
        other = next((each for each in others if each.name == names[1]), next(iter(others), None))
        if one is not None and other is not None:
            content |= {"columns": [one, other], "rows": pairings.rows(one.kpis, other.kpis, words)}
            content["json"] = pairings.address(one, other, chosen)
        return self.frame.html("compare.html", words, 200, {**content, "face": "figures", "others": others})

    def survey(
        self, request: web.Request, state: str, status: int = 200, *, scale: Scale = "five", token: str = ""
    ) -> web.Response:
        """The page that asks for a rating, or says what became of it."""
        words = self.frame.words(request)
        content = {"state": state, "scale": scale, "token": token, "choices": _choices(scale, words)}
        return self.frame.html("survey.html", words, status, content)

    async def workshop(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """Rules, and what they were not made for; with what came of an attempt."""
        words, chosen = self.frame.words(request), self.choice(request)
        clerk, assistant = self._clerk, chosen.assistant
        attempt, result = await workshop.posted(clerk, request, assistant) if request.method == "POST" else (None, None)
        content = self.frame.around(request, chosen, words) | workshop.shown(clerk, assistant, words, attempt, result)
        content |= {"signed_in": signed_in, "here": "/workshop", "tab": "workshop"}
        content["json"] = f"/api/v1/exchanges?{urlencode({'assistant': assistant.name})}"
        return self.frame.html("workshop.html", words, 200, content)

    async def reviews(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """Answers that were kept to be scored, one session at a time; what was scored before is taken first."""
        words, chosen = self.frame.words(request), self.choice(request)
        content = self.frame.around(request, chosen, words) | {
            "signed_in": signed_in,
            "here": "/reviews",
            "tab": "reviews",
            "said": "",
        }
        try:
            if request.method == "POST" and chosen.assistant.reviews.on:
                content["said"] = await reviews.posted(self._clerk, request, chosen.assistant)
            content |= await reviews.shown(self._clerk, request, chosen.assistant, words)
        except Unavailable:
            return self.frame.html("reviews.html", words, 503, content | {"face": "down"})
        return self.frame.html("reviews.html", words, 200, content)

    async def evidence(self, request: web.Request, *, signed_in: bool) -> web.Response:
        """What one figure rests on, and one of its sessions."""
        words, chosen = self.frame.words(request), self.choice(request)
        period = chosen.period(self._clerk.now())
        asked = request.query
        kpi = next((name for name in FORMULAS if name == asked.get("kpi")), tiles.FIVE[0])
        skip = int(text) if (text := asked.get("skip", "")).isdecimal() and len(text) < 8 else 0
        query: dict[str, object] = {"assistant": chosen.assistant.name, "from": period.first, "to": period.last}
        content = self.frame.around(request, chosen, words) | {"here": "/evidence", "tab": "evidence", "signed_in": signed_in}
        content |= {"kpi": kpi, "proven": list(FORMULAS), "skip": skip, "asked": asked.get("session"), "told": None}
        content |= {"face": "figures", "json": f"/api/v1/evidence?{urlencode({**query, 'kpi': kpi})}", "longest": LONGEST}
        days = period.first, period.last
        try:
            if period.length > LONGEST:
                series = await self._clerk.series(chosen.assistant, "month", *days)
                kept = self._clerk.now().date() - timedelta(seconds=chosen.assistant.session.traces)
                content["json"] = f"/api/v1/kpis?{urlencode({**query, 'interval': 'month'})}"
                content |= {"face": "long", "months": accounts.months(series, kpi, kept, words)}
                return self.frame.html("evidence.html", words, 200, content)
            found = await self._clerk.evidence(chosen.assistant, kpi, *days, Page(skip=skip, limit=accounts.LISTED))
            told = await self._clerk.timeline(chosen.assistant, asked["session"], *days) if asked.get("session") else None
        except Unavailable:
            return self.frame.html("evidence.html", words, 503, content | {"face": "down"})
        content |= {"shown": accounts.evidence(found, words), "told": accounts.timeline(told, words) if told else None}
        return self.frame.html("evidence.html", words, 200, content)

    def login(self, request: web.Request, fault: str = "", status: int = 200) -> web.Response:
        """The form that asks for the token, with what was wrong before: `wrong` or `wait`."""
        return self.frame.html("login.html", self.frame.words(request), status, {"fault": fault})

    def problem(self, request: web.Request, status: int, kind: str, text: str = "text") -> web.Response:
        """A page that says what is wrong; `kind` is a group of the catalogue."""
        words = self.frame.words(request)
        content = {"heading": words(f"{kind}.title"), "text": words(f"{kind}.{text}")}
        return self.frame.html("problem.html", words, status, content)

    def _for(self, request: web.Request) -> Clerk:
        return self._clerk.of(request[READER].department)

    def _live(self, chosen: Choice, words: Words) -> dict[str, Any]:
        found, health = self._clerk.lately(chosen.assistant), self._clerk.health()
        said = []
        for each in found.probes:
            values = {"probe": each.name, "share": formats.percent(each.share, words.language, 2)}
            said.append(words("uptime.up", **values) if each.up else words("uptime.down", **values))
        return {
            "now": tiles.live_texts(found.live, health, words),
            "state": tiles.health_state(health),
            "hour": sparkline(found.live.minutes, key="live.hour"),
            "uptime": [(text, strip(each.cells, text)) for text, each in zip(said, found.probes, strict=True)],
        }


def _parts(found: Read, chosen: Choice, words: Words) -> dict[str, Any]:
    said = {name: tiles.tile(name, found.figures, words, _then(name, found)) for name in chosen.view.figures}
    known = {name: tile for name, tile in said.items() if tile.status != "unset"}
    folds = [(fold, [known[name] for name in names if name in known]) for fold, names in chosen.view.folds]
    return {
        "tiles": [(known[name], times.spark(name, found)) for name in chosen.view.tiles if name in known],
        "folds": [(fold, rows) for fold, rows in folds if rows],
        "unset": [tile for tile in said.values() if tile.status == "unset"],
        "main": times.main(chosen.kpi, found, words),
        "panels": [below.panel(name, found, words) for name in chosen.view.panels],
        "warnings": basis.warnings(found.figures, words),
        "alone": found.alone,
    }


def _then(name: str, found: Read) -> Figures | None:
    """What a tile is compared with."""
    return None if found.partly and written.kind(name) in {"count", "money", "work"} else found.before


def _choices(scale: Scale, words: Words) -> list[tuple[int, str, str]]:
    """Score, sign and name of each answer on a scale."""
    if scale == "binary":
        return [(1, "👍", words("survey.up")), (0, "👎", words("survey.down"))]
    first, most = (1, 5) if scale == "five" else (0, 10)
    return [(n, "★" if scale == "five" else str(n), words("survey.of", n=n, most=most)) for n in range(first, most + 1)]
