import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.settings import written
from proxy.settings.address import Place, place


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30m", 1800), ("24h", 86400), ("1.5s", 1.5), ("500ms", 0.5), ("1h 30m", 5400), (90, 90), ("0", 0), ("2d", 172800)],
)
def test_durations(text, seconds):
    assert written.duration(text) == seconds


@pytest.mark.parametrize("value", ["", "-1s", "1y", "m", "1 2", -1, True, math.inf, math.nan, None, [], "1000d"])
def test_what_is_no_duration(value):
    with pytest.raises(ValueError, match=r"duration|longer"):
        written.duration(value)


@pytest.mark.parametrize(
    ("text", "size"), [("1MiB", 2**20), ("64 KiB", 65536), ("1.5KiB", 1536), (5, 5), ("10 MB", 10_000_000), ("7B", 7)]
)
def test_sizes(text, size):
    assert written.size(text) == size


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5s"), (1800, "30m"), (5400, "1h 30m"), (86400, "24h"), (129600, "36h"), (604800, "7d"), (0, "0s")]
)
def test_durations_are_written_as_an_operator_would(seconds: float, text: str) -> None:
    assert written.as_duration(seconds) == text


@given(st.integers(min_value=0, max_value=400 * 86400 * 1000))
def test_a_duration_that_was_written_is_read_as_it_was(milliseconds: int) -> None:
    assert written.duration(written.as_duration(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)


@given(st.sampled_from(["duration", "size"]), st.integers(min_value=0, max_value=400 * 86400))
def test_what_is_spelled_is_read_again(kind, amount):
    value = float(amount) if kind == "duration" else amount
    assert written.READERS[kind](written.spelled(value, kind)) == value


@given(
    st.sampled_from(sorted(written.READERS)),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
)
def test_a_reader_reads_or_says_why_not(kind, value):
    try:
        written.READERS[kind](value)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, an empty message is not


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":80", Place(port=80)),
        ("127.0.0.1:0", Place(host="127.0.0.1")),
        ("[::1]:8080", Place(host="::1", port=8080)),
        ("unix:/run/x.sock", Place(unix="/run/x.sock")),
    ],
)
def test_addresses(text, expected):
    assert place(text) == expected


@pytest.mark.parametrize("text", ["80", "a", "a:b", ":70000", "::1:80", "unix:x", "a b:1", "http://a:1", "unix:/" + "x" * 120])
def test_what_is_no_address(text):
    with pytest.raises(ValueError, match=r"address|colon|port|socket|Unix"):
        place(text)


@pytest.mark.parametrize(
    ("text", "near"), [("127.0.0.1:1", True), ("[::1]:1", True), ("localhost:1", True), (":1", False), ("10.0.0.1:1", False)]
)
def test_what_is_loopback(text, near):
    assert place(text).loopback is near
