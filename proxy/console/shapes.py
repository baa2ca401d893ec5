"""What passed lately, as the workshop shows it: shapes of exchanges, never a value."""

from __future__ import annotations

import msgspec

from proxy.meaning.outlines import Counted, Field


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange, without any value of it. `at` is ISO 8601, UTC; sizes are bytes."""

    at: str
    route: str
    status: int | None
    outcome: str
    preset: str
    marks: tuple[str, ...]
    request: tuple[Field, ...]
    request_size: int
    answer: tuple[Field, ...]
    answer_size: int
    stream: bool


class ExchangesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The last exchanges of an assistant that were looked at, one each second, and the routes that nothing understood."""

    assistant: str
    recent: list[Seen]
    unmatched: list[Counted]
