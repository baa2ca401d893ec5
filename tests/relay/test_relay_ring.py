"""What waits for the observer stays within its limits; what does not fit is given up in steps, each counted and told."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.records import LEVELS, Answered, Ending, Lost, Opened, Record, Segment
from proxy.relay.counters import Counters
from proxy.relay.held import FIELD_SIZE, RECORD_SIZE
from proxy.relay.ring import RELIEF, Ring
from proxy.settings.model import Capture

HEAD = (("user-agent", "u" * 80),)
HEAD_SIZE = FIELD_SIZE + 80


class Clock:
    """A monotonic clock that stands until it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def record(seq: int, text: int = 1000, path: str = "/") -> Record:
    """A whole exchange with so many bytes of text."""
    return Record(
        seq,
        seq,
        "rh",
        Opened(1.0, "127.0.0.1", "POST", path, (), HEAD),
        (Segment(True, 0, b"x" * text, (0.1,)),) if text else (),
        Answered(0.1, 200, ()),
        Ending(0.2, "complete", text, 0, 0.1),
    )


WHOLE = RECORD_SIZE + 1 + HEAD_SIZE + 1000 + 40


def held(ring: Ring) -> list[tuple[int, bool, bool]]:
    """What is there: sequence numbers, each with whether its text and its fields are."""
    found = [entry for entry, _ in filter(None, [ring.get(seq) for seq in range(1, 1000)])]
    records = [entry for entry in found if isinstance(entry, Record)]
    return [(each.seq, bool(each.segments), bool(each.opened and each.opened.headers)) for each in records]


def missed(ring: Ring) -> int:
    """Exchanges that the observer is or will be told of as gone."""
    return sum(lost.exchanges for lost in ring.losses.take(0))


def ring_of(total: int, records: int = 1000) -> tuple[Ring, Counters, Clock]:
    counters, clock = Counters(), Clock()
    return Ring(Capture(total=total, records=records), counters, clock), counters, clock


def dropped(counters: Counters) -> dict[str, int]:
    values = counters.counts(0, 0, 0).values
    return {stage: count for (name, stage, _), count in values.items() if name == "dropped"}


def test_texts_go_first_then_fields_then_records_each_from_the_oldest_on() -> None:
    ring, counters, _ = ring_of(3 * WHOLE)
    for seq in (1, 2, 3):
        ring.add(record(seq))
    assert (held(ring), ring.level) == ([(1, True, True), (2, True, True), (3, True, True)], 0)
    ring.add(record(4))
    assert LEVELS[ring.level] == "no_texts"
    assert held(ring) == [(1, False, True), (2, False, True), (3, True, True), (4, True, True)]
    slim = 3 * WHOLE // (WHOLE - 1040)
    for seq in range(5, slim + 1):
        ring.add(record(seq))
    assert (dropped(counters), LEVELS[ring.level]) == ({"body": slim}, "no_texts")
    assert held(ring) == [(seq, False, True) for seq in range(1, slim + 1)]
    ring.add(record(slim + 1))
    assert LEVELS[ring.level] == "timings"
    assert held(ring)[:2] == [(1, False, False), (2, False, True)]
    bare = 3 * WHOLE // (RECORD_SIZE + 1)
    for seq in range(slim + 2, bare + 2):
        ring.add(record(seq))
    assert LEVELS[ring.level] == "bytes"
    assert held(ring) == [(seq, False, False) for seq in range(2, bare + 2)]
    assert dropped(counters) == {"body": bare + 1, "head": bare + 1, "record": 1}


def test_the_number_of_records_has_a_limit_of_its_own() -> None:
    ring, counters, _ = ring_of(100 * WHOLE, records=3)
    for seq in range(1, 6):
        ring.add(record(seq))
    assert held(ring) == [(seq, True, True) for seq in (3, 4, 5)]
    assert (dropped(counters), LEVELS[ring.level]) == ({"record": 2}, "bytes")
    assert missed(ring) == 2


def test_an_exchange_of_many_records_is_missed_once() -> None:
    ring, _, _ = ring_of(100 * WHOLE, records=1)
    whole = record(1)
    ring.add(msgspec.structs.replace(whole, answered=None, ending=None))
    ring.add(msgspec.structs.replace(whole, seq=2, opened=None, ending=None))
    ring.add(msgspec.structs.replace(whole, seq=3, opened=None))
    ring.add(record(4))
    assert missed(ring) == 1


def test_what_an_observer_was_handed_is_missed_only_when_it_leaves_without_a_word() -> None:
    ring, _, _ = ring_of(100 * WHOLE, records=2)
    for seq in range(1, 5):
        ring.add(record(seq))
        ring.handed = seq + 1
    assert [seq for seq, _, _ in held(ring)] == [3, 4]
    assert not ring.losses
    ring.acknowledged([(1, 1)])
    ring.disconnected()
    assert missed(ring) == 1


def test_at_the_end_only_what_was_handed_over_is_kept() -> None:
    ring, counters, _ = ring_of(100 * WHOLE)
    for seq in range(1, 5):
        ring.add(record(seq))
    ring.handed = 3
    ring.give_up()
    assert ([seq for seq, _, _ in held(ring)], missed(ring)) == ([1, 2], 2)
    assert dropped(counters) == {"record": 2}
    assert ring.bytes == 2 * WHOLE


def test_what_tells_of_gone_exchanges_may_have_to_go_itself() -> None:
    ring, _, _ = ring_of(100 * WHOLE, records=2)
    ring.tell(Lost(1, "rh", 1.0, 7))
    for seq in range(2, 5):
        ring.add(record(seq))
    assert missed(ring) == 7 + 1


def test_the_level_falls_a_minute_after_the_last_step() -> None:
    ring, _, clock = ring_of(WHOLE)
    ring.add(record(1))
    ring.add(record(2))
    clock.now += RELIEF - 1
    assert LEVELS[ring.level] == "no_texts"
    ring.acknowledged([(1, 2)])
    ring.add(record(3))
    clock.now += 2
    assert (held(ring), ring.level) == ([(3, True, True)], 0)


def test_a_long_path_and_long_fields_count() -> None:
    """A head may have 64 KiB: counted as nothing, 100,000 of them would take gigabytes."""
    ring, counters, _ = ring_of(100_000)
    for seq in range(1, 5):
        ring.add(record(seq, 0, "/" + "p" * 30_000))
    assert ring.bytes <= 100_000
    assert dropped(counters) == {"head": 4, "record": 1}


@given(
    st.integers(0, 20_000),
    st.integers(1, 30),
    st.lists(st.one_of(st.integers(0, 5000), st.tuples(st.integers(1, 60), st.integers(0, 60))), max_size=60),
)
def test_whatever_comes_it_stays_within_its_limits(total: int, records: int, steps: list[int | tuple[int, int]]) -> None:
    ring, _, _ = ring_of(total, records)
    seq = 0
    acknowledged: set[int] = set()
    settled = 0
    for step in steps:
        if isinstance(step, int):
            seq += 1
            ring.add(record(seq, step))
        else:
            low, length = step
            settled += sum(low <= each <= low + length for each, _, _ in held(ring))
            ring.acknowledged([(low, low + length)])
            acknowledged.update(range(low, min(low + length, seq) + 1))
        assert ring.bytes <= total
        assert len(ring) <= records
        there = [each for number in range(1, seq + 1) if (each := ring.get(number)) is not None]
        assert len(there) == len(ring)
        assert ring.bytes == sum(size for _, size in there)
        assert not acknowledged & {each.seq for each, _ in there}
        assert ring.first == (there[0][0].seq if there else seq + 1)
    assert len(ring) + settled + missed(ring) == seq


@pytest.mark.parametrize("far", [10, 10_000_000_000])
def test_wide_ranges_cost_no_more_than_what_is_held(far: int) -> None:
    ring, _, _ = ring_of(100 * WHOLE)
    for seq in range(1, 6):
        ring.add(record(seq))
    ring.acknowledged([(2, 3), (5, far)])
    assert [seq for seq, _, _ in held(ring)] == [1, 4]
