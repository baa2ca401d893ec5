"""`kpi-proxy markers`: says for each line what the marker rules make of its text.

In: `{"side": "assistant" | "user", "text": ...}`, one a line, further fields as they please. Out: the same lines with `class` and
`rule`, the id of the rule that gave the class, "" for none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from proxy.meaning.markers import ASSISTANT_CLASSES, USER_CLASSES, Markers, classed
from proxy.workbench.terms import WorkError


def judged(lines: Iterable[bytes], markers: Markers) -> Iterator[bytes]:
    """Judge lines as they come. Raises `WorkError` with the number of a line that can't be judged."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            said = _said(line, number)
            if said["side"] == "assistant":
                name, rule = classed(markers.assistant(said["text"]), ASSISTANT_CLASSES)
            else:
                name, rule = classed(markers.user(said["text"]), USER_CLASSES)
            yield msgspec.json.encode(said | {"class": name, "rule": rule}) + b"\n"


def _said(line: bytes, number: int) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(line)
    except ValueError as error:
        raise WorkError(f"line {number}: {error}") from error
    if not isinstance(said, dict) or not isinstance(said.get("text"), str):
        raise WorkError(f'line {number}: an object with "side" and "text" is wanted')
    if said.get("side") not in ("assistant", "user"):
        raise WorkError(f'line {number}: "side" is "assistant" or "user"')
    return said
