"""The duties of a transparent reverse proxy as a list: each names the tests that hold it, and the README's alterations follow.

Sections are of RFC 9110 and 9112 (HTTP) and RFC 6455 (WebSocket). The numbers stand in the names of the tests.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent

CASES = {
    1: "percent-encoding is untouched",
    2: "dot segments and double slashes stay, and lead nowhere else",
    3: "an empty query stays",
    4: "the bytes of a query stay",
    5: "a URL within a query stays",
    6: "a fragment stays",
    7: "raw non-ASCII in a target is refused",
    8: "an absolute target goes to the configured upstream (9112 3.2.2)",
    9: "the asterisk passes, CONNECT does not",
    10: "methods pass as they are spelt, or are refused",
    11: "other versions and protocols are refused",
    12: "empty lines before a request; blanks in its line",
    13: "a request byte by byte",
    14: "hop-by-hop fields of requests (9110 7.6.1)",
    15: "hop-by-hop fields of responses",
    16: "end-to-end fields named in Connection pass",
    17: "order, case and duplicates of request fields",
    18: "order, case and duplicates of response fields",
    19: "opaque octets in values (9110 5.5)",
    20: "nothing is added to a request",
    21: "nothing is added to a response",
    22: "a POST without type or length stays so",
    23: "Host: passed, needed, one, a host; the upstream's where asked for",
    24: "Via and forwarded fields pass",
    25: "sizes of heads",
    26: "two Content-Type fields",
    27: "tabs within values",
    28: "fields that are none (9112 5.1)",
    29: "Content-Length beside Transfer-Encoding",
    30: "Transfer-Encoding beside Content-Length",
    31: "spellings of chunked",
    32: "unknown codings (9112 6.1)",
    33: "Transfer-Encoding in HTTP/1.0",
    34: "lengths that are none, or two",
    35: "bare LF",
    36: "the syntax of chunks",
    37: "a chunk that is wrong later",
    38: "trailers that would frame",
    39: "fields with underscores are others",
    40: "a request behind an empty body",
    41: "bodies with any method",
    42: "an upgrade with a body is one request",
    43: "h2c is not passed on",
    44: "as many requests at the origin as the relay found, whatever is sent",
    45: "answers to HEAD",
    46: "204 and 304",
    47: "status lines",
    48: "redirects and parts pass",
    49: "content codings are not touched",
    50: "chunked answers pass as they came",
    51: "answers that last until close; HTTP/1.0 on either side",
    52: "answers whose framing is not clear",
    53: "heads of answers that are none",
    54: "bytes behind an answer are nobody's",
    55: "cookies are not kept",
    56: "trailers pass",
    57: "early hints come at once",
    58: "unsolicited interim answers; none to HTTP/1.0",
    59: "100 comes from the origin alone",
    60: "a final answer instead of 100",
    61: "an origin that ignores Expect gets the body",
    62: "a switch of protocols that was not asked for",
    63: "pieces of a stream at once",
    64: "the bytes of a stream, with lines of any length",
    65: "the head of an upload goes before its body",
    66: "an early answer reaches who still sends",
    67: "a truncated body stays truncated",
    68: "a truncated chunked body gets no end",
    69: "a reset stays a reset",
    70: "a malformed chunk breaks the answer off",
    71: "a client's departure reaches the assistant",
    72: "an abandoned upload is never whole",
    73: "back-pressure both ways",
    74: "large bodies, small chunks",
    75: "a half close is a departure",
    76: "pipelines, in order and without loss",
    77: "observation does not touch traffic",
    78: "nothing is sent twice",
    79: "but a safe request whose pooled connection died",
    80: "what is pushed on an idle connection is nobody's answer",
    81: "no upstream, a slow one, a silent one",
    82: "many at once; limits on connections",
    83: "heads that drip",
    84: "bodies that drip, readers that do not read",
    85: "the relay's own answers",
    86: "a drain",
    87: "nothing leaks",
    88: "HTTP/1.0 clients and Connection: close",
    89: "a handshake passes verbatim",
    90: "a refused upgrade is an ordinary answer",
    91: "early frames",
    92: "frames are untouched",
    93: "closes, clean and not",
    94: "pings are not answered, silence is not cut",
    95: "ends of a tunnel, slow readers of it",
    96: "a public suite finds no relay",
    97: "other upgrades are not passed on",
}
DECISIONS = {
    "d1": ("Via is added only when asked for", "d1"),
    "d2": ("a missing Date is not added", "21"),
    "d3": ("forwarded fields are appended only when asked for", "d3"),
    "d4": ("what Connection may not take away", "16"),
    "d5": ("a half close is a departure", "75"),
    "d6": ("any byte on an idle connection discards it", "80"),
    "d7": ("chunks and trailers are the body's, TE is not", "56"),
    "d8": ("unknown methods, raw non-ASCII, bare LF and folds are refused", "35"),
    "d9": ("whose name Host is", "23"),
    "d10": ("HTTP/1.0 passes on, and ends with its answer", "88"),
    "d11": ("connections are the relay's own", "14"),
}


def marks(test: Callable[..., object]) -> set[str]:
    """The cases in a test's name: `test_71_75_...` holds both, `test_17_to_39_...` those of the list that it is run with."""
    words = test.__name__.split("_")[1:]
    found = []
    while words and re.fullmatch(r"d?\d+|to", words[0]):
        found.append(words.pop(0).removeprefix("0"))
    if "to" not in found:
        return set(found)
    whole = {str(number) for number in range(int(found[0]), int(found[2]) + 1)}
    listed = [str(value) for mark in getattr(test, "pytestmark", []) for value in mark.args[1]]
    return {number[0] for value in listed if (number := re.match(r"\d+\b", value))} & whole or whole


MODULES = [importlib.import_module(f"tests.relay.{file.stem}") for file in HERE.glob("test_*.py") if file != Path(__file__)]
TESTS = [value for module in MODULES for name, value in vars(module).items() if name.startswith("test_")]
HELD = set[str]().union(*map(marks, TESTS))


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_a_test(case: int) -> None:
    assert str(case) in HELD


@pytest.mark.parametrize("decision", DECISIONS)
def test_each_decision_has_a_test(decision: str) -> None:
    assert DECISIONS[decision][1] in HELD


def test_the_list_is_whole_and_no_test_has_a_number_of_its_own() -> None:
    assert list(CASES) == list(range(1, 98))
    assert {*map(str, CASES), *DECISIONS} >= HELD
