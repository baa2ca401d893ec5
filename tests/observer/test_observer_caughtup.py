"""An observer has caught up when every relay has sent its accounting, or one that does not come was waited for long enough."""

from proxy.observer.caughtup import LIMIT, CaughtUp


def test_all_relays_or_the_limit() -> None:
    told, now = 1, 100.0
    caught_up = CaughtUp(lambda: told, 2, lambda: now)
    assert not caught_up()
    told = 2
    assert caught_up()
    told = 0  # a relay that starts again holds nothing of before
    assert caught_up()
    other = CaughtUp(lambda: 1, 2, lambda: now)
    now += LIMIT
    assert other()
