"""JSON as a value or a gap: strict syntax, bounded size and depth.

Depth matters because expressions and decoders recurse: an attacker's ten thousand brackets cost ten kilobytes. Strings
come out as valid Unicode, since lone surrogates are refused.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from proxy.wire.gaps import Gap

SIZE_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of one document: what `inflate` gives at most."""

DEPTH_LIMIT: Final = 100
"""Levels of arrays and objects. The deepest document of an assistant API known here has 14."""

_decoder: Final = msgspec.json.Decoder()


def read_json(data: bytes) -> Any | Gap:
    """The decoded value, or the gap that says why there is none."""
    if len(data) > SIZE_LIMIT:
        return Gap("json_size", len(data))
    try:
        value = _decoder.decode(data)
    except RecursionError:
        return Gap("json_depth", len(data))
    except ValueError:  # msgspec's errors, and bytes that are not UTF-8
        return Gap("json_syntax", len(data))
    # Depth can't exceed the number of opening brackets, so that most documents are not walked.
    if len(data) > DEPTH_LIMIT and data.count(b"[") + data.count(b"{") > DEPTH_LIMIT and _deep(value):
        return Gap("json_depth", len(data))
    return value


def _deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH_LIMIT + 1):
        below = []
        for node in level:
            for child in node.values() if type(node) is dict else node if type(node) is list else ():
                if type(child) is dict or type(child) is list:
                    below.append(child)  # noqa: PERF401 - three nested clauses in one comprehension read worse
        if not below:
            return False
        level = below
    return True
