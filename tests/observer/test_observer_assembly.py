"""Records of an exchange become the exchange again, and nothing of a relay that has gone is kept."""

from __future__ import annotations

import msgspec
import pytest

from proxy.observer.assembly import Assembled, Assembly
from proxy.observer.holding import MERGED
from proxy.records import Answered, Ending, Opened, Record, Segment

OPENED = Opened(1000.0, "127.0.0.1", "POST", "/chat", (), (("accept", "a"), ("accept", "b")))


def records(*, request: bytes = b"ask", response: bytes = b"reply!", dropped: int | None = None) -> list[Record]:
    """An exchange in six records, its bodies in two segments each; `dropped` is the index of a record without its body."""
    half, middle = len(request) // 2, len(response) // 2
    parts = [
        Record(1, 5, "rh", OPENED),
        Record(2, 5, "rh", None, (Segment(True, 0, request[:half], (0.1,)),)),
        Record(3, 5, "rh", None, (Segment(True, half, request[half:], (0.2,)),)),
        Record(4, 5, "rh", None, (Segment(False, 0, response[:middle], (0.4,)),), Answered(0.3, 200, (("x", "y"),))),
        Record(5, 5, "rh", None, (Segment(False, middle, response[middle:], (0.6,)),)),
        Record(6, 5, "rh", ending=Ending(0.7, "complete", len(request), len(response), 0.2)),
    ]
    if dropped is not None:
        parts[dropped] = Record(dropped + 1, 5, "rh")
    return parts


def test_an_exchange_is_whole_with_its_ending() -> None:
    assembly = Assembly()
    *parts, last = [assembly.feed("r", record) for record in records()]
    assert parts == [None] * 5
    assert isinstance(last, Assembled)
    assert list(last.seqs) == [1, 2, 3, 4, 5, 6]
    exchange = last.exchange()
    assert exchange is not None
    assert (exchange.id, exchange.at, exchange.status, exchange.ended_after) == ("r.5", 1000.0, 200, 0.7)
    assert (exchange.request.data, exchange.response.data) == (b"ask", b"reply!")
    assert exchange.headers == {"accept": "a, b"}
    assert [exchange.response.after(offset) for offset in (0, 2, 3, 5)] == [0.4, 0.4, 0.6, 0.6]
    assert not exchange.request.cut
    assert not exchange.response.cut
    assert (assembly.held, assembly.unfinished) == (0, 0)


def test_a_missing_segment_cuts_the_body_to_a_prefix() -> None:
    for dropped, request, response in ((1, b"", b"reply!"), (2, b"a", b"reply!"), (3, b"ask", b""), (4, b"ask", b"rep")):
        assembly = Assembly()
        whole = [assembly.feed("r", record) for record in records(dropped=dropped)][-1]
        assert isinstance(whole, Assembled)
        assert (exchange := whole.exchange()) is not None
        assert (exchange.request.data, exchange.response.data) == (request, response)
        assert exchange.request.cut == (dropped in (1, 2))
        assert exchange.response.cut == (dropped in (3, 4))


def test_an_exchange_without_its_opening_is_counted_and_acknowledged() -> None:
    assembly = Assembly()
    whole = [assembly.feed("r", record) for record in records()[1:]][-1]
    assert isinstance(whole, Assembled)
    assert whole.exchange() is None
    assert list(whole.seqs) == [2, 3, 4, 5, 6]
    assert assembly.headless == 1


def test_a_relay_that_is_gone_leaves_nothing_and_starts_again() -> None:
    assembly = Assembly()
    for record in records()[:5]:
        assembly.feed("r", record)
    assembly.feed("other", records()[0])
    assert assembly.held > 0
    assembly.forget("r")
    assert (assembly.held, assembly.unfinished) == (0, 1)
    assert [assembly.feed("r", record) for record in records()][-1] is not None


def test_a_long_stream_is_held_small_and_comes_out_as_it_came() -> None:
    assembly = Assembly()
    assembly.feed("r", Record(1, 5, "rh", OPENED, answered=Answered(0.1, 200, ())))
    said = b""
    line: list[tuple[int, float]] = []
    for at in range(3 * MERGED + 1):
        data = b"".join([b'data: {"choices": [{"delta": {"content": "word %d"}}]}\n\n' % number for number in range(at, at + 20)])
        cuts = tuple(range(50, len(data), 50))
        times = tuple(round(at + end / 1000, 3) for end in (*cuts, len(data)))
        assert assembly.feed("r", Record(at + 2, 5, "rh", segments=(Segment(False, len(said), data, times, cuts),))) is None
        line += [(len(said) + end, after) for end, after in zip((*cuts, len(data)), times, strict=True)]
        said += data
    assert assembly.held < len(said) / 4
    whole = assembly.feed("r", Record(100, 5, "rh", ending=Ending(30.0, "complete", 0, len(said), 0.1)))
    assert isinstance(whole, Assembled)
    assert whole.size < len(said) / 2
    assert (exchange := whole.exchange()) is not None
    assert (exchange.response.data, exchange.response.timeline, exchange.response.cut) == (said, tuple(line), False)
    assert assembly.held == 0


def test_past_the_limit_bodies_are_given_up_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.observer.assembly.HELD_LIMIT", 500)
    assembly = Assembly()
    wholes = []
    for number in range(10):
        sent = [msgspec.structs.replace(each, exchange=number) for each in records(response=bytes(range(250)))]
        wholes += [assembly.feed("r", each) for each in sent[:-1]]
    assert 500 < assembly.held < 1000
    assert assembly.unheld == 18  # both bodies of each but the first
    wholes = [assembly.feed("r", Record(6, number, "rh", ending=Ending(0.7, "complete", 3, 250, 0.2))) for number in range(10)]
    cut = [exchange.response.cut for whole in wholes if isinstance(whole, Assembled) and (exchange := whole.exchange())]
    assert cut == [False] + [True] * 9
    assert assembly.held == 0
