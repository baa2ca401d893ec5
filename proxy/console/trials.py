"""What the workshop tries, and what comes of it."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

SAMPLE: Final = 64 * 1024
"""Characters of a pasted sample: a long chat's request has some ten thousand."""
RULE: Final = 2000
"""Characters of an expression or a pattern."""

Kind = Literal["expression", "phrase", "exchange"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class Attempt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sample, and what is tried on it.

    `expression`: `rule` is a JMESPath expression, the sample a body, JSON or a stream of events. `phrase`: the sample is
    something that was said; `rule` may be an RE2 pattern to try beside the assistant's own rules. `exchange`: the sample is a
    request's body, a line of ---, and the answer's body; `rule` is the method and the path.
    """

    kind: Kind
    sample: Annotated[str, Meta(max_length=SAMPLE)]
    rule: Annotated[str, Meta(max_length=RULE)] = ""
    assistant: str | None = None


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it, in lines as `kpi-proxy explain` writes them; `problem` says why there are no more."""

    lines: tuple[str, ...] = ()
    problem: str = ""
