"""From a captured body to messages with times: the right decoder, failures as values."""

from __future__ import annotations

import gzip

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.exchange import Body
from proxy.wire.gaps import Gap
from proxy.wire.json import DEPTH_LIMIT, read_json
from proxy.wire.messages import DONE, Message, read_messages
from tests.wire.frames import aws

SSE = {"content-type": "text/event-stream; charset=utf-8"}
JSON = {"content-type": "application/json"}


def test_a_document_has_the_time_of_its_last_byte():
    body = Body(b'{"a": 1}', ((3, 0.5), (8, 1.5)))
    read = read_messages(body, JSON)
    assert read.messages == (Message({"a": 1}, "", 1.5),)
    assert not read.stream


def test_an_event_has_the_time_of_the_byte_that_completed_it():
    data = b'data: {"a": 1}\n\nevent: ping\n\ndata: [DONE]\n\n'
    read = read_messages(Body(data, ((10, 1.0), (16, 2.0), (29, 3.0), (len(data), 4.0))), SSE)
    assert read.messages == (Message({"a": 1}, "", 2.0), Message(None, "ping", 3.0), Message(DONE, "", 4.0))
    assert read.stream


def test_framing_and_coding_come_off_first():
    packed = gzip.compress(b'{"a": 1}')
    raw = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    read = read_messages(Body(raw, ((len(raw), 0.7),), chunked=True), {**JSON, "content-encoding": "gzip"})
    assert read.messages == (Message({"a": 1}, "", 0.7),)
    assert read.gaps == ()


def test_the_decoder_follows_from_type_then_first_byte():
    document = Body(b' {"a": 1}')
    for headers in ({}, {"content-type": "text/plain"}, {"content-type": "application/problem+json"}):
        assert read_messages(document, headers).messages[0].value == {"a": 1}
    assert read_messages(Body(b"data: 1\n\n"), {}).messages[0].value == 1
    assert read_messages(Body(b"<html>"), {"content-type": "text/html"}).gaps == (Gap("media_type", 6),)
    assert read_messages(Body(b"plain words"), {"content-type": "text/plain"}).gaps == (Gap("media_type", 11),)
    assert read_messages(Body(), {}).gaps == ()


def test_lines_frames_and_elements_are_streams():
    lines = b'{"a": 1}\n{"a": 2}\n'
    for kind in ("application/x-ndjson", "application/json", "text/plain", "application/jsonl"):
        read = read_messages(Body(lines, ((9, 1.0), (18, 2.0))), {"content-type": kind})
        assert read.messages == (Message({"a": 1}, "", 1.0), Message({"a": 2}, "", 2.0))
        assert (read.stream, read.gaps) == (True, ())
    cut = read_messages(Body(lines[:12], cut=True), JSON)
    assert ([message.value for message in cut.messages], [gap.reason for gap in cut.gaps]) == ([{"a": 1}], ["cut"])
    frames = aws("messageStart", b"{}") + aws("throttlingException", b'{"message": "x"}', "exception")
    read = read_messages(Body(frames), {"content-type": "application/vnd.amazon.eventstream"})
    assert [message.value for message in read.messages] == [{"messageStart": {}}, {"throttlingException": {"message": "x"}}]
    array = Body(b'[{"a": 1}\n,{"a": 2}]', ((9, 1.0), (20, 2.0)))
    read = read_messages(array, JSON, elements=True)
    assert (read.messages, read.stream) == ((Message({"a": 1}, "", 1.0), Message({"a": 2}, "", 2.0)), True)
    assert read_messages(array, JSON).messages[0].value == [{"a": 1}, {"a": 2}]
    assert read_messages(Body(b'{"a": 1}'), JSON, elements=True).stream is False
    assert [gap.reason for gap in read_messages(Body(b"[1, 2"), JSON, elements=True).gaps] == ["json_syntax"]


def test_forms_are_one_message():
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert read_messages(Body(b"message=Hi&id=7"), form).messages[0].value == {"message": "Hi", "id": "7"}
    assert read_messages(Body(b'{"a": 1}'), form).messages[0].value == {"a": 1}
    parts = Body(b'--b\r\nContent-Disposition: form-data; name="q"\r\n\r\nHi\r\n--b--\r\n')
    assert read_messages(parts, {"content-type": "multipart/form-data; boundary=b"}).messages[0].value == {"q": "Hi"}
    assert [gap.reason for gap in read_messages(parts, {"content-type": "multipart/form-data"}).gaps] == ["form_syntax"]


def test_what_is_too_long_is_counted_by_framing():
    long = b"x" * (1024 * 1024 + 1)
    for body, kind, reason in (
        (long + b"\n{}", "application/x-ndjson", "line_limit"),
        (b'["' + long + b'", {}]', "application/json", "element_limit"),
        (aws("x", long) + aws("y", b"{}"), "application/vnd.amazon.eventstream", "frame_limit"),
        (b"data: " + long + b"\n\ndata: {}\n\n", "text/event-stream", "sse_limit"),
    ):
        read = read_messages(Body(body), {"content-type": kind}, elements=True)
        assert (len(read.messages), [gap.reason for gap in read.gaps]) == (1, [reason])


def test_a_cut_document_is_a_gap_and_a_cut_stream_what_came():
    assert read_messages(Body(b'{"a": ', cut=True), JSON).messages == ()
    read = read_messages(Body(b'data: 1\n\ndata: {"a', cut=True), SSE)
    assert [message.value for message in read.messages] == [1]
    assert read.cut


def test_a_bad_event_does_not_hide_the_next():
    read = read_messages(Body(b"data: {\n\ndata: 2\n\n"), SSE)
    assert [message.value for message in read.messages] == [2]
    assert [gap.reason for gap in read.gaps] == ["json_syntax"]


def test_json_failures_are_values():
    assert read_json(b"[1, 2]") == [1, 2]
    for broken in (b"", b"{", b"nope", b'"\\ud800"', b'"\xff"', b"[1,]", b"{} x"):
        assert isinstance(read_json(broken), Gap)
    for depth in (DEPTH_LIMIT + 2, 5_000, 200_000):
        gap = read_json(b"[" * depth + b"]" * depth)
        assert isinstance(gap, Gap)
        assert gap.reason == "json_depth"
    assert not isinstance(read_json(b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT), Gap)
    wide = msgspec.json.encode([[i] for i in range(1000)])
    assert read_json(wide) == [[i] for i in range(1000)]
    assert read_json(b'"' + b"x" * (8 * 1024 * 1024) + b'"') == Gap("json_size", 8 * 1024 * 1024 + 2)


headers = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(
            [
                "application/json",
                "text/event-stream",
                "text/plain",
                "application/x-ndjson",
                "application/vnd.amazon.eventstream",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=b",
                "",
                "a/b; c",
            ]
        ),
        "content-encoding": st.sampled_from(["gzip", "br", "zstd", "deflate", "x", ""]),
    },
)


@given(st.binary(max_size=200), headers, st.booleans(), st.booleans(), st.lists(st.integers(1, 250), max_size=4))
def test_any_bytes_no_exception(data, heads, chunked, cut, ends):
    timeline = tuple((end, 1.0) for end in sorted(set(ends)))
    body = Body(data, timeline, chunked=chunked, cut=cut)
    read_messages(body, heads)
    read_messages(body, heads, elements=True)
