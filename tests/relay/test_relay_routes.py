"""Several assistants on one socket: each request reaches its own, and only that one."""

from __future__ import annotations

import pytest

from proxy.relay.routes import Routes, Rule
from tests.relay.conftest import Start, here
from tests.relay.observers import Observer
from tests.relay.origins import OK, Origin

TABLE = Routes(
    [
        (Rule(), "rest"),
        (Rule(prefix="/hr"), "hr"),
        (Rule(prefix="/hr/old/"), "old"),
        (Rule(("chat.example.org",)), "chat"),
        (Rule(("chat.example.org",), "/v2"), "chat2"),
        (Rule(("*.example.org", "[::1]")), "wild"),
    ]
)


@pytest.mark.parametrize(
    ("host", "target", "found"),
    [
        (b"a.test", b"/", "rest"),
        (b"", b"/", "rest"),
        (b"a.test", b"/hr", "hr"),
        (b"a.test", b"/hr/", "hr"),
        (b"a.test", b"/hr?x=/", "hr"),
        (b"a.test", b"/hrx", "rest"),
        (b"a.test", b"/HR", "rest"),
        (b"a.test", b"/x?/hr", "rest"),
        (b"a.test", b"/hr/old", "hr"),
        (b"a.test", b"/hr/old/x", "old"),
        (b"Chat.Example.org:8080", b"/hr", "chat"),
        (b"chat.example.org.", b"/v2/x", "chat2"),
        (b"b.example.org", b"/hr", "wild"),
        (b"example.org", b"/", "rest"),
        (b"[::1]", b"/", "wild"),
        (b"[::1]:80", b"/", "wild"),
        (b"a.test", b"*", "rest"),
    ],
)
def test_the_closest_rule_wins(host: bytes, target: bytes, found: str) -> None:
    assert TABLE.find(host, target) == found


def test_requests_of_one_connection_reach_their_assistants(start: Start, origin: Origin, observer: Observer) -> None:
    other = Origin()
    several = ({"name": "hr", "prefix": "/hr", "upstreams": (here(other),)}, {"name": "it", "hosts": ("it.test",)})
    relay = start(several=several)
    hr = b"GET /hr/1 HTTP/1.1\r\nHost: a.test\r\n\r\n"
    it = b"GET /it/1 HTTP/1.1\r\nHost: it.test\r\n\r\n"
    absolute = b"GET http://it.test/abs HTTP/1.1\r\nHost: a.test\r\n\r\n"
    client = relay.client(hr + it + hr + absolute)
    assert client.exactly(4 * len(OK)) == 4 * OK
    assert [bytes(wire.received) for wire in other.connections] == [hr + hr]
    assert origin.received == it + b"GET /abs HTTP/1.1\r\nHost: it.test\r\n\r\n"
    assert observer.exchange("/it/1").assistant == "it"
    client.send(b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n")
    assert client.rest().startswith(b"HTTP/1.1 404 ")
    relay.close()
    other.close()
