"""A report as one HTML file: whole by itself, for screen and paper, without script or anything from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Final

import jinja2
from markupsafe import Markup

from proxy.charts.style import css
from proxy.report.model import Report
from proxy.words.catalogue import Words
from proxy.words.written import ICONS

_FOLDER: Final = "templates"


def html(report: Report) -> str:
    """Write it down."""
    return _template().render(report=report, t=Words(report.language), icons=ICONS, style=_style())


def policy() -> str:
    """The content security policy under which a browser shows it: its own style sheet, known by its hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(f"\n{_style()}\n".encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def shared() -> dict[str, str]:
    """The templates that pages of the console have in common with it, by name."""
    return {"told.html": (files("proxy.report") / _FOLDER / "told.html").read_text(encoding="utf-8")}


@lru_cache(maxsize=1)  # of files that do not change while the program runs
def _template() -> jinja2.Template:
    text = (files("proxy.report") / _FOLDER / "report.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(shared()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(text)


@lru_cache(maxsize=1)
def _style() -> Markup:
    own = (files("proxy.report") / _FOLDER / "report.css").read_text(encoding="utf-8")
    return Markup(f"{css()}{own}".strip())  # noqa: S704 - our own files
