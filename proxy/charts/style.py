"""The style sheet that the charts need: palette, verdicts, lines and bars."""

from __future__ import annotations

from importlib.resources import files


def css() -> str:
    """Give it whole."""
    return (files("proxy.charts") / "charts.css").read_text(encoding="utf-8")
