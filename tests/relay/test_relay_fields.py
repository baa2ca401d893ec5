"""Header fields (cases 14-28): what is hop by hop goes, all else passes octet for octet."""

from __future__ import annotations

import pytest

from tests.relay.conftest import Start
from tests.relay.origins import OK, Origin, answers
from tests.relay.relays import Relay

H = b"Host: app.test\r\n"
GET = b"GET /a HTTP/1.1\r\n"


def sent_on(relay: Relay, origin: Origin, request: bytes) -> bytes:
    """What the origin gets of a request that is accepted."""
    assert relay.client(request).exactly(len(OK)) == OK
    return origin.received


def sent_back(relay: Relay, origin: Origin, response: bytes) -> bytes:
    """What the client gets of a response."""
    origin.plays(answers(response))
    client = relay.client(GET + H + b"\r\n")
    head, body = client.message()
    return head + body


def test_14_hop_by_hop_fields_of_a_request_stay(relay: Relay, origin: Origin) -> None:
    got = sent_on(
        relay,
        origin,
        GET + H + b"Connection: keep-alive, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=9\r\nProxy-Connection: keep-alive\r\n"
        b"TE: trailers\r\nUpgrade: foo\r\nProxy-Authorization: Basic eA==\r\nX-Keep: 2\r\n\r\n",
    )
    assert got == GET + H + b"X-Keep: 2\r\n\r\n"


def test_15_hop_by_hop_fields_of_a_response_stay(relay: Relay, origin: Origin) -> None:
    got = sent_back(
        relay,
        origin,
        b"HTTP/1.1 200 OK\r\nConnection: X-Priv\r\nX-Priv: s\r\nKeep-Alive: timeout=5\r\nX-Pub: 1\r\nContent-Length: 2\r\n\r\nok",
    )
    assert got == b"HTTP/1.1 200 OK\r\nX-Pub: 1\r\nContent-Length: 2\r\n\r\nok"


def test_16_nominated_end_to_end_fields_pass(relay: Relay, origin: Origin) -> None:
    client = relay.client(
        b"POST / HTTP/1.1\r\n" + H + b"Connection: close, Host, Authorization, Cookie, Content-Length\r\n"
        b"Authorization: x\r\nCookie: a\r\nContent-Length: 3\r\n\r\nabc"
    )
    assert client.rest() == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    assert origin.received == b"POST / HTTP/1.1\r\n" + H + b"Authorization: x\r\nCookie: a\r\nContent-Length: 3\r\n\r\nabc"


PROTECTED = b"Authorization, Cookie, Cache-Control, Content-Type, Content-Encoding, Date, Host, Transfer-Encoding"


def test_16_no_field_that_a_message_needs_can_be_named_away(relay: Relay, origin: Origin) -> None:
    fields = (
        b"Content-Type: a/b\r\nContent-Encoding: x\r\nCache-Control: no-store\r\nDate: d\r\nAuthorization: e\r\nCookie: f\r\n"
    )
    rest = fields + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    named = b"Connection: " + PROTECTED + b"\r\n"
    origin.plays(answers(b"HTTP/1.1 200 OK\r\n" + named + rest))
    client = relay.client(b"POST / HTTP/1.1\r\n" + named + H + rest)
    expected = b"HTTP/1.1 200 OK\r\n" + rest
    assert client.exactly(len(expected)) == expected
    assert origin.received == b"POST / HTTP/1.1\r\n" + H + rest


VERBATIM = {
    17: b'x-LOWER: 1\r\nX-Dup: a\r\nAccept: */*\r\nX-dup: b\r\nCoOkIe: a=1; b="x y"\r\nCookie: c=3\r\nX-Empty:\r\n',
    19: b"X-L: caf\xe9\r\nX-U: caf\xc3\xa9\r\n",
    20: b"",
    24: b"Via: 1.0 fred\r\nForwarded: for=192.0.2.60\r\nX-Forwarded-For: 203.0.113.7\r\n",
    25: b"X-Long: " + b"v" * 9000 + b"\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(150)),
    27: b"X-T:\ta\tb \t\r\n",
    39: b"Content_Length: 5\r\nTransfer_Encoding: x\r\n",
}


@pytest.mark.parametrize("case", VERBATIM)
def test_17_to_39_request_fields_go_on_as_they_came(relay: Relay, origin: Origin, case: int) -> None:
    request = GET + H + VERBATIM[case] + b"\r\n"
    assert sent_on(relay, origin, request) == request


BACK = {
    18: b"zeta: 1\r\nSet-Cookie: a=1; Path=/\r\nALPHA: 2\r\nset-cookie: b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT\r\n",
    19: b'Content-Disposition: attachment; filename="na\xefve.txt"\r\n',
    21: b"",
    25: b"X-Long: " + b"v" * 20_000 + b"\r\n",
    26: b"Content-Type: a/b\r\nContent-Type: c/d\r\n",
}


@pytest.mark.parametrize("case", BACK)
def test_18_to_26_response_fields_come_back_as_they_came(relay: Relay, origin: Origin, case: int) -> None:
    response = b"HTTP/1.1 200 OK\r\n" + BACK[case] + b"Content-Length: 2\r\n\r\nok"
    assert sent_back(relay, origin, response) == response


@pytest.mark.parametrize("fields", [b"Content-Length: 3\r\n\r\nabc", b"\r\n", b"Content-Length: 0\r\n\r\n"])
def test_22_a_post_gets_neither_type_nor_length(relay: Relay, origin: Origin, fields: bytes) -> None:
    request = b"POST / HTTP/1.1\r\n" + H + fields
    assert sent_on(relay, origin, request) == request


def test_23_host_is_forwarded_with_its_port(relay: Relay, origin: Origin) -> None:
    request = GET + b"Host: app.test:8443\r\n\r\n"
    assert sent_on(relay, origin, request) == request


@pytest.mark.parametrize("hosts", [b"", H + H, b"Host: a b/\r\n", b"Host: a\r\nhost: b\r\n"])
def test_23_no_host_two_hosts_or_no_name_are_refused(relay: Relay, origin: Origin, hosts: bytes) -> None:
    assert relay.client(GET + hosts + b"\r\n").rest().startswith(b"HTTP/1.1 400 ")
    assert origin.connections == []


def test_23_an_old_client_without_host_gets_the_upstreams(relay: Relay, origin: Origin) -> None:
    assert relay.client(b"GET / HTTP/1.0\r\nX-A: 1\r\n\r\n").rest() == OK
    assert origin.received == b"GET / HTTP/1.0\r\nHost: 127.0.0.1:%d\r\nX-A: 1\r\n\r\n" % origin.port


def test_23_host_can_be_the_upstreams(start: Start, origin: Origin) -> None:
    relay = start(keep_host=False)
    got = sent_on(relay, origin, GET + b"X-A: 1\r\nhost: app.test\r\n\r\n")
    assert got == GET + b"X-A: 1\r\nHost: 127.0.0.1:%d\r\n\r\n" % origin.port


def test_d1_d3_via_and_forwarded_are_added_when_asked_for(start: Start, origin: Origin) -> None:
    relay = start(via=True, append_forwarded=True)
    got = sent_on(relay, origin, GET + H + b"X-Forwarded-For: 203.0.113.7\r\n\r\n")
    assert got == (
        GET + H + b"X-Forwarded-For: 203.0.113.7\r\nVia: 1.1 kpi-proxy\r\n"
        b"Forwarded: for=127.0.0.1;proto=http\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n\r\n"
    )


@pytest.mark.parametrize("fields", [b"X-Long: " + b"v" * 70_000 + b"\r\n", b"".join(b"X-%d: y\r\n" % n for n in range(600))])
def test_25_too_large_heads_are_refused(relay: Relay, origin: Origin, fields: bytes) -> None:
    assert relay.client(GET + H + fields + b"\r\n").rest().startswith(b"HTTP/1.1 431 ")
    assert origin.connections == []


def test_25_a_too_long_request_line_is_refused(relay: Relay, origin: Origin) -> None:
    client = relay.client(b"GET /" + b"a" * 70_000)
    assert client.rest().startswith(b"HTTP/1.1 414 ")
    assert origin.connections == []


def test_26_two_content_types_are_refused(relay: Relay, origin: Origin) -> None:
    answer = relay.client(GET + H + b"Content-Type: a/b\r\ncontent-type: c/d\r\n\r\n").rest()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert origin.connections == []


BAD_FIELDS = [
    b"Content-Length : 3\r\n",
    b"X(a): b\r\n",
    b": b\r\n",
    b"foo\r\n",
    b"X: a\x00b\r\n",
    b"X: a\x01b\r\n",
    b"X: a\rb\r\n",
    b"X: a\nY: b\r\n",
    b"X-A: a\r\n b\r\n",
    b"X-A: a\r\n\tb\r\n",
    b"X\xe9: a\r\n",
    b"X: a\x7fb\r\n",
]


@pytest.mark.parametrize("field", BAD_FIELDS)
@pytest.mark.parametrize("slow", [False, True], ids=["whole", "bytes"])
def test_28_bad_fields_are_refused(relay: Relay, origin: Origin, field: bytes, *, slow: bool) -> None:
    request = GET + H + field + b"\r\n"
    client = relay.client()
    if slow:
        for byte in request[:-1]:  # all that a refusal can depend on; it may come before the last byte
            try:
                client.send(bytes([byte]))
            except ConnectionError:
                break
    else:
        client.send(request)
    if slow:
        client.send(request[-1:])
    answer = client.rest()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert origin.connections == []


def test_28_a_blank_before_the_first_field_is_refused(relay: Relay, origin: Origin) -> None:
    assert relay.client(GET + b" X: y\r\n" + H + b"\r\n").rest().startswith(b"HTTP/1.1 400 ")
    assert origin.connections == []
