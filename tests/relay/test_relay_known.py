"""A head seen again: never taken for another, and never another body behind it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.relay.body import Chunked, Empty, Length
from proxy.relay.counters import Counters
from proxy.relay.fields import Refusal
from proxy.relay.known import known
from proxy.relay.known_answers import STRANGERS, Answers
from proxy.relay.plan import AssistantPlan, Entrance, RelayPlan, Upstream, Wanted
from proxy.relay.request import RequestHead, RequestReader
from proxy.relay.response import ResponseHead, ResponseReader, read_heads
from proxy.relay.shipper import Shipper
from proxy.relay.site import Numbers, Site
from proxy.relay.watch import LoopWatch
from proxy.settings.model import Capture, Limits, Log
from proxy.tasks import Tasks
from tests.relay.fuzz import examples
from tests.relay.origins import OK, Origin
from tests.relay.relays import Relay

READER = RequestReader()
HEADS = [
    b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: a\r\ncontent-LENGTH:  3 \r\nX:3\r\n\r\n",
    b"POST /a3 HTTP/1.1\r\nX-Content-Length: 3\r\nHost: a\r\nContent-Length: 3\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n",
    b"POST http://b/ HTTP/1.1\r\nHost: a\r\nConnection: x\r\nX: 1\r\nContent-Length: 3\r\n\r\n",
]


@pytest.fixture(scope="module")
def site() -> Site:
    assistant = AssistantPlan(
        name="a", entrance=Entrance(listener=0), upstreams=(Upstream(host="h", port=1, authority="h"),), wanted=Wanted()
    )
    plan = RelayPlan(relay="r", observer="", secret="00", assistants=(assistant,), capture=Capture(), limits=Limits(), log=Log())
    counters = Counters()
    return Site(plan, assistant, Shipper("r", "", plan.capture, counters), counters, Tasks(), LoopWatch(), Numbers())


@settings(max_examples=examples(500))
@given(
    st.sampled_from(HEADS), st.integers(0, 120), st.integers(0, 4), st.binary(max_size=3) | st.sampled_from([b"5", b"0", b"35"])
)
def test_what_is_taken_for_known_would_be_read_the_same(site: Site, first: bytes, at: int, cut: int, put: bytes) -> None:
    head = READER.read(first)
    assert isinstance(head, RequestHead)
    kept = known(head, site, site.curtain.shown(head), head.onward(first, b"", b"d", b""))
    second = first[:at] + put + first[at + cut :]
    if (body := kept.body(second)) is None:
        return
    again = READER.read(second)
    assert not isinstance(again, Refusal)
    assert type(body) is type(again.body())
    if isinstance(body, Length):
        assert body.left == int(again.length or b"")
    other = {"raw", "length"}
    names = [name for name in RequestHead.__struct_fields__ if name not in other]
    assert [getattr(again, name) for name in names] == [getattr(head, name) for name in names]
    assert kept.pattern.onward(second) == again.onward(second, b"", b"d", b"")


@pytest.mark.parametrize("raw", HEADS)
def test_a_head_is_known_again(site: Site, raw: bytes) -> None:
    head = READER.read(raw)
    assert isinstance(head, RequestHead)
    kept = known(head, site, site.curtain.shown(head), raw)
    assert isinstance(kept.body(raw), Empty | Length | Chunked)
    if head.length and not head.upgrade:
        longer = kept.body(b" 1234".join(raw.rsplit(b" 3", 1)))
        assert isinstance(longer, Length)
        assert longer.left == 1234


def test_heads_of_one_connection_that_differ_in_their_lengths(relay: Relay, origin: Origin) -> None:
    client = relay.client()
    sent = b""
    for size in (3, 3, 12, 0, 100_000):
        request = b"POST /a HTTP/1.1\r\nHost: a\r\nTE: x\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
        client.send(request)
        assert client.exactly(len(OK)) == OK
        sent += request.replace(b"TE: x\r\n", b"")
    assert origin.received == sent


ANSWERS = [
    b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\n",
    b"HTTP/1.1 404 No\r\ncontent-LENGTH:  3 \r\nX:3\r\nX-Content-Length: 3\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nConnection: x\r\nX: 1\r\nContent-Length: 3\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n",
    b"HTTP/1.1 204 None\r\nContent-Length: 3\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
]
ASKED = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
]


class Counted(ResponseReader):
    """Counts the heads it reads."""

    reads = 0

    def read(self, raw: bytes, request: RequestHead) -> ResponseHead | Refusal:
        """As a reader does."""
        self.reads += 1
        return super().read(raw, request)


def asking(raw: bytes) -> RequestHead:
    head = READER.read(raw)
    assert isinstance(head, RequestHead)
    return head


@settings(max_examples=examples(500))
@given(
    st.sampled_from(ANSWERS),
    st.sampled_from(ASKED),
    st.sampled_from(ASKED),
    st.integers(0, 100),
    st.integers(0, 4),
    st.binary(max_size=3) | st.sampled_from([b"5", b"0", b"35"]),
)
def test_an_answer_taken_for_known_would_be_read_the_same(
    first: bytes, asked: bytes, again: bytes, at: int, cut: int, put: bytes
) -> None:
    answers, reader = Answers(), ResponseReader()
    answers.read(reader, first + b"abc", asking(asked))
    second = first[:at] + put + first[at + cut :] + b"abc"
    found, plainly = (read(reader, second, asking(again)) for read in (answers.read, read_heads))
    if isinstance(found, Refusal) or isinstance(plainly, Refusal):
        assert type(found) is type(plainly)
        return
    assert found[1] == plainly[1]
    for one, other in zip(found[0], plainly[0], strict=True):
        assert type(one.body) is type(other.body)
        assert isinstance(one.body, Length) == isinstance(other.body, Length)
        if isinstance(one.body, Length) and isinstance(other.body, Length):
            assert one.body.left == other.body.left
        names = [name for name in ResponseHead.__struct_fields__ if name != "body"]
        assert [getattr(one, name) for name in names] == [getattr(other, name) for name in names]
        assert one.onward(close=True) == other.onward(close=True)


def test_an_answer_that_begins_as_the_last_is_not_read() -> None:
    answers, reader, request = Answers(), Counted(), asking(ASKED[0])
    left = []
    for raw in (ANSWERS[0], ANSWERS[0], ANSWERS[0].replace(b": 3", b": 1234")):
        found = answers.read(reader, raw + b"abc", request)
        assert not isinstance(found, Refusal)
        body = found[0][0].body
        assert isinstance(body, Length)
        left.append(body.left)
    assert left == [3, 3, 1234]
    assert reader.reads == 1


def test_a_connection_whose_answers_all_begin_unlike_is_given_up() -> None:
    answers, reader, request = Answers(), Counted(), asking(ASKED[0])
    for number in range(STRANGERS + 1):
        answers.read(reader, ANSWERS[0].replace(b"a/b", b"%d" % number), request)
    for _ in range(3):
        answers.read(reader, ANSWERS[0], request)
    assert reader.reads == STRANGERS + 1 + 3
