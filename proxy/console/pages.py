"""The pages, written whole by the server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

import jinja2
import msgspec
from aiohttp import web
from markupsafe import Markup

from proxy.console import charts, formats, guard, periods, tiles
from proxy.console.assets import Asset
from proxy.console.formats import LANGUAGES, Language
from proxy.console.periods import Period
from proxy.console.sources import Sources, Unavailable
from proxy.console.texts import Words
from proxy.kpi.report import Day, Figures, Measure
from proxy.settings.model import Assistant

OUTCOMES: Final = ("resolved_confirmed", "resolved_assumed", "handed_over", "no_answer", "abandoned", "failed")
"""From the best to the worst; the bar and its legend keep this order."""

_STAGES: Final = ("captured", "decoded", "attributed")


class Choice(msgspec.Struct, frozen=True):
    """What a page shows, as its address says; without the unsaid it is the same page for everybody."""

    assistant: Assistant
    days: int
    kpi: str
    said: Language | None  # named in the address

    def link(self, **changes: str | int) -> str:
        """Address of the page with something else chosen."""
        asked: dict[str, str | int] = {"assistant": self.assistant.name, "days": self.days, "kpi": self.kpi}
        if self.said is not None:
            asked["lang"] = self.said
        return "/?" + urlencode({**asked, **changes})

    def stream(self) -> str:
        """Address of the events that keep it fresh."""
        return "/events" + self.link()[1:]


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
                ledger = self._sources.ledger
                figures = group.create_task(ledger.figures(choice.assistant, period.first, period.last))
                days = group.create_task(ledger.days(choice.assistant, period.first, period.last))
        except* Unavailable:
            read, face = None, tiles.shown(None)
        else:
            face = tiles.shown(figures.result())
            read = self._read(figures.result(), days.result(), choice, words)
        content = self._frame(choice, period, words) | self._live(choice, words)
        content |= {"read": read, "face": face, "signed_in": signed_in}
        return self._html("figures.html", words, 200 if read else 503, content)

    def login(self, request: web.Request, *, wrong: bool) -> web.Response:
        """The form that asks for the token."""
        return self._html("login.html", self.words(request), 401 if wrong else 200, {"wrong": wrong})

    def problem(self, request: web.Request, status: int, kind: str, text: str = "text") -> web.Response:
        """A page that says what is wrong; `kind` is a group of the catalogue."""
        words = self.words(request)
        content = {"heading": words(f"{kind}.title"), "text": words(f"{kind}.{text}")}
        return self._html("problem.html", words, status, content)

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
            "json": "/api/v1/kpis?" + urlencode({"assistant": choice.assistant.name, "from": period.first, "to": period.last}),
        }

    def _live(self, choice: Choice, words: Words) -> dict[str, Any]:
        live, health = self._sources.live.snapshot(choice.assistant.name), self._sources.health()
        return {
            "now": tiles.live_texts(live, health, words),
            "state": tiles.health_state(health),
            "hour": charts.sparkline(live.minutes, key="live.hour"),
        }

    def _read(self, figures: Figures, days: list[Day], choice: Choice, words: Words) -> dict[str, Any]:
        return {
            "tiles": [(tiles.tile(name, figures, words), _spark(name, days)) for name in tiles.FIVE],
            "chart": _chart(choice.kpi, figures, days, words),
            "outcomes": _outcomes(figures, words),
            "basis": _basis(figures, words),
        }


def _said(request: web.Request) -> Language | None:
    return next((language for language in LANGUAGES if language == request.query.get("lang")), None)


def _spark(name: str, days: list[Day]) -> Markup:
    values = [measure.value if (measure := day.kpis.get(name)) else None for day in days]
    return charts.sparkline(values)


def _chart(name: str, figures: Figures, days: list[Day], words: Words) -> dict[str, Any]:
    language = words.language
    measures = [(date.fromisoformat(day.date), day.kpis.get(name) or Measure(value=None)) for day in days]
    points = [
        charts.Point(
            formats.day(at, language),
            measure.value,
            measure.provisional,
            f"{formats.full_day(at, language)}: {tiles.written(name, measure.value, words)}",
        )
        for at, measure in measures
    ]
    target = figures.kpis[name].target if name in figures.kpis else None
    title = words("chart", name=words(name))

    def tick(value: float) -> str:
        return tiles.round_number(name, value, words) if value else "0"

    def drawn(width: int, height: int) -> Markup:
        return charts.trend(
            points, title=title, band=target, share=name not in tiles.TIMES, written=tick, width=width, height=height
        )

    return {
        "name": name,
        "title": title,
        "any": any(point.value is not None for point in points),
        "soft": any(point.soft and point.value is not None for point in points),
        "wide": drawn(960, 240),
        "narrow": drawn(360, 210),
        "rows": [
            (
                formats.full_day(at, language),
                tiles.written(name, measure.value, words),
                tiles.counted(name, measure, words) or formats.NONE,
                formats.NONE if measure.value is None else words("soft" if measure.provisional else "settled"),
            )
            for at, measure in reversed(measures)
        ],
    }


def _outcomes(figures: Figures, words: Words) -> dict[str, Any]:
    language = words.language
    counts = [(name, figures.outcomes.get(name, 0)) for name in OUTCOMES]
    total = sum(count for _, count in counts)
    excluded = figures.outcomes.get("excluded", 0)
    parts = [(name, count, f"{words(f'outcome.{name}')}: {formats.number(count, language)}") for name, count in counts]
    return {
        "total": total,
        "bar": charts.stack(parts, "; ".join(said for _, _, said in parts)),
        "rows": [
            (
                name,
                words(f"outcome.{name}"),
                formats.number(count, language),
                formats.percent(count / total, language) if total else formats.NONE,
            )
            for name, count in counts
        ],
        "note": words(
            "outcomes.note",
            count=formats.number(total, language),
            open=formats.number(figures.open_sessions, language),
        ),
        "excluded": words("outcomes.excluded", count=formats.number(excluded, language)) if excluded else "",
    }


def _basis(figures: Figures, words: Words) -> dict[str, Any]:
    shares = [(stage, getattr(figures.completeness, stage)) for stage in _STAGES]
    return {
        "rows": [
            (words(f"basis.{stage}"), words("basis.none") if share is None else formats.percent(share, words.language))
            for stage, share in shares
        ]
        + [(words("basis.dropped"), formats.number(figures.completeness.dropped, words.language))],
        "definitions": words("basis.definitions", version=figures.definitions),
        "interval": words("basis.interval"),
        "zone": words("basis.zone", zone=figures.time_zone),
    }


def sign_in(guarded: guard.Guard, request: web.Request) -> web.Response:
    """To the first page, remembered."""
    response = web.Response(status=303, headers={"Location": "/"})
    guarded.sign_in(response, secure=request.secure)
    return response
