"""What an assistant costs and what it saves: the operator's own numbers, each from a day on.

Nothing here has a default in money: a figure that would need a number nobody gave is withheld, and says which one.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final, Literal

from msgspec import field

from proxy.settings.base import Date, Duration, Path, Section, Share

BANDS: Final = (0, 32_000, 100_000, 128_000, 200_000, 256_000, 272_000, 512_000)
"""Tokens of a call's input above which a price may change: where providers' prices did, in November 2026. Sums of tokens are
kept apart here, so a bound that is added later holds from then on."""


class Rate(Section, frozen=True, kw_only=True):
    """What one unit of another currency is worth in `value.currency`, from a day on."""

    from_: Date = field(name="from")
    currency: str
    rate: float


class Price(Section, frozen=True, kw_only=True):
    """Prices of a million tokens of the models that `model` names ("*" matches any run), from a day on.

    `above` makes it the price of calls whose whole input has more tokens than that. What is not given has the price of the
    input (`cached`, `written`) or of the output (`reasoning`).
    """

    from_: Date = field(name="from")
    model: str
    input: float
    output: float
    cached: float | None = None
    written: float | None = None
    reasoning: float | None = None
    above: int = 0
    currency: str = ""  # "": that of the assistant


class Cost(Section, frozen=True, kw_only=True):
    """What is paid beside tokens, from a day on: a licence, a platform's price, the people who look after it."""

    from_: Date = field(name="from")
    monthly: float = 0.0
    per_turn: float = 0.0
    per_session: float = 0.0
    currency: str = ""


class Assumptions(Section, frozen=True, kw_only=True):
    """What an automated session is worth, from a day on: one number, or three for the low, the base and the high scenario."""

    from_: Date = field(name="from")
    version: str = ""  # as it is called where it is printed
    source: str = ""  # who says so
    displacement: Share | tuple[Share, Share, Share]  # of the automated sessions, those that would have been a human's
    contact_cost: float | tuple[float, float, float]  # of one contact with a human
    handling: Duration | tuple[Duration, Duration, Duration] | None = None  # of a human's time for it
    triage: Duration = 0.0  # of a human's time saved by a session that was handed over
    minute_cost: float = 0.0  # of a human's time, for `triage`
    monthly_hours: float | None = None  # that one person works in a month, to say time in people


class Phase(Section, frozen=True, kw_only=True):
    """Departments that the assistant was given to from a day on, in a roll-out by phases."""

    from_: Date = field(name="from")
    departments: tuple[str, ...]


class Value(Section, frozen=True, kw_only=True):
    """Costs and value of one assistant."""

    currency: str = "EUR"
    tokens: Literal["priced", "included"] = "priced"  # included: whoever runs the assistant asks nothing for tokens
    list_prices: bool = False  # where `prices` has none: the list of the package genai-prices
    unknown: Share = 0.05  # turns of unknown cost above which no cost is given
    complete: Share = 0.9  # understood traffic below which neither cost nor value is given
    rates: tuple[Rate, ...] = ()
    prices: tuple[Price, ...] = ()
    costs: tuple[Cost, ...] = ()
    assumptions: tuple[Assumptions, ...] = ()
    baseline: Path | None = None  # CSV of contacts with humans by day, and by department where the roll-out is phased
    phases: tuple[Phase, ...] = ()


@lru_cache(maxsize=4096)  # rows times models of some assistants
def fits(pattern: str, model: str) -> bool:
    """Say whether a row of prices is for a model."""
    return fnmatchcase(model, pattern.replace("[", "[[]").replace("?", "[?]"))
