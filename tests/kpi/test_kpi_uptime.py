"""Uptime by slot: one good address makes a good round, old slots go, and nothing is said of a time nobody asked in."""

from proxy.kpi.uptime import SLOT, SLOTS, Attempt, Uptime, Verdict

NOW = 1_800_000_000.0


def attempts(at: float, *verdicts: Verdict, probe: str = "home") -> list[Attempt]:
    return [Attempt(assistant="rh", probe=probe, replica=n, at=at, verdict=verdict) for n, verdict in enumerate(verdicts)]


def test_one_good_address_is_enough():
    uptime = Uptime()
    uptime.add(attempts(NOW, "unreachable", "ok"))
    (strip,) = uptime.strips("rh", NOW)
    assert (strip.up, strip.share, strip.cells[-1]) == (True, 1.0, 1.0)


def test_the_share_is_of_rounds_and_the_state_of_the_last():
    uptime = Uptime()
    for number in range(4):
        uptime.add(attempts(NOW - SLOT, "status" if number == 3 else "ok"))
    uptime.add(attempts(NOW, "timeout"))
    (strip,) = uptime.strips("rh", NOW)
    assert (strip.up, strip.share) == (False, 0.6)
    assert strip.cells[-3:] == (None, 0.75, 0.0)
    assert len(strip.cells) == SLOTS


def test_what_is_older_than_a_day_is_gone():
    uptime = Uptime()
    uptime.add(attempts(NOW, "broken"))
    uptime.add(attempts(NOW, "ok", probe="canary"))
    later = NOW + SLOT * SLOTS
    uptime.add(attempts(later, "ok"))
    (strip,) = uptime.strips("rh", later)
    assert (strip.probe, strip.share) == ("home", 1.0)
    assert uptime.strips("it", NOW) == ()
