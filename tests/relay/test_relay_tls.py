"""TLS to the upstream: pooled, verified, and a cut is told from an end."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from proxy.relay.plan import Upstream
from tests.relay.certificates import Certificate, certificate
from tests.relay.conftest import Start
from tests.relay.origins import OK
from tests.relay.sockets import PATIENCE, Wire

LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000
LASTING = b"HTTP/1.1 200 OK\r\n\r\nsome text"


class TlsOrigin:
    """Answers by path: /large, /end (a lasting body with a proper end), /cut (the same without), else `OK`."""

    def __init__(self, own: Certificate, clients: Certificate | None = None) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(own.file, own.key)
        if clients is not None:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(clients.file)
        self.asked: list[str | None] = []  # names in the handshakes
        self._context.sni_callback = lambda _, name, __: self.asked.append(name)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0
        self.requests: list[bytes] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            wire = Wire(self._context.wrap_socket(connection, server_side=True))
            with wire.socket:
                while head := wire.message()[0]:
                    self.requests.append(head)
                    path = head.split(b" ")[1]
                    wire.send({b"/large": LARGE, b"/end": LASTING, b"/cut": LASTING}.get(path, OK))
                    if path == b"/cut":
                        return
                    if path == b"/end" and isinstance(wire.socket, ssl.SSLSocket):
                        wire.socket.unwrap()
                        return

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(PATIENCE)


@pytest.fixture
def own(tmp_path: Path) -> Certificate:
    return certificate(tmp_path)


@pytest.fixture
def tls(own: Certificate) -> Iterator[TlsOrigin]:
    origin = TlsOrigin(own)
    yield origin
    origin.close()


def get(path: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\nHost: app.test\r\n\r\n"


def test_a_verified_upstream(start: Start, tls: TlsOrigin, own: Certificate) -> None:
    upstream = Upstream(host="localhost", port=tls.port, tls=True, ca_file=own.file, authority="localhost:1")
    relay = start(upstream, keep_host=False, loop="uvloop")  # asyncio's TLS takes a cut for an end
    client = relay.client()
    for path, answer in ((b"/a", OK), (b"/large", LARGE), (b"/b", OK)):
        client.send(get(path))
        assert client.exactly(len(answer)) == answer
    assert tls.connections == 1
    assert tls.requests[0] == b"GET /a HTTP/1.1\r\nHost: localhost:1\r\n\r\n"
    ended = relay.client(get(b"/end"))
    assert ended.rest().endswith(b"some text")
    assert ended.ended == "fin"
    cut = relay.client(get(b"/cut"))
    assert cut.until(b"some text").endswith(b"some text")
    assert cut.rest() == b""
    assert cut.ended == "reset"  # no close_notify: an end that anybody on the way could have made
    relay.close()


def test_an_upstream_that_is_not_verified_is_not_used(start: Start, tls: TlsOrigin) -> None:
    relay = start(Upstream(host="localhost", port=tls.port, tls=True, authority="localhost"))
    assert relay.client(get(b"/a")).rest().startswith(b"HTTP/1.1 502 ")
    assert tls.requests == []
    trusting = start(Upstream(host="localhost", port=tls.port, tls=True, verify=False, authority="localhost"))
    assert trusting.client(get(b"/a")).exactly(len(OK)) == OK
    trusting.close()


def test_a_name_of_its_own_and_a_certificate_of_ours(start: Start, tmp_path: Path) -> None:
    own, ours = certificate(tmp_path, "inner.test"), certificate(tmp_path, "relay.test")
    origin = TlsOrigin(own, clients=ours)
    upstream = Upstream(host="127.0.0.1", port=origin.port, tls=True, ca_file=own.file, authority="a")
    assert start(upstream).client(get(b"/a")).rest().startswith(b"HTTP/1.1 502 ")
    named = start(msgspec.structs.replace(upstream, server_name="inner.test"))
    assert named.client(get(b"/a")).rest().startswith(b"HTTP/1.1 502 ")  # it has nothing to show
    assert origin.requests == []
    whole = start(
        msgspec.structs.replace(upstream, server_name="inner.test", certificate=ours.file, key=ours.key), keep_host=False
    )
    assert whole.client(get(b"/a")).exactly(len(OK)) == OK
    assert origin.asked[-1] == "inner.test"
    assert origin.requests == [b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"]
    whole.close()
    origin.close()
