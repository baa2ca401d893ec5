"""What a judge may spend: tokens and money, of a day and of a month.

Money is in millionths of the assistant's currency, as whole numbers add up exactly on every host.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

MILLIONTHS: Final = 1_000_000

Limit = Literal["day_tokens", "month_tokens", "day_cost", "month_cost"]
"""The limits, as the settings call them."""


class Charge(msgspec.Struct, frozen=True):
    """What calls took, or may take; negative where it is given back."""

    tokens: int = 0
    money: int = 0  # millionths

    def __add__(self, more: Charge) -> Charge:
        return Charge(self.tokens + more.tokens, self.money + more.money)

    def __sub__(self, less: Charge) -> Charge:
        return Charge(self.tokens - less.tokens, self.money - less.money)


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """The limits. Of tokens 0 asks nothing; of money None sets no limit."""

    day_tokens: int
    month_tokens: int
    day_cost: int | None = None  # millionths
    month_cost: int | None = None

    @property
    def priced(self) -> bool:
        """Whether money is limited, so that a price is needed."""
        return self.day_cost is not None or self.month_cost is not None

    def passed(self, day: Charge, month: Charge) -> Limit | None:
        """Which limit is passed by what was spent of a day and its month, the longest first; None while there is room."""
        if month.tokens > self.month_tokens:
            return "month_tokens"
        if self.month_cost is not None and month.money > self.month_cost:
            return "month_cost"
        if day.tokens > self.day_tokens:
            return "day_tokens"
        if self.day_cost is not None and day.money > self.day_cost:
            return "day_cost"
        return None


def millionths(amount: float) -> int:
    """An amount of money, rounded up: a call that costs next to nothing still costs something."""
    return -int(-amount * MILLIONTHS // 1)
