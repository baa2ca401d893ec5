"""What leaves in a redacted capture, and what does not."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.meaning.sources import CLAIMS, REFUSED, Seen, compile_source
from proxy.wire.exchange import Body
from proxy.workbench.captures import line
from proxy.workbench.redaction import Redactor, anonymous, mask

KEY = b"k" * 32


def redacted(value: Any) -> Any:
    return Redactor(KEY).value(value)


def test_verdicts_in_other_languages_stay_where_the_field_says_so():
    said = {"pouce": "haut", "bewertung": "schlecht", "text": "bon", "start": "mal", "note": "gut"}
    assert redacted(said) == {"pouce": "haut", "bewertung": "schlecht", "text": "xxx", "start": "xxx", "note": "xxx"}


def test_no_place_of_an_exchange_keeps_what_a_person_wrote_or_is(exchange):
    secret = "Canary-4711"
    claims = base64.urlsafe_b64encode(json.dumps({"sub": secret, "name": f"Ann {secret}"}).encode()).decode().rstrip("=")
    planted = exchange(
        f"/users/{secret}/chats/{secret}",
        {"message": f"my code is {secret}", "user": secret, f"key {secret}": 1, "deep": [{"name": secret, "iban": secret}]},
        {"answer": secret, "error": {"code": secret, "message": secret}, "type": secret},
        query={"q": secret},
        headers={"x-user": secret, "jwt:authorization": claims, CLAIMS: claims, REFUSED: "expired"},
        client="93.184.216.34",
    )
    written = line(Redactor(KEY).exchange(planted)).decode()
    assert secret.lower() not in written.lower()
    assert "93.184.216.34" not in written
    found = Redactor(KEY).exchange(planted).headers
    for payload in (found["jwt:authorization"], found[CLAIMS]):
        assert secret not in base64.urlsafe_b64decode(payload + "==").decode()
    assert found[REFUSED] == "expired"


def test_the_structure_of_a_protocol_stays():
    event = {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": "Bonjour Ann"},
        "usage": {"n": 12},
    }
    assert redacted(event) == {**event, "delta": {"type": "text_delta", "text": "xxxxxxx xxx"}}
    tool = {"function": {"name": "transferToHuman", "arguments": '{"who": "Ann"}'}}
    assert redacted(tool) == {"function": {"name": "transferToHuman", "arguments": '{"xxx": "xxx"}'}}
    assert redacted({"name": "Ann"}) == {"name": "xxx"}
    assert redacted({"model": "gpt-4o-2024-08-06", "rating": "like", "code": "content_filter"}) == {
        "model": "gpt-4o-2024-08-06", "rating": "like", "code": "content_filter",
    }  # fmt: skip
    assert redacted({"phone": 33612345678, "created": 1_795_000_000, "n": 3}) == {
        "phone": 10_000_000,
        "created": 1_795_000_000,
        "n": 3,
    }


def test_an_id_has_one_pseudonym_wherever_it_stands(exchange):
    redactor = Redactor(KEY)
    first = redactor.exchange(
        exchange("/threads/thread_a1b2c3/messages", {"thread_id": "thread_a1b2c3"}, {"id": "thread_a1b2c3"})
    )
    pseudonym = json.loads(first.request.data)["thread_id"]
    assert pseudonym.startswith("thread_")
    assert pseudonym != "thread_a1b2c3"
    assert json.loads(first.response.data) == {"id": pseudonym}
    assert first.path == f"/threads/{pseudonym}/messages"
    assert Redactor(b"other").exchange(exchange("/x", {"thread_id": "thread_a1b2c3"})).request.data != first.request.data


def test_people_stay_apart_wherever_learn_looks_for_them():
    people = [redacted({"who": {"login": name}, "employee": name}) for name in ("anna.k", "bert.l")]
    assert len({each["who"]["login"] for each in people}) == 2
    assert all(each["who"]["login"] == each["employee"] for each in people)
    assert "anna" not in str(people)


def test_streams_keep_their_events_and_times(exchange):
    raw = b'event: piece\ndata: {"t": "Bon"}\n\n: a comment by Ann\nid: 7\ndata: {"t": "jour"}\n\ndata: [DONE]\n\n'
    body = Body(raw, ((32, 1.0), (len(raw), 2.0)))
    found = Redactor(KEY).exchange(exchange("/x", {}, body, response_headers={"content-type": "text/event-stream"}))
    data = found.response.data
    assert data == b'event: piece\ndata: {"t":"xxx"}\n\n: x xxxxxxx xx xxx\nid: 7\ndata: {"t":"xxxx"}\n\ndata: [DONE]\n\n'
    assert found.response.after(data.index(b"xxxx")) == 2.0
    assert found.response.after(data.index(b"xxx")) == 1.0


@pytest.mark.parametrize(
    "data", [b"\x00\x01binary", b"plain words of Ann", b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\nAnn\r\n"]
)
def test_a_body_that_cannot_be_told_apart_is_left_out(exchange, data):
    redactor = Redactor(KEY)
    raw = exchange("/x", Body(data, ((len(data), 0.1),)), headers={"content-type": "application/octet-stream"})
    assert redactor.exchange(raw).request == Body(b"", (), cut=True)
    assert redactor.emptied == 1


def test_forms_keep_their_fields(exchange):
    data = b"message=Bonjour+Ann&session_id=s1"
    raw = exchange("/x", Body(data), headers={"content-type": "application/x-www-form-urlencoded"})
    fields = Redactor(KEY).exchange(raw).request.data.decode()
    assert fields.startswith("message=xxxxxxx+xxx&session_id=")
    assert "s1" not in fields


def test_paths_for_people_have_no_ids():
    assert anonymous("/v1/threads/thread_4711/users/ann/messages") == "/v1/threads/*/users/*/messages"


@given(st.text())
def test_a_masked_text_has_its_length_and_no_word(text):
    masked = mask(text)
    assert len(masked) == len(text)
    assert {letter for letter in masked if letter.isalpha()} <= {"x"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_any_value_is_redacted_alike_twice(value):
    assert redacted(value) == redacted(value)


def test_a_redacted_token_can_still_be_read(exchange):
    claims = base64.urlsafe_b64encode(b'{"sub": "ann@x.org"}').decode().rstrip("=")
    found = Redactor(KEY).exchange(exchange("/x", {}, headers={"jwt:authorization": claims}))
    subject = compile_source("jwt:authorization#sub").read(Seen(found.headers, {}, {}, None))
    assert subject
    assert "ann" not in subject
