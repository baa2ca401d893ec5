"""Form bodies become mappings; files and broken parts are left out."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from proxy.wire.forms import FIELDS_LIMIT, read_form, read_multipart
from proxy.wire.gaps import Gap

TYPE = 'multipart/form-data; boundary="xyz"'


def part(name: str, value: bytes, extra: str = "", head: str = "") -> bytes:
    return f'--xyz\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n{head}\r\n'.encode() + value + b"\r\n"


def test_a_form():
    assert read_form(b"message=Bonjour+%C3%A0+tous&session_id=7&empty=&tag=a&tag=b&tag=c&&=x") == {
        "message": "Bonjour à tous",
        "session_id": "7",
        "empty": "",
        "tag": ["a", "b", "c"],
    }
    assert read_form(b"") == {}
    assert read_form(b"a=%ff%zz") == {"a": "\ufffd%zz"}


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), max_size=6))
def test_a_form_is_what_was_sent(fields):
    assert read_form(urlencode(fields).encode()) == fields


def test_a_multipart_form():
    body = (
        part("question", "Ça va ?\r\nBien".encode())
        + part("config", b'{"sessionId": "s"}', head="Content-Type: application/json\r\n")
        + part("broken", b"{", head="Content-Type: application/json\r\n")
        + part("files", b"\x00\xff", extra='; filename="a.png"', head="Content-Type: image/png\r\n")
        + b"--xyz\r\nno head--\r\n"
        + b"--xyz--\r\nepilogue"
    )
    assert read_multipart(body, TYPE) == {"question": "Ça va ?\nBien", "config": {"sessionId": "s"}}
    assert read_multipart(body[: body.index(b"no head")], TYPE) == {"question": "Ça va ?\nBien", "config": {"sessionId": "s"}}


def test_what_is_no_form_is_a_gap():
    for body, kind in (
        (b"--xyz\r\n", "multipart/form-data"),
        (b"--xyz\r\n", f"multipart/form-data; boundary={'x' * 71}"),
        (b"no form", TYPE),
        (b"text\r\n--xyz--", TYPE),
        (part("a", b"cut"), TYPE),
    ):
        assert read_multipart(body, kind) == Gap("form_syntax", len(body)) or isinstance(read_multipart(body, kind), Gap)


def test_more_fields_than_a_form_has():
    assert read_form(b"a=1&" * FIELDS_LIMIT) == Gap("form_limit", 4 * FIELDS_LIMIT)
    body = part("a", b"1") * (FIELDS_LIMIT + 1) + b"--xyz--"
    assert read_multipart(body, TYPE) == Gap("form_limit", len(body))


pieces = st.sampled_from(
    [b"--xyz", b"\r\n", b"\n", b"--", b"\r\n\r\n", b'Content-Disposition: form-data; name="a"', b"x", b"\xff"]
)


@given(st.lists(pieces, max_size=15).map(b"".join), st.binary(max_size=60))
def test_any_bytes_no_exception(body, noise):
    read_multipart(body, TYPE)
    read_multipart(noise + body, TYPE)
    read_form(noise)
