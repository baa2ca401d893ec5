"""Cuts a byte stream in every way a network may: at drawn places, byte by byte, at each single place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from time import process_time
from typing import Any

from hypothesis import strategies as st


def drawn(stream: bytes, data: Any) -> list[bytes]:
    """The stream in pieces that hypothesis chose."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    return [stream[start:end] for start, end in pairwise([0, *cuts, len(stream)])]


def everywhere(stream: bytes) -> Iterable[list[bytes]]:
    """The stream byte by byte, then in two pieces cut at each place."""
    yield [stream[at : at + 1] for at in range(len(stream))]
    for cut in range(len(stream) + 1):
        yield [stream[:cut], stream[cut:]]


def growth(work: Callable[[int], object], size: int) -> float:
    """How many times longer four times as much takes: 4 when linear, 16 when quadratic. The best of some runs each."""

    def best(amount: int) -> float:
        rounds = []
        for _ in range(5):
            start = process_time()
            work(amount)
            rounds.append(process_time() - start)
        return min(rounds)

    return best(4 * size) / best(size)
