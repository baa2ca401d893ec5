"""Capture files: what is written is read again, whatever the coding on the wire."""

from __future__ import annotations

import gzip
import json

import pytest

from proxy.wire.exchange import Body
from proxy.workbench.captures import exchange_of, heading, line, plain


def test_an_exchange_comes_back_as_it_was(exchange):
    made = exchange("/chat", {"message": "é"}, events=[{"d": "a"}], query={"a": "b"}, status=None, answered_after=None)
    assert exchange_of(line(made)) == made


def test_framing_and_coding_are_taken_off_and_times_stay(exchange):
    packed = gzip.compress(b'{"answer": "Bonjour"}')
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    made = exchange(
        "/chat",
        {},
        Body(chunked, ((len(chunked), 0.7),), chunked=True),
        response_headers={"content-type": "application/json", "content-encoding": "gzip"},
    )
    found = plain(made)
    assert found.response.data == b'{"answer": "Bonjour"}'
    assert found.response.after(0) == 0.7
    assert found.response_headers == {"content-type": "application/json"}
    assert json.loads(line(found))["response"]["text"] == '{"answer": "Bonjour"}'


def test_bytes_that_are_no_text_come_back_too(exchange):
    made = exchange("/chat", Body(b"\xff\x00", ((2, 0.1),)))
    assert exchange_of(line(made)).request.data == b"\xff\x00"


def test_a_line_with_a_fault_says_what_it_is(exchange):
    good = json.loads(line(exchange("/chat", {})))
    with pytest.raises(ValueError, match="unknown field `pth`"):
        exchange_of(json.dumps(good | {"pth": "/"}).encode())
    with pytest.raises(ValueError, match="base64"):
        exchange_of(json.dumps(good | {"request": {"base64": "?"}}).encode())


def test_the_heading_says_whether_texts_are_in_it():
    assert json.loads(heading(redacted=True, begun="now")) == {"kpi_proxy_capture": 1, "redacted": True, "begun": "now"}
