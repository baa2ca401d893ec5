"""Case 44 on the wire: whatever a client sends, there are as many requests at the origin as final answers of the origin's."""

from __future__ import annotations

import re
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.relay.fuzz import examples
from tests.relay.origins import Origin
from tests.relay.relays import Relay
from tests.relay.sockets import PATIENCE, Wire

H = b"Host: app.test\r\n"
SENTINEL = b"GET /sentinel HTTP/1.1\r\n" + H + b"Connection: close\r\n\r\n"
SEEDS = [
    b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
    b"POST /p HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 5\r\n\r\nabcde",
    b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 0\r\n\r\nGET /q HTTP/1.1\r\n" + H + b"\r\n",
    b"POST /p HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
    b"GET /ws HTTP/1.1\r\n" + H + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc",
]
INSERTS = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b" ",
    b"\t",
    b"0",
    b"1",
    b"\x00",
    b"\x0b",
    b",",
    b";",
    b"x",
    b"Content-Length: 3\r\n",
    b"chunked",
]


@st.composite
def attacks(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 2))] = draw(st.sampled_from([b"", *INSERTS]))
    return bytes(data)


class Counting:
    """An origin that numbers its answers and reads bodies by the plain rules."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.answers: list[bytes] = []

    def play(self, wire: Wire) -> None:
        while head := wire.until(b"\r\n\r\n"):
            body = wire.body(head)
            self.requests.append(head + body)
            echo = b"%d %b" % (len(self.requests), body)  # of no length that another request's answer has, most likely
            self.answers.append(echo)
            wire.send(b"HTTP/1.1 200 OK\r\nX-Origin: 1\r\nContent-Length: %d\r\n\r\n" % len(echo) + echo)


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attacks())
def test_44_as_many_requests_as_answers(relay: Relay, origin: Origin, attack: bytes) -> None:
    origin.reset()
    counting = Counting()
    origin.plays(counting.play)
    client = relay.client()
    with suppress(ConnectionError):
        client.send(attack + SENTINEL)
        client.socket.settimeout(0.3)  # a body that takes the sentinel for its own never ends
    with suppress(TimeoutError):
        client.rest()
    if not client.ended:  # the relay lets go of it, so that nothing of this attack is left to come in the next one's time
        client.half_close()
        client.socket.settimeout(PATIENCE)
        client.rest()
    answers = bodies(bytes(client.received))
    assert answers == counting.answers[: len(answers)]
    assert len(answers) <= len(counting.requests) <= len(answers) + 1  # one more: a request that was broken off


def bodies(received: bytes) -> list[bytes]:
    """The bodies of the origin's answers, in the order in which they came."""
    found = []
    while head := re.search(rb"\r\nX-Origin: 1\r\nContent-Length: (\d+)\r\n(Connection: close\r\n)?\r\n", received):
        end = head.end() + int(head[1])
        found.append(received[head.end() : end])
        received = received[end:]
    return found
