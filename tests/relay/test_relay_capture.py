"""What the observer gets: the bytes that passed with their times, and never a credential."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from proxy.records import Hello
from proxy.relay.curtain import is_readable
from proxy.relay.plan import Wanted
from proxy.settings.model import Capture
from proxy.wire.exchange import Body
from proxy.wire.messages import read_messages
from tests.relay.conftest import Start, here
from tests.relay.observers import Observer
from tests.relay.origins import OK, STREAM, Origin, answers, sends
from tests.relay.relays import SECRET, Relay
from tests.relay.sockets import Wire, eventually

H = b"Host: app.test\r\n"
JSON = b"Content-Type: application/json\r\n"
WANTED = Wanted(
    headers=frozenset({"x-user", "authorization", "cookie", "x-api-key"}),  # the last three must stay all the same
    response_headers=frozenset({"x-model", "set-cookie"}),
    query=frozenset({"conversation"}),
    hashed_headers=frozenset({"x-api-key"}),
    cookies=frozenset({"sid"}),
    jwt_headers=frozenset({"authorization"}),
)


@pytest.fixture(scope="module")
def module_relay(module_origin: Origin, observer: Observer) -> Iterator[Relay]:
    """With a `Wanted` that asks for more than it may have, and small captures."""
    relay = Relay(here(module_origin), observer.path, wanted=WANTED, capture=Capture(limit=200_000))
    yield relay
    relay.close()


def post(path: bytes, body: bytes, fields: bytes = JSON) -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\n" + H + fields + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_a_json_exchange_reassembles_to_what_passed(relay: Relay, origin: Origin, observer: Observer) -> None:
    question, reply = json.dumps({"q": "x" * 100}).encode(), json.dumps({"a": "y" * 100}).encode()
    response = b"HTTP/1.1 201 Created\r\n" + JSON + b"X-Model: m\r\nContent-Length: %d\r\n\r\n" % len(reply) + reply
    origin.plays(answers(response))
    before = time.time()
    client = relay.client(post(b"/json?conversation=c1&x=2", question, JSON + b"X-User: ada\r\n"))
    assert client.exactly(len(response)) == response
    exchange = observer.exchange("/json")
    assert before <= exchange.at <= time.time()
    assert (exchange.assistant, exchange.method, exchange.client) == ("rh", "POST", "127.0.0.1")
    assert exchange.query == {"conversation": "c1"}
    assert exchange.headers == {"content-type": "application/json", "x-user": "ada"}
    assert exchange.response_headers == {"content-type": "application/json", "x-model": "m"}
    assert (exchange.status, exchange.ending, exchange.own) == (201, "complete", False)
    assert (exchange.request.data, exchange.response.data) == (question, reply)
    assert not any(side.cut or side.chunked for side in (exchange.request, exchange.response))
    first = exchange.request.after(0)
    assert first is not None
    assert exchange.answered_after is not None
    assert 0 <= first <= exchange.request_after <= exchange.answered_after <= exchange.ended_after <= time.time() - before


def test_a_stream_reassembles_with_the_time_of_each_piece(relay: Relay, origin: Origin, observer: Observer) -> None:
    events = [b"%x\r\n%b\r\n" % (len(event), event) for event in (b"data: %d\n\n" % n for n in range(5))]

    def play(wire: Wire) -> None:
        wire.message()
        wire.send(STREAM)
        for event in events:
            assert wire.quiet(0.05)
            wire.send(event)
            came.acquire()  # by the client: the next one can't catch up with it
        wire.send(b"0\r\n\r\n")
        wire.rest()

    came = threading.Semaphore(0)
    origin.plays(play)
    began = time.monotonic()
    client = relay.client(b"GET /stream HTTP/1.1\r\n" + H + b"\r\n")
    assert client.exactly(len(STREAM)) == STREAM
    for event in events:
        assert client.exactly(len(event)) == event
        came.release()
    assert client.exactly(5) == b"0\r\n\r\n"
    lasted = time.monotonic() - began
    exchange = observer.exchange("/stream")
    assert exchange.response.chunked
    assert exchange.response.data == b"".join(events) + b"0\r\n\r\n"
    offsets = [sum(map(len, events[:n])) for n in range(5)]
    times = [exchange.response.after(offset) or 0.0 for offset in offsets]
    assert all(later - earlier > 0.04 for earlier, later in pairwise(times))
    assert times[-1] <= lasted


def test_a_long_stream_is_shipped_while_it_lasts(relay: Relay, origin: Origin, observer: Observer) -> None:
    def play(wire: Wire) -> None:
        wire.message()
        wire.send(STREAM + b"9\r\ndata: 1\n\n\r\n")
        wire.rest()

    origin.plays(play)
    known = len(observer.records)
    client = relay.client(b"GET /long HTTP/1.1\r\n" + H + b"\r\n")
    assert client.until(b"\n\n\r\n")
    observer.wait_for(lambda: any(record.segments for record in observer.records[known:]))
    assert observer.records[-1].ending is None
    client.half_close()
    assert observer.exchange("/long").ending == "client_gone"


def test_a_large_body_is_shipped_in_segments_and_cut_at_the_limit(relay: Relay, origin: Origin, observer: Observer) -> None:
    body = bytes(range(256)) * 2000
    response = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    origin.plays(answers(response))
    client = relay.client(post(b"/large", body))
    assert client.exactly(len(response)) == response
    exchange = observer.exchange("/large")
    assert exchange.request.data == exchange.response.data == body[:200_000]
    assert exchange.request.cut
    assert exchange.response.cut
    segments = [
        segment for record in observer.records for segment in record.segments if segment.offset or len(segment.data) > 9000
    ]
    assert len(segments) >= 4
    endings = [record.ending for record in observer.records if record.ending and record.ending.cut]
    assert [(ending.request_size, ending.response_size) for ending in endings] == [(len(body), len(body))]


def test_a_body_that_no_decoder_reads_is_measured_and_not_copied(relay: Relay, origin: Origin, observer: Observer) -> None:
    origin.plays(answers(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 4\r\n\r\n\x89PNG"))
    client = relay.client(post(b"/image", b"\x89PNG", b"Content-Type: image/png\r\n"))
    assert client.message()[1] == b"\x89PNG"
    exchange = observer.exchange("/image")
    assert exchange.request.data == exchange.response.data == b""
    assert exchange.request.cut


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/problem+json",
        "application/stream+json",
        "text/event-stream",
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/jsonlines",
        "application/x-jsonlines",
        "application/vnd.amazon.eventstream",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/json",
        "application/octet-stream",
        "image/png",
        "text/html",
        "application/xml",
        "application/pdf",
        "application/zip",
        "audio/mpeg",
    ],
)
def test_what_a_decoder_reads_is_copied_and_nothing_else(kind: str) -> None:
    read = read_messages(Body(b"{}"), {"content-type": kind})
    assert is_readable(kind.encode()) == all(gap.reason != "media_type" for gap in read.gaps)


def test_endings_say_what_happened(relay: Relay, origin: Origin, observer: Observer) -> None:
    origin.plays(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"))
    assert relay.client(b"GET /broken HTTP/1.1\r\n" + H + b"\r\n").rest().endswith(b"abc")
    broken = observer.exchange("/broken")
    assert (broken.ending, broken.status, broken.own, broken.response.data) == ("upstream_broken", 200, False, b"abc")
    origin.plays(sends())
    assert relay.client(b"GET /closed HTTP/1.1\r\n" + H + b"\r\n").rest().startswith(b"HTTP/1.1 502 ")
    closed = observer.exchange("/closed")
    assert (closed.ending, closed.status, closed.own) == ("upstream_unreachable", 502, True)
    assert (
        relay.client(b"POST /bad HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
        .rest()
        .startswith(b"HTTP/1.1 400 ")
    )
    bad = observer.exchange("/bad")
    assert (bad.ending, bad.status, bad.own) == ("refused", 400, True)


def hashed(value: bytes) -> str:
    digest = hmac.digest(bytes.fromhex(SECRET), value, hashlib.sha256)[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token(part: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")


def test_identity_leaves_hashed_and_credentials_never(relay: Relay, origin: Origin, observer: Observer) -> None:
    payload, signature = token({"sub": "ada"}), b"CANARY-signature"
    jwt = token({"alg": "HS256", "kid": "CANARY-kid"}) + b"." + payload + b"." + signature
    origin.plays(answers(b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=CANARY-set\r\nX-Model: m\r\nContent-Length: 2\r\n\r\nok"))
    client = relay.client(
        b"GET /secret?conversation=c&key=CANARY-query&access_token=CANARY-token HTTP/1.1\r\n"
        + H
        + b"Authorization: Bearer "
        + jwt
        + b"\r\n"
        b"Cookie: a=CANARY-a; sid=CANARY-sid\r\nX-Api-Key: CANARY-key\r\nProxy-Authorization: Basic CANARY-proxy\r\n"
        b"Referer: http://a.test/?CANARY-referer\r\nX-Other: CANARY-other\r\n\r\n"
    )
    assert client.message()[1] == b"ok"
    exchange = observer.exchange("/secret")
    assert exchange.headers == {
        "jwt:authorization": payload.decode(),
        "cookie:sid": hashed(b"CANARY-sid"),
        "hash:x-api-key": hashed(b"CANARY-key"),
    }
    assert exchange.query == {"conversation": "c"}
    assert exchange.response_headers == {"x-model": "m"}
    assert b"CANARY" not in observer.raw
    assert base64.urlsafe_b64encode(b"CANARY")[:7] not in observer.raw
    assert b"CANARY" in origin.received


@pytest.mark.parametrize("value", [b"Basic CANARY", b"Bearer CANARY", b"CANARY.CANARY", b"Bearer a.CANARY.c.d"])
def test_what_is_no_jwt_shows_nothing(relay: Relay, origin: Origin, observer: Observer, value: bytes) -> None:
    path = b"/opaque%d" % len(value)
    assert relay.client(b"GET " + path + b" HTTP/1.1\r\n" + H + b"Authorization: " + value + b"\r\n\r\n").message()[1] == b"ok"
    assert observer.exchange(path.decode()).headers == {}
    assert b"CANARY" not in observer.raw


def test_only_a_token_to_be_verified_leaves_whole(origin: Origin, observer: Observer) -> None:
    jwt = token({"alg": "RS256"}) + b"." + token({"sub": "ada"}) + b".c2lnbmF0dXJl"
    relay = Relay(here(origin), observer.path, wanted=Wanted(token_headers=frozenset({"authorization", "x-jwt"})))
    try:
        fields = b"Authorization: Bearer " + jwt + b"\r\nX-Jwt: " + jwt + b"\r\nX-Api-Key: CANARY-key\r\n"
        origin.plays(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
        assert relay.client(b"GET /whole HTTP/1.1\r\n" + H + fields + b"\r\n").message()[1] == b"ok"
        whole = {"token:authorization": jwt.decode(), "token:x-jwt": jwt.decode()}
        assert observer.exchange("/whole").headers == whole
        for number, value in enumerate((b"Basic CANARY", b"Bearer CANARY", b"CANARY.CANARY", b"Bearer a.CANARY.c.d")):
            origin.plays(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
            head = b"GET /no-token%d HTTP/1.1\r\n" % number + H
            assert relay.client(head + b"Authorization: " + value + b"\r\n\r\n").message()[1] == b"ok"
            assert observer.exchange(f"/no-token{number}").headers == {"token:authorization": ""}
        assert b"CANARY" not in observer.raw
    finally:
        relay.close()


def test_refused_requests_show_nothing(relay: Relay, observer: Observer) -> None:
    assert relay.client(b"GET /CANARY HTTP/1.1\r\nCookie: CANARY\r\n\r\n").rest().startswith(b"HTTP/1.1 400 ")
    known = len(observer.counts)
    observer.wait_for(lambda: len(observer.counts) > known)
    assert b"CANARY" not in observer.raw


def test_the_relay_counts_what_it_did(start: Start, tmp_path: Path) -> None:
    observer = Observer(tmp_path / "s")
    relay = start(path=tmp_path / "s")
    began = time.monotonic()
    client = relay.client(post(b"/counted", b'{"q": 1}'))
    assert client.exactly(len(OK)) == OK
    lasted = time.monotonic() - began
    assert relay.client(b"GET / HTTP/1.1\r\n\r\n").rest()
    observer.wait_for(lambda: any(counts.values.get(("errors", "rh", "refused_head")) for counts in observer.counts))
    counts = observer.counts[-1]
    assert counts.values["requests", "rh", "2xx"] == 1
    assert counts.values["bytes", "rh", "in"] == 8
    assert counts.values["bytes", "rh", "out"] == 2
    assert counts.values["connections", "client", "opened"] == 2
    assert sum(counts.overhead) == 1
    assert 0 < counts.overhead_sum < lasted
    eventually(lambda: observer.counts[-1].pending == 0)
    observer.close()


def test_a_hello_opens_the_connection(relay: Relay, observer: Observer) -> None:
    observer.wait_for(lambda: bool(observer.hellos))
    assert observer.hellos[0] == Hello("r1", 1)
