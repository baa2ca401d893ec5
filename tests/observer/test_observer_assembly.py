"""Records of an exchange become the exchange again, and nothing of a relay that has gone is kept."""

from __future__ import annotations

from proxy.observer.assembly import Assembled, Assembly
from proxy.records import Answered, Ending, Opened, Record, Segment

OPENED = Opened(1000.0, "127.0.0.1", "POST", "/chat", (), (("accept", "a"), ("accept", "b")))


def records(*, request: bytes = b"ask", response: bytes = b"reply!", dropped: int | None = None) -> list[Record]:
    """An exchange in six records, its bodies in two segments each; `dropped` is the index of a record without its body."""
    half, middle = len(request) // 2, len(response) // 2
    parts = [
        Record(1, 5, "rh", OPENED),
        Record(2, 5, "rh", None, (Segment(True, 0, request[:half], ((half, 0.1),)),)),
        Record(3, 5, "rh", None, (Segment(True, half, request[half:], ((len(request), 0.2),)),)),
        Record(4, 5, "rh", None, (Segment(False, 0, response[:middle], ((middle, 0.4),)),), Answered(0.3, 200, (("x", "y"),))),
        Record(5, 5, "rh", None, (Segment(False, middle, response[middle:], ((len(response), 0.6),)),)),
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
    assert last.seqs == [1, 2, 3, 4, 5, 6]
    exchange = last.exchange
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
        assert whole.exchange is not None
        assert (whole.exchange.request.data, whole.exchange.response.data) == (request, response)
        assert whole.exchange.request.cut == (dropped in (1, 2))
        assert whole.exchange.response.cut == (dropped in (3, 4))


def test_an_exchange_without_its_opening_is_counted_and_acknowledged() -> None:
    assembly = Assembly()
    whole = [assembly.feed("r", record) for record in records()[1:]][-1]
    assert isinstance(whole, Assembled)
    assert whole.exchange is None
    assert whole.seqs == [2, 3, 4, 5, 6]
    assert assembly.headless == 1


def test_a_relay_that_is_gone_leaves_nothing_and_starts_again() -> None:
    assembly = Assembly()
    for record in records()[:5]:
        assembly.feed("r", record)
    assembly.feed("other", records()[0])
    assert assembly.held == len(b"askreply!")
    assembly.forget("r")
    assert (assembly.held, assembly.unfinished) == (0, 1)
    assert [assembly.feed("r", record) for record in records()][-1] is not None
