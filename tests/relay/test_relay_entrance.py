"""How clients come in: by TLS, from a balancer that speaks the PROXY protocol, on IPv6."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.relay.plan import Entrance
from proxy.relay.preface import Fault, Preface, read_preface
from proxy.settings.model import Limits
from tests.relay.certificates import Certificate, certificate
from tests.relay.conftest import Start
from tests.relay.observers import Observer
from tests.relay.origins import OK, Origin, answers
from tests.relay.relays import Relay
from tests.relay.sockets import Wire, eventually

GET = b"GET /a HTTP/1.1\r\nHost: app.test\r\n\r\n"
LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000


def secured(relay: Relay, trusted: Certificate) -> Wire:
    """A client that speaks TLS."""
    context = ssl.create_default_context(cafile=trusted.file)
    plain = relay.client().socket
    return Wire(context.wrap_socket(plain, server_hostname="localhost"))


def behind(made: Certificate) -> Entrance:
    return Entrance(listener=0, certificate=made.file, key=made.key)


def test_clients_by_tls(start: Start, origin: Origin, tmp_path: Path) -> None:
    made = certificate(tmp_path)
    origin.plays(answers(OK, LARGE, OK))
    relay = start(entrance=behind(made), append_forwarded=True)
    client = secured(relay, made)
    for answer in (OK, LARGE, OK):
        client.send(GET)
        assert client.exactly(len(answer)) == answer
    assert b"\r\nX-Forwarded-Proto: https\r\n" in origin.received
    client.socket.close()
    plain = relay.client(GET)
    assert b"HTTP/1.1 200" not in plain.rest()


def test_a_handshake_that_does_not_come_ends(start: Start, tmp_path: Path) -> None:
    relay = start(entrance=behind(certificate(tmp_path)), limits=Limits(head_time=0.3, drain=1.0))
    assert relay.client().rest() == b""


def test_a_new_certificate_leaves_open_connections_alone(start: Start, tmp_path: Path) -> None:
    old = certificate(tmp_path)
    (tmp_path / "new").mkdir()
    new = certificate(tmp_path / "new")
    relay = start(entrance=behind(old))
    first = secured(relay, old)
    first.send(GET)
    assert first.exactly(len(OK)) == OK
    Path(old.file).write_bytes(Path(new.file).read_bytes())
    Path(old.key).write_bytes(Path(new.key).read_bytes())
    relay.tell(relay.plan)

    def answered_anew() -> bool:
        try:
            client = secured(relay, new)
        except ssl.SSLCertVerificationError:
            return False
        client.send(GET)
        assert client.exactly(len(OK)) == OK
        client.socket.close()
        return True

    eventually(answered_anew)
    first.send(GET)
    assert first.exactly(len(OK)) == OK
    first.socket.close()


def test_a_certificate_that_can_not_be_used_changes_nothing(start: Start, tmp_path: Path) -> None:
    made = certificate(tmp_path)
    relay = start(entrance=behind(made))
    secured(relay, made).socket.close()
    Path(made.key).write_text("")
    relay.tell(relay.plan)
    eventually(lambda: "the old ones stay" in relay.log())
    client = secured(relay, made)
    client.send(GET)
    assert client.exactly(len(OK)) == OK
    client.socket.close()


V2 = b"\r\n\r\n\x00\r\nQUIT\n"
PREFACES = {
    b"PROXY TCP4 203.0.113.7 10.0.0.1 5000 443\r\n": "203.0.113.7",
    b"PROXY TCP6 2001:db8::7 ::1 5000 443\r\n": "2001:db8::7",
    b"PROXY UNKNOWN\r\n": "",
    b"PROXY UNKNOWN ffff:f...f:ffff 1 2\r\n": "",
    V2 + b"\x21\x11\x00\x0c\xcb\x00\x71\x07\x0a\x00\x00\x01\x13\x88\x01\xbb": "203.0.113.7",
    V2 + b"\x21\x21\x00\x27" + b"\x20\x01\x0d\xb8" + bytes(11) + b"\x07" + bytes(20) + b"\x03\x00\x00": "2001:db8::7",
    V2 + b"\x20\x00\x00\x00": "",
    V2 + b"\x21\x31\x00\x02ab": "",
}
FAULTS = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PROXY TCP4 203.0.113.7\r\n",
    b"PROXY TCP6 203.0.113.7 10.0.0.1 5000 443\r\n",
    b"PROXY TCP4 203.0.113.777 10.0.0.1 5000 443\r\n",
    b"PROXY " + b"x" * 110,
    V2 + b"\x31\x11\x00\x0c" + bytes(12),
    V2 + b"\x21\x11\x00\x04" + bytes(4),
    V2 + b"\x21\x11\xff\xff",
]


def fed(data: bytes) -> tuple[Preface | Fault | int, int]:
    """What is read when never more comes than was asked for, and how many bytes that took."""
    at = 15
    while isinstance(found := read_preface(data[:at]), int) and at < len(data):
        at += found
    return found, at


@pytest.mark.parametrize("data", PREFACES)
def test_a_preface_is_read_and_not_a_byte_more(data: bytes) -> None:
    assert fed(data + b"GET") == (Preface(PREFACES[data]), len(data))
    assert all(isinstance(read_preface(data[:end]), int) for end in range(1, len(data)))


@pytest.mark.parametrize("data", FAULTS)
def test_what_is_no_preface_is_a_fault(data: bytes) -> None:
    assert isinstance(fed(data)[0], Fault)


@given(st.binary(max_size=60), st.sampled_from([b"", b"PROXY ", V2, V2 + b"\x21\x11\x00\x0c"]))
def test_any_bytes_no_exception_and_progress(data: bytes, start: bytes) -> None:
    found = read_preface(start + data)
    assert not isinstance(found, int) or found > 0


def test_a_balancer_speaks_for_the_client(start: Start, origin: Origin, observer: Observer, tmp_path: Path) -> None:
    proxied = Entrance(listener=0, proxied=("127.0.0.0/8",))
    relay = start(entrance=proxied, append_forwarded=True, limits=Limits(client_connections=1, head_time=1.0, drain=1.0))
    first = relay.client()
    line = b"PROXY TCP4 203.0.113.7 10.0.0.1 5000 443\r\n"
    for byte in range(len(line)):
        first.send(line[byte : byte + 1])
    first.send(GET.replace(b"/a", b"/proxied"))
    assert first.exactly(len(OK)) == OK
    assert b"\r\nX-Forwarded-For: 203.0.113.7\r\n" in origin.received
    assert observer.exchange("/proxied").client == "203.0.113.7"
    other = relay.client(next(iter(PREFACES)).replace(b".7", b".8") + GET)
    assert other.exactly(len(OK)) == OK
    assert relay.client(line + GET).rest().startswith(b"HTTP/1.1 503 ")  # limits are the client's, not the balancer's
    assert relay.client(GET).rest() == b""
    assert relay.client(line[:20]).rest() == b""  # too late


def test_a_preface_comes_before_tls(start: Start, tmp_path: Path) -> None:
    made = certificate(tmp_path)
    relay = start(entrance=msgspec.structs.replace(behind(made), proxied=("127.0.0.1",)))
    plain = relay.client(b"PROXY UNKNOWN\r\n").socket
    client = Wire(ssl.create_default_context(cafile=made.file).wrap_socket(plain, server_hostname="localhost"))
    client.send(GET)
    assert client.exactly(len(OK)) == OK
    client.socket.close()


def test_a_preface_of_a_stranger_is_no_http(start: Start) -> None:
    relay = start(entrance=Entrance(listener=0, proxied=("10.0.0.0/8",)))
    assert relay.client(b"PROXY TCP4 203.0.113.7 10.0.0.1 5000 443\r\n" + GET).rest().startswith(b"HTTP/1.1 400 ")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_a_client_on_ipv6(start: Start, origin: Origin, observer: Observer) -> None:
    relay = start(host="::1", append_forwarded=True)
    client = relay.client(GET.replace(b"/a", b"/six"))
    assert client.exactly(len(OK)) == OK
    assert b'\r\nForwarded: for="[::1]";proto=http\r\n' in origin.received
    assert observer.exchange("/six").client == "::1"


def test_an_early_refusal_reaches_a_client_that_still_sends_by_tls(start: Start, tmp_path: Path) -> None:
    made = certificate(tmp_path)
    relay = start(entrance=behind(made), limits=Limits(head=1000, drain=1.0))
    client = secured(relay, made)
    client.send(b"POST /" + b"x" * 2000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    client.send(b"x" * 300_000)
    assert client.message()[0].startswith(b"HTTP/1.1 4")
    client.socket.close()
