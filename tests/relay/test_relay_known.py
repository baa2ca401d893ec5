"""A head seen again: never taken for another, and never another body behind it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.relay.body import Chunked, Empty, Length
from proxy.relay.counters import Counters
from proxy.relay.fields import Refusal
from proxy.relay.known import known
from proxy.relay.plan import AssistantPlan, Entrance, RelayPlan, Upstream, Wanted
from proxy.relay.request import RequestHead, RequestReader
from proxy.relay.shipper import Shipper
from proxy.relay.site import Numbers, Site
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
    return Site(plan, assistant, Shipper("r", "", plan.capture, counters), counters, Tasks(), Numbers())


@settings(max_examples=examples(1500), deadline=None)
@given(
    st.sampled_from(HEADS), st.integers(0, 120), st.integers(0, 4), st.binary(max_size=3) | st.sampled_from([b"5", b"0", b"35"])
)
def test_what_is_taken_for_known_would_be_read_the_same(site: Site, first: bytes, at: int, cut: int, put: bytes) -> None:
    head = READER.read(first)
    assert isinstance(head, RequestHead)
    kept = known(head, site, site.curtain.shown(head))
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
    assert head.onward(second, b"", b"d", b"") == again.onward(second, b"", b"d", b"")


@pytest.mark.parametrize("raw", HEADS)
def test_a_head_is_known_again(site: Site, raw: bytes) -> None:
    head = READER.read(raw)
    assert isinstance(head, RequestHead)
    kept = known(head, site, site.curtain.shown(head))
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
