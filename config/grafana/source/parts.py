"""What dashboards are made of, and how Grafana writes them (dashboard JSON, schema 41, Grafana 12).

A panel is described once, with its words in both languages; `Dashboard.json` gives the model in one of them. Places on the
grid follow from the order: a row's tiles share its first line, its charts stand two by two below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

Bounds = tuple[float | None, float | None]

COLUMNS: Final = 24
TILE_HEIGHT: Final = 5
CHART_HEIGHT: Final = 8

DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    en: str
    fr: str

    def to(self, language: Language) -> str:
        """Give the words of one language."""
        return self.en if language == "en" else self.fr


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression; `legend` is Grafana's template of a series' name, `unit` overrides the panel's."""

    expression: str
    legend: Text
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `about` is its definition and becomes its description. Grafana's units: percentunit, s, short, Bps ..."""

    kind: Literal["stat", "timeseries", "bargauge"]
    title: Text
    about: Text
    unit: str
    queries: tuple[Query, ...]
    stacked: bool = False
    bounds: Bounds = (None, None)  # green between them, orange outside
    decimals: int | None = None

    def json(self, language: Language, number: int, place: dict[str, int]) -> dict[str, Any]:
        """The panel's part of the dashboard model."""
        return {
            "id": number,
            "type": self.kind,
            "title": self.title.to(language),
            "description": self.about.to(language),
            "datasource": DATASOURCE,
            "gridPos": place,
            "targets": [self._target(language, index, query) for index, query in enumerate(self.queries)],
            "fieldConfig": {"defaults": self._defaults(), "overrides": self._overrides(language)},
            "options": self._options(),
        }

    def _target(self, language: Language, index: int, query: Query) -> dict[str, Any]:
        series = self.kind == "timeseries"
        return {
            "refId": chr(ord("A") + index),
            "datasource": DATASOURCE,
            "expr": query.expression,
            "legendFormat": query.legend.to(language),
            "instant": not series,
            "range": series,
        }

    def _defaults(self) -> dict[str, Any]:
        found: dict[str, Any] = {"unit": self.unit, "thresholds": self._thresholds(), "noValue": "-"}
        if self.decimals is not None:
            found["decimals"] = self.decimals
        if self.unit == "percentunit" and self.kind != "stat":
            found |= {"min": 0, "max": 1}
        if self.kind == "timeseries":
            found["custom"] = {
                "drawStyle": "bars" if self.stacked else "line",
                "fillOpacity": 60 if self.stacked else 8,
                "showPoints": "never",
                "stacking": {"mode": "normal" if self.stacked else "none", "group": "A"},
                "thresholdsStyle": {"mode": "off" if self.bounds == (None, None) else "line"},
            }
        return found

    def _thresholds(self) -> dict[str, Any]:
        low, high = self.bounds
        steps: list[dict[str, Any]] = [{"color": "blue" if self.bounds == (None, None) else "green", "value": None}]
        if low is not None:
            steps = [{"color": "orange", "value": None}, {"color": "green", "value": low}]
        if high is not None:
            steps.append({"color": "orange", "value": high})
        return {"mode": "absolute", "steps": steps}

    def _overrides(self, language: Language) -> list[dict[str, Any]]:
        return [
            {
                "matcher": {"id": "byName", "options": query.legend.to(language)},
                "properties": [{"id": "unit", "value": query.unit}],
            }
            for query in self.queries
            if query.unit
        ]

    def _options(self) -> dict[str, Any]:
        last = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        match self.kind:
            case "stat":
                mode = "value" if len(self.queries) == 1 else "value_and_name"
                return {"reduceOptions": last, "textMode": mode, "colorMode": "value", "graphMode": "none", "wideLayout": False}
            case "bargauge":
                return {"reduceOptions": last, "orientation": "horizontal", "displayMode": "basic", "valueMode": "color"}
            case "timeseries":
                legend = {"displayMode": "list", "placement": "bottom", "showLegend": True}
                return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a dashboard; a folded one is opened by a click."""

    title: Text
    panels: tuple[Panel, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One view. `since` is the beginning of its period in Grafana's words."""

    uid: str
    title: Text
    about: Text
    since: str
    refresh: str
    rows: tuple[Row, ...]

    def json(self, language: Language) -> dict[str, Any]:
        """The dashboard model."""
        return {
            "uid": f"kpi-proxy-{self.uid}-{language}",
            "title": self.title.to(language),
            "description": self.about.to(language),
            "tags": ["kpi-proxy", language],
            "schemaVersion": 41,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,
            "timezone": "browser",
            "time": {"from": self.since, "to": "now"},
            "refresh": self.refresh,
            "links": [_LINK | {"title": "kpi-proxy", "tags": ["kpi-proxy", language]}],
            "templating": {"list": _variables(language)},
            "annotations": {"list": []},
            "panels": self._panels(language),
        }

    def _panels(self, language: Language) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        number, top = 1, 0
        for row in self.rows:
            head = {"id": number, "type": "row", "title": row.title.to(language), "collapsed": row.folded, "panels": []}
            number += 1
            places, height = _places(row.panels, top + 1)
            panels = [
                panel.json(language, number + at, place) for at, (panel, place) in enumerate(zip(row.panels, places, strict=True))
            ]
            number += len(panels)
            found.append(head | {"gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1}, "panels": panels if row.folded else []})
            if not row.folded:
                found += panels
            top += 1 + height
        return found


def _places(panels: tuple[Panel, ...], top: int) -> tuple[list[dict[str, int]], int]:
    """Where each panel goes, and the height of them all: tiles in one line, the others two by two."""
    tiles = sum(panel.kind == "stat" for panel in panels)
    places = []
    tile = chart = 0
    below = TILE_HEIGHT if tiles else 0
    for panel in panels:
        if panel.kind == "stat":
            width = COLUMNS // tiles
            places.append({"x": tile * width, "y": top, "w": width, "h": TILE_HEIGHT})
            tile += 1
        else:
            half = COLUMNS // 2
            places.append({"x": chart % 2 * half, "y": top + below + chart // 2 * CHART_HEIGHT, "w": half, "h": CHART_HEIGHT})
            chart += 1
    return places, below + (chart + 1) // 2 * CHART_HEIGHT


_LINK: Final = {"type": "dashboards", "asDropdown": False, "includeVars": True, "keepTime": False}

SOURCE: Final = Text("Data source", "Source de données")
ASSISTANT: Final = Text("Assistant", "Assistant")
CHANNEL: Final = Text("Channel", "Canal")


def _variables(language: Language) -> list[dict[str, Any]]:
    return [
        {"name": "datasource", "type": "datasource", "label": SOURCE.to(language), "query": "prometheus"},
        _variable("assistant", ASSISTANT.to(language), "label_values(assistant_turns_total, assistant)"),
        _variable("channel", CHANNEL.to(language), 'label_values(assistant_turns_total{assistant=~"$assistant"}, channel)'),
    ]


def _variable(name: str, label: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "label": label,
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",  # an assistant without a channel has the empty one, which no list shows
        "current": {"text": ["All"], "value": ["$__all"]},
    }
