"""Tokens that an answer took, as the ledger keeps them: what is paid for, without a price.

Prices are laid over sums when figures are read (proxy.kpi.prices), so the sums are kept apart by all that a price may depend
on: the model, the kind of token, and how long the input of the call was, since providers ask more for long ones. A sum of
calls would not tell that any more, so each call is put into the band of its length.

    tokens:KIND:BAND:MODEL     tokens; `in` without those read from a cache or written to it, `out` without reasoning
    usage:known usage:none     turns whose calls all said their tokens, and turns that took none
    usage:of:MODEL     turns with known usage, under each model that took part

A failure that gave no text and reported nothing took no tokens as far as anyone can see. What is in neither of the two is
unknown, and so are turns that were counted before tokens were.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, get_args

import msgspec

from proxy.kpi.events import Turn
from proxy.settings.value import BANDS

Kind = Literal["in", "cached", "written", "out", "reasoning"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

CALLS: Final = 16
"""Usages kept apart in one turn: calls of one model and band are added up, so only a turn of many models has more."""

Sums = Mapping[str, int]


class Usage(msgspec.Struct, frozen=True, array_like=True):
    """Tokens of the calls of one model in one band; the five kinds have no token in common."""

    model: str
    band: int  # its lower bound is that of BANDS
    counts: tuple[int, int, int, int, int]  # in the order of KINDS

    @property
    def place(self) -> tuple[str, int]:
        """What usages are told apart by."""
        return self.model, self.band


def usage_of(turn: Turn) -> Usage | None:
    """Give the tokens of one call; None when it reported none."""
    if turn.tokens_in is None and turn.tokens_out is None:
        return None
    whole, out = turn.tokens_in or 0, turn.tokens_out or 0
    # A report that contradicts itself must not make a count negative.
    cached = min(turn.tokens_cached or 0, whole)
    written = min(turn.tokens_written or 0, whole - cached)
    reasoning = min(turn.tokens_reasoning or 0, out)
    counts = (whole - cached - written, cached, written, out - reasoning, reasoning)
    return Usage(turn.model, band(whole), counts)


def band(tokens: int) -> int:
    """Give the band of an input: the last whose bound it is above."""
    return bisect_left(BANDS, tokens, 1) - 1


def unreported(turn: Turn) -> bool:
    """Say whether an answer took tokens that nobody counted. A failure that gave no text took none that we know of."""
    if turn.aside or turn.awaits is not None or turn.tokens_in is not None or turn.tokens_out is not None:
        return False
    return turn.first_text is not None or turn.result in {"ok", "no_answer", "cancelled"}


def joined(some: Iterable[Usage], more: Iterable[Usage]) -> tuple[Usage, ...]:
    """Add usages up by model and band."""
    found: dict[tuple[str, int], Usage] = {}
    for each in (*some, *more):
        place = each.place if each.place in found or len(found) < CALLS else next(reversed(found))
        known = found.get(place)
        found[place] = each if known is None else _plus(known, each)
    return tuple(found.values())


def _plus(one: Usage, other: Usage) -> Usage:
    first, second = one.counts, other.counts
    counts = (first[0] + second[0], first[1] + second[1], first[2] + second[2], first[3] + second[3], first[4] + second[4])
    return Usage(one.model, one.band, counts)


def cells(usages: Iterable[Usage]) -> Iterator[tuple[str, int]]:
    """Give the ledger's cells of some calls."""
    for usage in usages:
        for kind, count in zip(KINDS, usage.counts, strict=True):
            if count:
                yield f"tokens:{kind}:{usage.band}:{usage.model}", count


def usages(sums: Sums) -> list[Usage]:
    """Read the calls back from sums of cells."""
    found: dict[tuple[str, int], dict[str, int]] = {}
    for name, count in sums.items():
        if name.startswith("tokens:"):
            _, kind, number, model = name.split(":", 3)  # a model's name may have colons of its own
            found.setdefault((model, int(number)), {})[kind] = count
    return [
        Usage(model, number, (kinds.get("in", 0), kinds.get("cached", 0), kinds.get("written", 0), kinds.get("out", 0), rest))
        for (model, number), kinds in sorted(found.items())
        for rest in (kinds.get("reasoning", 0),)
    ]


def unknown(sums: Sums) -> int:
    """Give the turns of the assistant that took tokens nobody counted."""
    own = sums.get("turns", 0) - sums.get("turn:human", 0)
    return max(own - sums.get("usage:known", 0) - sums.get("usage:none", 0), 0)


def turns_of(sums: Sums) -> dict[str, int]:
    """Give the turns with known usage by model."""
    start = "usage:of:"
    return {name[len(start) :]: count for name, count in sums.items() if name.startswith(start)}
