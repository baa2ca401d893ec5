"""What the API's calls may be asked with: one definition of each, to check requests and to describe them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta
from multidict import MultiMapping

from proxy.kpi.calendar import Interval
from proxy.kpi.evidence import FORMULAS, SHOWN
from proxy.kpi.groups import DIMENSIONS, Dimension
from proxy.settings.model import Returns

Label = Annotated[str, Meta(min_length=1)]
Span = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,3}(s|m|h)$")]
"""More is understood (1.5h, 2 d, a number of seconds); this much is promised."""
YesNo = Literal["yes", "no", "true", "false", "1", "0"]
Form = Literal["json", "csv"]

DATED: Final = ("assistant", "from", "to")


class ParameterError(ValueError):
    """A parameter that is none, or came twice; `hint` says what would do."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of a query. `kind` is a type that msgspec can describe."""

    kind: Any
    text: str


_PLAIN: Final[Mapping[str, Parameter]] = {
    "assistant": Parameter(str, "Name of an assistant; needed where there are several."),
    "from": Parameter(date, "First day, in the assistant's time zone. With `to`; without both the last 28 days are meant."),
    "to": Parameter(date, "Last day, included."),
    "on": Parameter(date, "The day, in the assistant's time zone; today without it."),
    "channel": Parameter(Label, "Figures of this channel alone."),
    "department": Parameter(Label, "Figures of this department alone; may stand with `profile`."),
    "profile": Parameter(Label, "Figures of this profile alone; may stand with `department`."),
    "model": Parameter(Label, "Figures of this model alone."),
    "route": Parameter(Label, "Figures of this route alone."),
    "by": Parameter(Dimension, "A breakdown: the figures of each group of a dimension."),
    "interval": Parameter(Interval, "A series: the figures of each day, week or month."),
    "format": Parameter(Form, "`csv` gives a table for spreadsheets, a row for each figure."),
    "kpi": Parameter(Literal[tuple(sorted(FORMULAS))], "The figure that is to be explained."),
    "session": Parameter(Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")], "A session, by the name that evidence gives it."),
    "limit": Parameter(Annotated[int, Meta(ge=1, le=SHOWN)], f"Sessions of a page, {SHOWN} without it."),
    "skip": Parameter(Annotated[int, Meta(ge=0, le=10_000_000)], "Newer sessions that are passed over: those of earlier pages."),
    "idle": Parameter(Span, "Gap that ends a session, as 30m."),
    "settle": Parameter(Span, "Time after which a session is settled, as 24h."),
    "assumed": Parameter(YesNo, "Whether an assumed resolution counts as automated."),
    "returns": Parameter(Returns, "Which returns before a session settled take its resolution back."),
    "trial": Parameter(YesNo, "Whether the rules of `markers.trial` apply as well."),
    "without": Parameter(str, "Rules, or files of rules, that are left out, with commas between."),
}

PARAMETERS: Final[Mapping[str, Parameter]] = {
    **_PLAIN,
    **{
        f"with_{name}": Parameter(_PLAIN[name].kind, f"Of the other side: {_PLAIN[name].text[0].lower()}{_PLAIN[name].text[1:]}")
        for name in (*DATED, *DIMENSIONS)
    },
}


def only(given: MultiMapping[str], known: Collection[str]) -> None:
    """Refuse parameters that would be ignored: a mistyped date must not answer with another period. Raises `ParameterError`."""
    for name in given:
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            raise ParameterError("parameter_unknown", f"unknown parameter {name[:40]!r}", f"the parameters are: {names}")
        if len(given.getall(name)) > 1:
            raise ParameterError("parameter_twice", f"parameter {name!r} came more than once", "give it once")


def number(name: str, given: Mapping[str, str], default: int) -> int:
    """A whole number within its bounds; raises `ParameterError`."""
    text = given.get(name)
    if text is None:
        return default
    try:
        found: int = msgspec.convert(text, PARAMETERS[name].kind, strict=False)
    except msgspec.ValidationError as error:
        raise ParameterError("number", f"{name}: {text[:40]!r} will not do", str(error)) from error
    return found
