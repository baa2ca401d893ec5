"""Exchanges that are gone are told once: by assistant and hour, within bounds."""

from __future__ import annotations

from proxy.records import Lost
from proxy.relay.losses import HOUR, KINDS, Losses


def test_they_are_told_by_assistant_and_hour_and_only_once() -> None:
    losses = Losses()
    for assistant, at in (("a", 10.0), ("a", 30.0), ("a", 20.0), ("b", 40.0), ("a", HOUR + 1.0)):
        losses.gave_up(Lost(1, assistant, at, 1), handed=False)
    losses.gave_up(Lost(2, "b", 50.0, 5), handed=False)  # told before, and lost on its way
    assert losses.take(7) == [Lost(8, "a", 30.0, 3), Lost(9, "b", 50.0, 6), Lost(10, "a", HOUR + 1.0, 1)]
    assert not losses
    assert losses.take(10) == []


def test_what_was_handed_over_is_lost_with_the_connection_and_not_before() -> None:
    losses = Losses()
    for seq in range(1, 6):
        losses.gave_up(Lost(seq, "a", 1.0, 1), handed=True)
    losses.acknowledged(2, 2)
    losses.acknowledged(4, 1_000_000_000)
    assert not losses
    losses.disconnected()
    losses.disconnected()
    assert losses.take(0) == [Lost(1, "a", 1.0, 2)]


def test_hours_without_end_are_told_together() -> None:
    losses = Losses()
    for hour in range(KINDS + 50):
        losses.gave_up(Lost(1, "a", hour * HOUR + 1.0, 1), handed=False)
    told = losses.take(0)
    assert len(told) == KINDS + 1
    assert told[-1].exchanges == 50
