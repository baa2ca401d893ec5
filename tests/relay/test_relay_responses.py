"""Responses (cases 45-56): passed as they came, and no byte of one answer in another."""

from __future__ import annotations

import gzip

import pytest

from tests.relay.origins import OK, Origin, answers, sends
from tests.relay.relays import Relay
from tests.relay.sockets import Wire

H = b"Host: app.test\r\n"
GET = b"GET /a HTTP/1.1\r\n" + H + b"\r\n"
HEAD = b"HEAD /a HTTP/1.1\r\n" + H + b"\r\n"


def response(relay: Relay, origin: Origin, *pieces: bytes) -> Wire:
    """A client whose request the origin answers with `pieces` and an end of the connection."""
    origin.plays(sends(*pieces))
    return relay.client(GET)


@pytest.mark.parametrize("framing", [b"Content-Length: 1234", b"Transfer-Encoding: chunked"])
def test_45_head_has_no_body_and_the_connection_goes_on(relay: Relay, origin: Origin, framing: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n"

    def play(wire: Wire) -> None:
        wire.message()
        wire.send(head)
        wire.message()
        wire.send(OK)
        wire.rest()

    origin.plays(play)
    client = relay.client(HEAD)
    assert client.exactly(len(head)) == head
    client.send(GET)
    assert client.exactly(len(OK)) == OK
    assert origin.received == HEAD + GET


def test_46_a_204_has_no_length(relay: Relay, origin: Origin) -> None:
    origin.plays(answers(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nX-A: 1\r\n\r\n", OK))
    client = relay.client(GET)
    assert client.until(b"\r\n\r\n") == b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"
    client.send(GET)
    assert client.exactly(len(OK)) == OK


def test_46_a_304_keeps_its_length(relay: Relay, origin: Origin) -> None:
    head = b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 1234\r\n\r\n'
    origin.plays(answers(head, OK))
    client = relay.client(GET)
    assert client.exactly(len(head)) == head
    client.send(GET)
    assert client.exactly(len(OK)) == OK


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_46_stray_bytes_after_an_empty_answer_are_not_delivered(relay: Relay, origin: Origin, status: bytes) -> None:
    head = b"HTTP/1.1 " + status + b"\r\nX-A: 1\r\n\r\n"

    def play(wire: Wire) -> None:
        wire.message()
        wire.send(head + b"stray" if len(origin.connections) == 1 else OK)
        wire.rest()

    origin.plays(play)
    client = relay.client(GET)
    assert client.exactly(len(head)) == head
    client.send(GET)
    assert client.exactly(len(OK)) == OK
    assert len(origin.connections) == 2


LINES = [b"HTTP/1.1 299 Very Custom  Reason", b"HTTP/1.1 200 ", b"HTTP/1.1 999 X", b"HTTP/1.1 205 Reset Content"]


@pytest.mark.parametrize("line", LINES)
def test_47_status_lines_pass(relay: Relay, origin: Origin, line: bytes) -> None:
    whole = line + b"\r\nContent-Length: 2\r\n\r\nok"
    origin.plays(answers(whole))
    assert relay.client(GET).exactly(len(whole)) == whole


def test_48_a_redirect_is_passed_and_not_followed(relay: Relay, origin: Origin) -> None:
    whole = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: //evil.test/%2F?a b\r\nContent-Length: 0\r\n\r\n"
    origin.plays(answers(whole))
    assert relay.client(GET).exactly(len(whole)) == whole


def test_48_a_part_is_passed(relay: Relay, origin: Origin) -> None:
    whole = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/5\r\nContent-Length: 2\r\n\r\nok"
    origin.plays(answers(whole))
    assert relay.client(GET).exactly(len(whole)) == whole


@pytest.mark.parametrize("coding", [b"gzip", b"aes128gcm, br", b"zstd"])
@pytest.mark.parametrize("body", [b"NOTGZIPATALL", gzip.compress(b"hello" * 100)], ids=["wrong", "gzip"])
def test_49_content_codings_are_not_touched(relay: Relay, origin: Origin, coding: bytes, body: bytes) -> None:
    fields = b"Content-Encoding: " + coding + b"\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)
    whole = b"HTTP/1.1 200 OK\r\n" + fields + body
    origin.plays(answers(whole))
    request = b"POST / HTTP/1.1\r\n" + H + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    assert relay.client(request).exactly(len(whole)) == whole
    assert origin.received == request


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BODIES = [b"b\r\ndata: one\n\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n", b"0\r\n\r\n", b"2\r\nok\r\n0\r\nX-Sum: 9\r\n\r\n"]


@pytest.mark.parametrize("body", BODIES)
def test_50_56_chunked_bodies_and_trailers_pass(relay: Relay, origin: Origin, body: bytes) -> None:
    origin.plays(answers(CHUNKED + body, OK))
    client = relay.client(GET + GET)
    assert client.exactly(len(CHUNKED + body + OK)) == CHUNKED + body + OK


def test_50_an_empty_body_passes(relay: Relay, origin: Origin) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    origin.plays(answers(whole))
    assert relay.client(GET + GET).exactly(2 * len(whole)) == 2 * whole


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_51_a_body_that_lasts_until_close(relay: Relay, origin: Origin, version: bytes) -> None:
    client = response(relay, origin, version + b" 200 OK\r\nX-A: 1\r\n\r\nhello ", b"world")
    assert client.rest() == version + b" 200 OK\r\nX-A: 1\r\nConnection: close\r\n\r\nhello world"
    assert client.ended == "fin"


def test_51_an_old_answer_with_a_length_ends_the_connection(relay: Relay, origin: Origin) -> None:
    client = response(relay, origin, b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok")
    assert client.rest() == b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


OLD = b"GET / HTTP/1.0\r\n" + H + b"\r\n"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_51_an_old_client_gets_a_chunked_answer_without_its_chunks(relay: Relay, origin: Origin, size: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"6;a=b\r\nhello \r\n5\r\nworld\r\n0\r\nX-Sum: 9\r\n\r\n"

    def play(wire: Wire) -> None:
        wire.message()
        wire.send(head)
        for at in range(0, len(body), size):
            wire.send(body[at : at + size])
        wire.rest()

    origin.plays(play)
    client = relay.client(OLD)
    assert client.rest() == b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhello world"
    assert client.ended == "fin"


def test_51_an_old_client_sees_where_a_chunked_answer_was_cut(relay: Relay, origin: Origin) -> None:
    origin.plays(sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"6\r\nhello \r\n5\r\nwo"))
    client = relay.client(OLD)
    assert not client.rest().endswith(b"world")
    assert client.ended == "reset"


BROKEN = {
    "47 099": b"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n",
    "58 an interim answer in HTTP/1.0": b"HTTP/1.0 103 E\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "52 length and coding": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "52 two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
    "52 coding foo": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: foo\r\n\r\n",
    "52 coding twice": CHUNKED[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "52 gzip, chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "52 length -1": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "53 obs-fold": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "53 blank before colon": b"HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n",
    "53 control": b"HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n",
    "53 bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "53 ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "53 version 2": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "53 version 0.9": b"HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "53 status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "62 unsolicited 101": b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n",
}


@pytest.mark.parametrize("case", BROKEN)
def test_47_to_62_answers_that_are_not_clear_become_502(relay: Relay, origin: Origin, case: str) -> None:
    answer = response(relay, origin, BROKEN[case]).rest()
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert len(origin.connections) == 1


def test_52_the_same_length_twice_is_one_or_none(relay: Relay, origin: Origin) -> None:
    answer = response(relay, origin, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok").rest()
    assert answer.startswith(b"HTTP/1.1 502 ")


def test_53_a_strange_protocol_is_told_at_once(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        wire.message()
        wire.send(b"SSH-2.0-OpenSSH_9.2\r\n")
        wire.rest()

    origin.plays(play)
    assert relay.client(GET).rest().startswith(b"HTTP/1.1 502 ")


@pytest.mark.parametrize(
    "sent", [b"HTTP/1.1 200 OK\nContent-Le", b"HTTP/1.1 2x", b"HTTP/1.1 200 OK\r\nX : 1\r\n", b"HTTP/1.1\x00"]
)
def test_53_half_a_head_that_is_none_is_told_at_once(relay: Relay, origin: Origin, sent: bytes) -> None:
    """The origin waits: without a limit on the first byte the client would wait for ever."""

    def play(wire: Wire) -> None:
        wire.message()
        for byte in sent:
            wire.send(bytes([byte]))
        wire.rest()

    origin.plays(play)
    assert relay.client(GET).rest().startswith(b"HTTP/1.1 502 ")
    assert origin.next_ended().received == GET


def test_53_a_head_that_comes_byte_by_byte(relay: Relay, origin: Origin) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"

    def play(wire: Wire) -> None:
        wire.message()
        for byte in hints + OK:
            wire.send(bytes([byte]))
        wire.rest()

    origin.plays(play)
    assert relay.client(GET).exactly(len(hints + OK)) == hints + OK


def test_54_bytes_after_the_body_are_nobodys_answer(relay: Relay, origin: Origin) -> None:
    def play(wire: Wire) -> None:
        first = len(origin.connections) == 1
        while wire.message()[0]:
            wire.send(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL" if first else OK)

    origin.plays(play)
    client = relay.client()
    for _ in range(3):
        client.send(GET)
        assert client.exactly(len(OK)) == OK


def test_55_cookies_are_not_kept(relay: Relay, origin: Origin) -> None:
    one = b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=1\r\nContent-Length: 2\r\n\r\nok"
    origin.plays(answers(one))
    client = relay.client(GET)
    assert client.exactly(len(one)) == one
    client.send(GET)
    assert client.exactly(len(one)) == one
    assert origin.received == GET + GET
