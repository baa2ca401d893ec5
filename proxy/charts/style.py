"""The style sheet that the charts need: palette, verdicts, lines and bars."""

from __future__ import annotations

import re
from importlib.resources import files


def css() -> str:
    """Give it whole: rules in terms of the palette, in light and dark."""
    return (files("proxy.charts") / "charts.css").read_text(encoding="utf-8")


def plain_css() -> str:
    """Give it with the light palette's colours in place, for what draws SVG without knowing of custom properties."""
    palette, _, rules = css().partition("@media")
    colours = dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", palette))
    rules = rules.partition("\n}\n")[2]
    return re.sub(r"var\((--[a-z-]+)\)", lambda found: colours[found[1]], rules)


def alone(picture: str) -> str:
    """A chart as a file of its own: with its name space, the light palette and a size to begin with."""
    head, _, rest = picture.partition(">")
    style = f"<style>svg {{ background: #ffffff; font-family: sans-serif; }} {plain_css()}</style>"
    return f'{head} xmlns="http://www.w3.org/2000/svg">{style}{rest}\n'
