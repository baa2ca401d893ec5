"""What all pages have around them: templates, the language of the reader, the frame of choices and links."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

import jinja2
from aiohttp import web

from proxy.console import choice, periods, views
from proxy.console.assets import Asset
from proxy.console.choice import Choice
from proxy.console.clerk import Clerk
from proxy.console.periods import Period
from proxy.console.readers import READER
from proxy.kpi.evidence import FORMULAS
from proxy.kpi.groups import DIMENSIONS, Dimension
from proxy.report import html
from proxy.report.model import AUDIENCES
from proxy.words import formats
from proxy.words.catalogue import Words
from proxy.words.formats import LANGUAGES

UNFILTERED: Final[Mapping[str, None]] = dict.fromkeys((*DIMENSIONS, "from", "to"))
"""Parameters that a link leaves out to show everything again."""


class Frame:
    """Writes pages from templates; one per console."""

    def __init__(self, clerk: Clerk, assets: Mapping[str, Asset]) -> None:
        self._clerk = clerk
        templates = {entry.name: entry.read_text(encoding="utf-8") for entry in (files("proxy.console") / "templates").iterdir()}
        self._jinja = jinja2.Environment(
            loader=jinja2.DictLoader(templates | html.shared()),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._assets = {name: f"/static/{name}?v={asset.tag}" for name, asset in assets.items()}

    def words(self, request: web.Request) -> Words:
        """In the language of the address, of the settings, or of the browser."""
        said = choice.said(request)
        fixed = self._clerk.settings.console.language
        if said is None and fixed != "auto":
            said = fixed
        return Words(said or formats.preferred(request.headers.get("Accept-Language", "")))

    def html(self, template: str, words: Words, status: int, content: Mapping[str, Any]) -> web.Response:
        """A page, which nobody keeps: its figures change."""
        text = self._jinja.get_template(template).render({"t": words, "lang": words.language, "assets": self._assets, **content})
        headers = {"Cache-Control": "no-store", "Content-Language": words.language, "Vary": "Accept-Language"}
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)

    def around(self, request: web.Request, chosen: Choice, words: Words) -> dict[str, Any]:
        """What all pages of figures have around them."""
        period = chosen.period(self._clerk.now())
        asked: dict[str, object] = {
            "assistant": chosen.assistant.name,
            "from": period.first,
            "to": period.last,
            **dict(chosen.scope),
        }
        return {
            "choice": chosen,
            "proofs": FORMULAS.keys() if request[READER].may("auditor") else (),
            "whole": request[READER].department is None,
            "sampled": chosen.assistant.reviews.on,
            "admin": request[READER].may("admin"),
            "reviewer": request[READER].may("reviewer"),
            "period": period,
            "assistants": [known.name for known in self._clerk.settings.assistants],
            "tabs": [views.view(name, chosen.audience) for name in views.NAMES],
            "audiences": AUDIENCES,
            "first_audience": views.FIRST,
            "days": periods.CHOICES,
            "labels": dict[Dimension, list[str]](),
            "languages": LANGUAGES,
            "range": spelt(period, words),
            "today": periods.last_days(1, chosen.assistant, self._clerk.now()).last,
            "everything": dict.fromkeys(DIMENSIONS),
            "clear": chosen.link(**UNFILTERED),
            "report": "/report?" + urlencode({"assistant": chosen.assistant.name, "lang": words.language}),
            "json": "/api/v1/kpis?" + urlencode(asked),
        }


def spelt(period: Period, words: Words) -> str:
    """A period in words."""
    language = words.language
    if period.length == 1:
        return formats.full_day(period.first, language)
    return words("range", first=formats.day(period.first, language), last=formats.full_day(period.last, language))
