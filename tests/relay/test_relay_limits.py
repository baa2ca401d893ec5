"""What a relay grants a client, and how long it waits (cases 82-84)."""

from __future__ import annotations

import asyncio
import resource

from proxy.relay.reading import Unsent
from proxy.settings.model import Limits
from tests.relay.conftest import Start
from tests.relay.origins import OK, Origin, sends, silent
from tests.relay.relays import Relay
from tests.relay.sockets import Wire, eventually

H = b"Host: app.test\r\n"
GET = b"GET /a HTTP/1.1\r\n" + H + b"\r\n"
POST = b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 3\r\n\r\nabc"


def test_83_a_head_that_drips_is_ended(start: Start, origin: Origin) -> None:
    relay = start(limits=Limits(head_time=1.0, drain=1.0))
    drips = [relay.client(), relay.client(b"GET / HTTP/1.1\r\nHost:"), relay.client(b"\r\n\r\n")]
    served = relay.client(GET)
    assert served.exactly(len(OK)) == OK
    served.send(b"GET /second")  # the second head of a connection has the same limit
    answers_ = [client.rest() for client in drips]
    assert answers_[0] == answers_[2] == b""
    assert answers_[1].startswith(b"HTTP/1.1 408 ")
    assert served.rest().startswith(b"HTTP/1.1 408 ")
    assert origin.received == GET


def test_83_limits_of_zero_are_no_limits(start: Start) -> None:
    relay = start(limits=Limits(head_time=0.0, keep_alive=0.0, connect_time=0.0, pool_idle=0.0, drain=1.0))
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    assert client.quiet(2.2)  # two sweeps
    client.send(GET)
    assert client.exactly(len(OK)) == OK


def test_83_idle_connections_end_at_their_limit(start: Start, origin: Origin) -> None:
    relay = start(limits=Limits(keep_alive=0.3, pool_idle=0.3, drain=1.0))
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    assert client.rest() == b""
    assert origin.next_ended().ended == "fin"


def test_82_connections_beyond_the_limit_are_told(start: Start) -> None:
    relay = start(limits=Limits(connections=2, drain=1.0))
    clients = [relay.client(GET), relay.client(GET)]
    assert [client.exactly(len(OK)) for client in clients] == [OK, OK]
    assert relay.client(GET).rest().startswith(b"HTTP/1.1 503 ")
    clients[0].send(GET)
    assert clients[0].exactly(len(OK)) == OK


def test_82_connections_of_one_client_beyond_its_limit_are_told(start: Start) -> None:
    relay = start(limits=Limits(client_connections=1, drain=1.0))
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    assert relay.client(GET).rest().startswith(b"HTTP/1.1 503 ")


def test_84_a_body_that_drips_may_and_one_that_stops_is_ended(start: Start, origin: Origin) -> None:
    relay = start(limits=Limits(stall=3.0, drain=1.0))
    head = b"POST /p HTTP/1.1\r\n" + H + b"Content-Length: 8\r\n\r\n"
    stopped = relay.client(head + b"a")
    drips = relay.client(head)
    for _ in range(8):  # for longer than the limit, each long before it
        assert drips.quiet(0.5)
        drips.send(b"x")
    assert drips.exactly(len(OK)) == OK
    assert stopped.rest().startswith(b"HTTP/1.1 408 ")
    assert sorted(bytes(wire.received) for wire in origin.connections) == [head + b"a", head + b"xxxxxxxx"]


def test_84_who_reads_nothing_for_ever_is_let_go(start: Start, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        wire.message()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
        while True:  # until the relay ends it
            wire.send(b"x" * 30_000)

    origin.plays(play)
    relay = start(limits=Limits(stall=0.5, drain=1.0))
    client = relay.client(GET, receive_buffer=4096)
    origin.next_ended()
    client.rest()
    assert client.ended == "reset"


def test_84_who_reads_slowly_may(start: Start, origin: Origin) -> None:
    """What drips out of the system's buffers is seen, though the relay's own waits as it was."""

    def play(wire: Wire) -> None:
        wire.message()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 50000000\r\n\r\n" + b"x" * 50_000_000)

    origin.plays(play)
    relay = start(limits=Limits(stall=3.0, drain=1.0))
    client = relay.client(GET, receive_buffer=4096)
    assert client.until(b"\r\n\r\n")
    for _ in range(25):
        assert client.socket.recv(1024)
        assert origin.next_ended_within(0.2) is None  # a pause, and the answer goes on
    assert client.socket.recv(1024)


class Buffered(asyncio.Transport):
    """A transport with so many bytes that wait."""

    size = 0

    def get_write_buffer_size(self) -> int:
        return self.size


def test_84_only_who_takes_nothing_at_all_is_stuck() -> None:
    transport = Buffered()
    unsent = Unsent(transport)
    looks = [(0.0, 0, False), (50.0, 9, False), (59.0, 9, False), (60.0, 8, False), (70.5, 8, True), (71.0, 0, False)]
    for now, size, stuck in looks:
        transport.size = size
        assert unsent.stuck(now, 10.0) is stuck
    transport.size = 5
    assert not unsent.stuck(100.0, 0.0)
    assert not unsent.stuck(1e9, 0.0)


def test_71_a_client_that_leaves_while_it_is_not_read(relay: Relay, origin: Origin) -> None:
    """Its FIN stands behind requests that wait for their turn."""
    origin.plays(silent)
    client = relay.client(GET)
    eventually(lambda: len(origin.connections) == 1 and origin.received == GET)
    client.send(GET * (100_000 // len(GET)))
    client.half_close()
    assert origin.next_ended().received == GET


def test_57_a_flood_of_interim_answers_costs_no_more_than_its_size(start: Start, origin: Origin) -> None:
    flood = b"HTTP/1.1 102 P\r\n\r\n" * 50_000
    origin.plays(sends(flood + OK))
    client = start().client(GET)
    assert client.exactly(len(flood) + len(OK)) == flood + OK


def test_82_out_of_descriptors_the_open_ones_go_on_and_the_rest_wait(start: Start) -> None:
    relay = start()
    first = relay.client(GET)
    assert first.exactly(len(OK)) == OK
    most = relay.descriptors() + 20
    resource.prlimit(relay.process.pid, resource.RLIMIT_NOFILE, (most, most))
    clients = [relay.client() for _ in range(40)]
    eventually(lambda: "no connection can be accepted" in relay.log())
    first.send(GET)
    assert first.exactly(len(OK)) == OK
    for client in clients[:30]:
        client.finish()
    clients[-1].send(GET)
    assert clients[-1].exactly(len(OK)) == OK
