"""Several addresses of one assistant: shared, left out when they fail, taken back when they are well; names and families."""

from __future__ import annotations

import queue
import socket
import threading

import msgspec
import pytest

from proxy.relay.plan import Upstream
from proxy.settings.model import Limits
from tests.ports import free_port
from tests.relay.conftest import Start, here
from tests.relay.origins import OK, Origin, answers, sends
from tests.relay.sockets import PATIENCE, Wire, eventually

GET = b"GET /a HTTP/1.1\r\nHost: app.test\r\n\r\n"
POST = b"POST /p HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\n\r\nabc"
LAST = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


FAMILIES = {family for family, *_ in socket.getaddrinfo("localhost", 80)}


def test_the_one_with_the_fewest_open_requests_is_next(start: Start, origin: Origin) -> None:
    other = Origin()
    release = threading.Event()

    def play(wire: Wire) -> None:
        wire.message()
        release.wait(PATIENCE)
        wire.send(LAST)

    origin.plays(play)
    other.plays(play)
    relay = start((here(origin), here(other)))
    clients = []
    for count in range(1, 7):
        clients.append(relay.client(GET))
        eventually(lambda: len(origin.connections) + len(other.connections) == count)  # noqa: B023 - it ends within the turn
    assert (len(origin.connections), len(other.connections)) == (3, 3)
    release.set()
    assert all(client.exactly(len(OK)) == OK for client in clients)  # whose own connections go on
    relay.close()
    other.close()


def test_idle_ones_take_turns(start: Start, origin: Origin) -> None:
    other = Origin()
    relay = start((here(origin), here(other)))
    client = relay.client()
    for _ in range(6):
        client.send(GET)
        assert client.exactly(len(OK)) == OK
    assert origin.received == GET * 3
    assert [bytes(wire.received) for wire in other.connections] == [GET * 3]
    relay.close()
    other.close()


def test_one_that_refuses_costs_no_request_and_comes_back(start: Start, origin: Origin) -> None:
    port = free_port()
    relay = start((Upstream(host="127.0.0.1", port=port, authority="x"), here(origin)))
    client = relay.client()
    for _ in range(5):
        client.send(POST)  # nothing has been sent when a connection is refused: any method may go elsewhere
        assert client.exactly(len(OK)) == OK
    assert origin.received == POST * 5
    with socket.create_server(("127.0.0.1", port)) as back:
        back.settimeout(PATIENCE)
        probe = Wire(back.accept()[0])  # without a request, by itself
        served = threading.Thread(target=answers(OK), args=(probe,))
        served.start()

        def arrives() -> bool:  # not the first perhaps: the relay learns of its connection after the system has made it
            client.send(POST)
            assert client.exactly(len(OK)) == OK
            return probe.received.startswith(POST)

        eventually(arrives)
        relay.close()
        served.join()
        probe.finish()


def test_one_that_answers_nothing_is_left_out_after_three_times(start: Start, origin: Origin) -> None:
    silent = Origin()
    silent.plays(sends())
    relay = start((here(silent), here(origin)))
    turns = (b"HTTP/1.1 502 ", b"HTTP/1.1 200 ")
    for turn in range(5):
        assert relay.client(POST).until(b"\r\n").startswith(turns[turn % 2])
    clients = [relay.client() for _ in range(7)]
    for client in clients:  # at once: after a second it would be tried again
        client.send(POST)
    assert all(client.exactly(len(OK)) == OK for client in clients)
    relay.close()
    silent.close()


def test_when_none_is_well_all_are_tried(start: Start) -> None:
    relay = start(tuple(Upstream(host="127.0.0.1", port=free_port(), authority="x") for _ in range(2)))
    for _ in range(3):
        assert relay.client(GET).rest().startswith(b"HTTP/1.1 502 ")


def test_a_name_is_resolved_and_resolved_again(start: Start, origin: Origin) -> None:
    upstream = msgspec.structs.replace(here(origin), host="localhost")
    relay = start(upstream, limits=Limits(dns_time=0.01, drain=1.0))
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    assert client.quiet(1.2)  # a sweep, with another look at the name
    client.send(GET)
    assert client.exactly(len(OK)) == OK
    assert origin.received == GET + GET  # the same addresses, so the same connection


def test_81_a_name_without_an_address(start: Start) -> None:
    relay = start(Upstream(host="nobody.invalid", port=80, authority="x"))
    answer = relay.client(GET).rest()
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"(DNS)" in answer


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
@pytest.mark.parametrize(
    "host",
    [
        "::1",
        pytest.param("localhost", marks=pytest.mark.skipif(socket.AF_INET6 not in FAMILIES, reason="localhost is IPv4 here")),
    ],
)
def test_an_assistant_on_ipv6_alone(start: Start, host: str) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listening:
        relay = start(Upstream(host=host, port=listening.getsockname()[1], authority="x"))
        client = relay.client(GET)
        listening.settimeout(PATIENCE)
        wire = Wire(listening.accept()[0])
        assert wire.message()[0] == GET
        wire.send(OK)
        assert client.exactly(len(OK)) == OK
        wire.finish()


def test_a_new_plan_leaves_what_has_begun_alone(start: Start, origin: Origin) -> None:
    other = Origin()
    wires: queue.Queue[Wire] = queue.Queue()

    def play(wire: Wire) -> None:
        wire.message()
        wires.put(wire)
        wire.rest()

    origin.plays(play)
    relay = start()
    streaming, idle = relay.client(GET), relay.client()
    wire = wires.get(timeout=PATIENCE)
    origin.plays(answers(OK))
    idle.send(GET)
    assert idle.exactly(len(OK)) == OK
    before = relay.plan.assistants[0]
    changed = msgspec.structs.replace(before, upstreams=(here(other),), via=True)
    relay.tell(msgspec.structs.replace(relay.plan, assistants=(changed,)))

    def reaches_the_other() -> bool:
        client = relay.client(GET)
        assert client.exactly(len(OK)) == OK
        return bool(other.connections)

    eventually(reaches_the_other)
    idle.send(GET)  # a head that was known by the old plan
    assert idle.exactly(len(OK)) == OK
    assert all(b"Via: 1.1 kpi-proxy\r\n" in each.received for each in other.connections)
    wire.send(OK)
    assert streaming.exactly(len(OK)) == OK
    assert b"Via" not in wire.received
    relay.close()
    other.close()
