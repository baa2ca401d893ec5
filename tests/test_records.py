"""The words between relay and observer survive any cut, and refuse what is none of them."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.records import (
    FRAME_LIMIT,
    Acks,
    Answered,
    Counts,
    Ending,
    FrameBuffer,
    FrameError,
    FromRelay,
    Hello,
    Lost,
    Opened,
    Record,
    Segment,
    frame,
    from_observer,
    from_relay,
    joined,
)

MESSAGES: list[FromRelay] = [
    Hello("r1", 7, replay=True),
    Record(7, 1, "rh", Opened(1.5, "::1", "POST", "/a", (("model", "x"),), (("content-type", "application/json"),))),
    Record(8, 1, "rh", None, (Segment(True, 0, b"\x00\xff", (0.25, 0.5), (1,)),), Answered(0.5, 200, ())),
    Record(9, 1, "rh", ending=Ending(0.75, "complete", 2, 0, 0.25)),
    Lost(10, "rh", 1.5, 3),
    Counts({("requests", "rh", "2xx"): 1}, (1,) * 13, 0.001, 2, 300),
]


@given(st.lists(st.integers(0, 400)))
def test_frames_are_the_same_however_cut(cuts: list[int]) -> None:
    stream = frame(MESSAGES[:2]) + frame(MESSAGES[2:]) + frame([])
    buffer = FrameBuffer()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    bodies = [body for low, high in itertools.pairwise(edges) for body in buffer.feed(stream[low:high])]
    assert [message for body in bodies for message in from_relay(body)] == MESSAGES
    assert len(bodies) == 3


def test_acknowledgements_travel_back() -> None:
    acks = Acks(((1, 4), (6, 6)))
    assert from_observer(FrameBuffer().feed(frame([acks]))[0]) == [acks]


@given(st.binary(max_size=200))
def test_what_is_no_frame_is_a_frame_error(junk: bytes) -> None:
    for decode in (from_relay, from_observer):
        with contextlib.suppress(FrameError):
            decode(junk)


def test_a_frame_of_absurd_length_is_refused_before_it_is_read() -> None:
    with pytest.raises(FrameError, match="limit"):
        FrameBuffer().feed((FRAME_LIMIT + 1).to_bytes(4, "big"))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5))))
def test_joined_ranges_hold_the_same_numbers(pairs: list[tuple[int, int]]) -> None:
    ranges = [(low, low + more) for low, more in pairs]
    merged = joined(ranges)
    assert {n for low, high in merged for n in range(low, high + 1)} == {n for low, high in ranges for n in range(low, high + 1)}
    assert all(high + 1 < low for (_, high), (low, _) in itertools.pairwise(merged))
