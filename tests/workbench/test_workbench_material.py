"""Files of every kind, and what is said of those that can't be read."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from proxy.relay.plan import Wanted
from proxy.workbench.captures import heading, line
from proxy.workbench.material import read
from proxy.workbench.terms import WorkError

SECRET = b"s" * 32
WANTED = Wanted(headers=frozenset({"x-user"}), cookies=frozenset({"sid"}), jwt_headers=frozenset({"authorization"}))


def material(tmp_path, data: bytes):
    file = tmp_path / "file"
    file.write_bytes(data)
    return read(str(file), WANTED, SECRET)


def har(*entries, **changed) -> bytes:
    return json.dumps({"log": {"version": "1.2", "entries": list(entries), **changed}}).encode()


def entry(**changed: Any) -> dict[str, Any]:
    return {
        "startedDateTime": "2026-11-20T09:00:00.500+01:00",
        "time": 900,
        "request": {
            "method": "POST",
            "url": "https://assistant.example.org/chat?lang=fr",
            "headers": [
                {"name": "X-User", "value": "ann"},
                {"name": "Cookie", "value": "sid=1; other=2"},
                {"name": "Authorization", "value": "Bearer a.eyJzdWIiOiJhbm4ifQ.sig"},
                {"name": "X-Api-Key", "value": "secret"},
            ],
            "postData": {"mimeType": "application/json", "text": '{"message": "Bonjour"}'},
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "application/json"}, {"name": "Content-Encoding", "value": "gzip"}],
            "content": {"mimeType": "application/json", "text": '{"answer": "Bonsoir"}'},
        },
        "timings": {"blocked": -1, "dns": 10, "connect": 20, "ssl": 15, "send": 70, "wait": 300, "receive": 500},
        **changed,
    }


def test_a_har_as_a_browser_saves_it(tmp_path):
    found = material(tmp_path, har(entry()))
    (exchange,) = found.exchanges
    assert (found.kind, exchange.method, exchange.path, exchange.status) == ("har", "POST", "/chat", 200)
    assert exchange.at == pytest.approx(1795161600.5)
    assert exchange.request_after == pytest.approx(0.1)
    assert exchange.response.after(0) == pytest.approx(0.4)
    assert exchange.ended_after == pytest.approx(0.9)
    assert exchange.response_headers == {"content-type": "application/json"}  # the browser has taken the coding off
    assert exchange.headers["x-user"] == "ann"
    assert json.loads(base64.urlsafe_b64decode(exchange.headers["jwt:authorization"] + "==")) == {"sub": "ann"}
    assert exchange.headers["cookie:sid"] != "1"
    assert "secret" not in json.dumps(dict(exchange.headers))
    assert "sig" not in json.dumps(dict(exchange.headers))


def test_a_har_tells_its_faults_by_entry_and_leaves_pages_out(tmp_path):
    page = entry(request={"method": "GET", "url": "https://x/"}, response={"status": 200, "content": {"mimeType": "text/html"}})
    gone = entry(response={"status": 0, "content": {}})
    packed = entry(response={"status": 200, "content": {"mimeType": "application/json", "text": "e30=", "encoding": "base64"}})
    found = material(tmp_path, har(page, {"request": {}}, gone, packed))
    assert found.left_out == 1
    assert [fault.number for fault in found.faults] == [2]
    assert {(each.status, each.ending) for each in found.exchanges} == {(None, "client_gone"), (200, "complete")}
    assert {each.response.data for each in found.exchanges} == {b"", b"{}"}


def test_conversations_as_json_lines_become_turns(tmp_path):
    lines = [
        {"conversation": "c1", "user": "u1", "at": "2026-11-20T09:00:00Z", "role": "user", "text": "Bonjour"},
        {"conversation": "c1", "user": "u1", "at": "2026-11-20T09:00:01Z", "role": "user", "text": "une question"},
        {"conversation": "c1", "user": "u1", "at": "2026-11-20T09:00:04Z", "role": "assistant", "text": "Oui ?"},
        {"conversation": "c1", "at": 1795165300, "role": "human", "text": "Rien"},
        {"session_id": 7, "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "assistant", "content": "Hi, I am a bot.", "timestamp": 1795165200000},
            {"role": "user", "content": "Hi", "timestamp": 1795165201000},
            {"role": "assistant", "content": "Hello.", "timestamp": 1795165203500},
        ]},
    ]  # fmt: skip
    found = material(tmp_path, b"\n".join(json.dumps(each).encode() for each in lines))
    assert found.kind == "export"
    assert found.faults == ()
    by_words = {json.loads(each.request.data)["messages"][0]["content"]: each for each in found.exchanges}
    assert set(by_words) == {"Bonjour\nune question", "Rien", "Hi"}
    first = by_words["Bonjour\nune question"]
    assert (first.request_after, first.ended_after, first.headers["x-conversation-id"]) == (1.0, 4.0, "c1")
    assert (by_words["Rien"].status, by_words["Rien"].ending) == (None, "client_gone")
    assert by_words["Hi"].ended_after == 2.5


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ({"conversation": "c", "role": "user", "text": "x"}, "no time"),
        ({"conversation": "c", "role": "user", "text": "x", "at": "soon"}, '"soon" is no time'),
        ({"conversation": "c", "role": "boss", "text": "x", "at": 1}, '"boss" is no role'),
        ({"role": "user", "text": "x", "at": 1}, "no conversation"),
        ({"conversation": "c", "at": 1, "messages": [1]}, "messages\\[0\\] is no object"),
    ],
)
def test_a_line_of_an_export_that_cannot_be_read_is_told(tmp_path, line, what):
    good = {"conversation": "c", "role": "user", "text": "x", "at": 1795165200}
    found = material(tmp_path, json.dumps(good).encode() + b"\n" + json.dumps(line).encode())
    assert len(found.exchanges) == 1
    (fault,) = found.faults
    assert fault.number == 2
    with pytest.raises(WorkError, match=f"line 1: .*{what}"):
        material(tmp_path, json.dumps(line | {"role": line.get("role", "user"), "text": "x"}).encode())


def test_a_capture_tells_a_torn_line_and_keeps_the_rest(tmp_path, exchange):
    lines = line(exchange("/a", {}, at=5)) + line(exchange("/b", {}, at=1))
    found = material(tmp_path, heading(redacted=True, begun="") + lines + b'{"id": "x", "assi')
    assert [each.path for each in found.exchanges] == ["/b", "/a"]
    assert found.redacted
    assert [fault.number for fault in found.faults] == [4]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b"hello", "neither a capture"),
        (b'{"some": "json"}', "neither a capture"),
        (b'{"kpi_proxy_capture": 2}', "newer kpi-proxy"),
        (b'{"kpi_proxy_capture": 1, "redacted": true}', "holds no exchange"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path, data, what):
    with pytest.raises(WorkError, match=what):
        material(tmp_path, data)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WorkError, match="can't be read: No such file"):
        read(str(tmp_path / "gone"), WANTED, SECRET)
