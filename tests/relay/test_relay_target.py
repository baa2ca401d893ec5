"""Request line and target (cases 1-13): a target goes on as it came, to the configured upstream and nowhere else."""

from __future__ import annotations

import pytest

from tests.relay.origins import OK, Origin
from tests.relay.relays import Relay

H = b"Host: app.test\r\n"
VERBATIM = [
    b"/a%2Fb%2f%2e%2E/c",  # 1
    b"/a/../b/./c",  # 2
    b"//double//slash//",
    b"//evil.test/x",
    b"/:80/x",
    b"/a?",  # 3
    b"/a?x=%20+&y=%2B;z&&=&q",  # 4
    b"/a?x=[1]&y={}|",
    b"/p;v=1/q,r",
    b'/a|b"<>^`{}',
    b"/a\\b",
    b"/a%00b",
    b"/%E2%82%AC/%zz/%",
    b"/a?u=http://x.test/%2F%2f",  # 5
    b"/a#frag",  # 6
]


@pytest.mark.parametrize("target", VERBATIM)
def test_01_to_06_targets_go_on_as_they_came(relay: Relay, origin: Origin, target: bytes) -> None:
    request = b"GET " + target + b" HTTP/1.1\r\n" + H + b"\r\n"
    client = relay.client(request)
    assert client.exactly(len(OK)) == OK
    assert origin.received == request


@pytest.mark.parametrize("target", [b"/caf\xc3\xa9", b"/caf\xe9", b"/?u=\xe9"])
def test_07_raw_non_ascii_is_refused(relay: Relay, origin: Origin, target: bytes) -> None:
    client = relay.client(b"GET " + target + b" HTTP/1.1\r\n" + H + b"\r\n")
    assert client.rest().startswith(b"HTTP/1.1 400 ")
    assert origin.connections == []


def test_08_absolute_form_goes_to_the_configured_upstream(relay: Relay, origin: Origin) -> None:
    client = relay.client(b"GET http://other.test/abs?q HTTP/1.1\r\n" + H + b"X-A: 1\r\n\r\n")
    assert client.exactly(len(OK)) == OK
    assert origin.received == b"GET /abs?q HTTP/1.1\r\nHost: other.test\r\nX-A: 1\r\n\r\n"


@pytest.mark.parametrize("target", [b"http://", b"http:///x", b"http://user:word@other.test/x", b"http://a?b", b"ftp://a/b"])
def test_08_absolute_forms_without_a_plain_host_are_refused(relay: Relay, origin: Origin, target: bytes) -> None:
    assert relay.client(b"GET " + target + b" HTTP/1.1\r\n" + H + b"\r\n").rest().startswith(b"HTTP/1.1 400 ")
    assert origin.connections == []


def test_09_asterisk_form(relay: Relay, origin: Origin) -> None:
    request = b"OPTIONS * HTTP/1.1\r\n" + H + b"\r\n"
    assert relay.client(request).exactly(len(OK)) == OK
    assert origin.received == request


def test_09_an_absolute_form_without_a_path_asks_for_all_of_the_server(relay: Relay, origin: Origin) -> None:
    assert relay.client(b"OPTIONS http://other.test HTTP/1.1\r\n" + H + b"\r\n").exactly(len(OK)) == OK
    assert origin.received == b"OPTIONS * HTTP/1.1\r\nHost: other.test\r\n\r\n"


def test_09_connect_is_refused(relay: Relay, origin: Origin) -> None:
    assert relay.client(b"CONNECT a:443 HTTP/1.1\r\n" + H + b"\r\n").rest().startswith(b"HTTP/1.1 4")
    assert origin.connections == []


@pytest.mark.parametrize("method", [b"QUERY", b"PATCH", b"DELETE", b"PROPFIND", b"PUT"])
def test_10_methods_go_on_with_their_bodies(relay: Relay, origin: Origin, method: bytes) -> None:
    request = method + b" /m HTTP/1.1\r\n" + H + b"Content-Length: 3\r\n\r\nabc"
    assert relay.client(request).exactly(len(OK)) == OK
    assert origin.received == request


@pytest.mark.parametrize("method", [b"FOO", b"get"])
def test_10_unknown_methods_are_refused(relay: Relay, origin: Origin, method: bytes) -> None:
    assert relay.client(method + b" / HTTP/1.1\r\n" + H + b"\r\n").rest().startswith(b"HTTP/1.1 400 ")
    assert origin.connections == []


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.2\r\n" + H + b"\r\n",
        b"GET / HTTP/2.0\r\n" + H + b"\r\n",
        b"GET / HTTP/0.9\r\n" + H + b"\r\n",
        b"GET /\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / RTSP/1.0\r\n" + H + b"\r\n",
        b"GET / ICE/1.0\r\n" + H + b"\r\n",
        b"GET / http/1.1\r\n" + H + b"\r\n",
    ],
)
def test_11_other_versions_and_protocols_are_refused(relay: Relay, origin: Origin, data: bytes) -> None:
    answer = relay.client(data).rest()
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 505 "))
    assert b"\r\nConnection: close\r\n" in answer
    assert origin.connections == []


def test_12_leading_empty_lines(relay: Relay, origin: Origin) -> None:
    client = relay.client(b"\r\n\r\nGET /a HTTP/1.1\r\n" + H + b"\r\n")
    assert client.exactly(len(OK)) == OK
    client.send(b"\r\nGET /b HTTP/1.1\r\n" + H + b"\r\n")
    assert client.exactly(len(OK)) == OK
    assert origin.received == b"GET /a HTTP/1.1\r\n" + H + b"\r\nGET /b HTTP/1.1\r\n" + H + b"\r\n"


@pytest.mark.parametrize(
    "line", [b"GET  / HTTP/1.1", b"GET\t/ HTTP/1.1", b"GET / HTTP/1.1 ", b" GET / HTTP/1.1", b"GET /  HTTP/1.1"]
)
def test_12_blanks_in_the_request_line(relay: Relay, origin: Origin, line: bytes) -> None:
    assert relay.client(line + b"\r\n" + H + b"\r\n").rest().startswith(b"HTTP/1.1 400 ")
    assert origin.connections == []


def test_13_byte_at_a_time(relay: Relay, origin: Origin) -> None:
    request = b"\r\nPOST /slow?x HTTP/1.1\r\n" + H + b"Content-Length: 3\r\n\r\nabc"
    client = relay.client()
    for byte in request:
        client.send(bytes([byte]))
    assert client.exactly(len(OK)) == OK
    assert origin.received == request[2:]
