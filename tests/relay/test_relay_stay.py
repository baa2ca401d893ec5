"""How long an exchange stays in the relay."""

from __future__ import annotations

from time import monotonic

import pytest

from proxy.relay.stay import Stay
from proxy.relay.watch import LoopWatch, Round


class Told(LoopWatch):
    """Is in the round that it is told of."""

    def enters(self, ended: float) -> None:
        """Begin another, that ends at a moment; 0.0: not yet."""
        self.round = Round()
        self.round.ended = ended


def test_what_comes_stays_until_its_round_has_ended() -> None:
    watch = Told()
    stay = Stay(watch, 9.0)
    assert (stay.gone, stay.seconds) == (9.0, 0.0)
    watch.enters(10.5)
    stay.came(10.0)
    stay.came(10.2)  # goes out with the rest: it is not counted twice
    watch.enters(12.25)
    stay.came(12.0)
    assert (stay.gone, stay.seconds) == (12.25, 0.75)
    assert (stay.gone, stay.seconds) == (12.25, 0.75), "asking adds nothing"


def test_in_a_round_that_has_not_ended_it_stays_until_now() -> None:
    watch = Told()
    stay = Stay(watch, 0.0, 1.0)
    watch.enters(0.0)
    before = monotonic()
    stay.came(before - 5.0)
    assert before <= stay.gone <= monotonic()
    assert stay.seconds == pytest.approx(1.0 + 5.0 + stay.gone - before)


def test_outside_of_a_round_it_has_gone_out_already() -> None:
    stay = Stay(LoopWatch(), 0.0)
    before = monotonic()
    stay.came(before)
    assert before <= stay.gone <= monotonic()
    assert stay.seconds == stay.gone - before
