"""What the API answers beside figures, and the ways an answer is sent: JSON with a tag, or a table for spreadsheets."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar, cast

import msgspec
from aiohttp import web

from proxy.kpi.groups import DIMENSIONS, Dimension, Scope
from proxy.kpi.report import Breakdown, Cohort, Day, Figures, Measure, Rhythm, Series, Stretch
from proxy.kpi.topics import Topics
from proxy.report.tables import safe
from proxy.settings.model import Targets

S = TypeVar("S", bound=msgspec.Struct)

CSV: Final = (
    "assistant", "from", "to", "group", "kpi", "value", "numerator", "denominator", "n", "low", "high",
    "target_low", "target_high", "status", "provisional", "reason",
)  # fmt: skip
"""A row for each figure: shares are 0..1, times seconds, days ISO dates."""


_LABELS: Final = [(name, str | msgspec.UnsetType, msgspec.UNSET) for name in DIMENSIONS]
"""The group that figures were narrowed to, as it was asked for."""


def _labelled(kind: type[S], text: str) -> type[S]:
    space = {"__doc__": text}
    made = msgspec.defstruct(f"{kind.__name__}Answer", _LABELS, bases=(kind,), namespace=space, frozen=True, kw_only=True)
    return cast("type[S]", made)


FiguresAnswer: Final = _labelled(Figures, "All measures of a period.")
BreakdownAnswer: Final = _labelled(Breakdown, "The measures of each group of a dimension (`by`).")
SeriesAnswer: Final = _labelled(Series, "The measures of each day, week or month (`interval`).")


def group_of(found: msgspec.Struct) -> str:
    """The group that one of these is of, as a table names it; "" is everything."""
    labels = [getattr(found, name) for name in DIMENSIONS]
    return "/".join([label for label in labels if label is not msgspec.UNSET])


def narrowed(kind: type[S], found: S, scope: Scope) -> S:
    """The answer of one of these kinds, which says the group that it is of."""
    fields = {name: getattr(found, name) for name in found.__struct_fields__}
    return kind(**fields, **dict(scope))


class DaysAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The measures of each day of a period."""

    assistant: str
    from_: str = msgspec.field(name="from")
    to: str
    time_zone: str
    days: list[Day]


class HoursAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The measures of each hour of a day; without cases where its hours are no longer kept."""

    assistant: str
    on: str
    time_zone: str
    hours: list[Stretch]


class RetentionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The cohorts of the last weeks that are over, the oldest first."""

    assistant: str
    time_zone: str
    cohorts: list[Cohort]


class TopicsAnswer(Topics, frozen=True, kw_only=True):
    """Themes of unanswered and handed-over turns of the last weeks, which at least `smallest` people raised."""

    assistant: str
    time_zone: str


class RhythmAnswer(Rhythm, frozen=True, kw_only=True):
    """Turns by weekday, Monday first, and hour."""

    assistant: str
    time_zone: str


class LabelsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The labels that there are groups of, by dimension: what figures can be narrowed to."""

    assistant: str
    labels: dict[Dimension, list[str]]


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """One assistant behind this proxy."""

    name: str
    time_zone: str
    launched: str | None
    targets: Targets


class AssistantsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The assistants behind this proxy."""

    assistants: list[Described]


class Fault(msgspec.Struct, frozen=True):
    """What was wrong: a word for programs, a sentence for people, and what would do."""

    code: str
    message: str
    hint: str


class Failure(msgspec.Struct, frozen=True):
    """Every answer that is no figure."""

    error: Fault


def tagged(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Let a reader keep an answer, and ask whether it still holds: figures change with each commit, and often do not."""
    if response.status != 200 or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    tag = hashlib.sha256(response.body).hexdigest()[:24]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if any(each.value in (tag, "*") for each in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    response.headers.update(headers)
    return response


def sheet(rows: Iterable[tuple[Mapping[str, Any], Mapping[str, Measure]]]) -> web.Response:
    """A table of figures: `rows` are the first columns of some measures, and the measures."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV)
    writer.writeheader()
    for common, kpis in rows:
        for name, measure in kpis.items():
            low, high = measure.interval or (None, None)
            target_low, target_high = measure.target or (None, None)
            own: dict[str, Any] = {key: getattr(measure, key) for key in CSV if key in Measure.__struct_fields__}
            row: dict[str, Any] = {**common, "kpi": name, **own, "low": low, "high": high}
            row |= {"target_low": target_low, "target_high": target_high}
            writer.writerow({key: _plain(value) for key, value in row.items()})
    return web.Response(body=out.getvalue().encode(), content_type="text/csv", charset="utf-8")


def _plain(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else safe(value)
