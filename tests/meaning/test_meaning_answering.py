"""Texts of streams join as their preset says: pieces, messages that repeat their pieces, the text so far, a last one of all."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.meaning import answering
from proxy.meaning.answering import Draft, finished, go_on
from proxy.meaning.facts import FactReader
from proxy.meaning.presets import Preset, compile_presets
from proxy.wire.messages import Message

RULES = {"text": "delta", "message": "message", "whole": "sofar", "terminal": "end"}


def preset(mode: str = "append") -> Preset:
    raw: Any = {"x": {"id": "x", "title": "X", "stream": {"mode": mode}, "event": RULES}}
    return compile_presets(raw)["x"]


def text(mode: str, *events: dict[str, Any]) -> str:
    draft = Draft()
    for event in events:  # one by one, as they come on a socket
        go_on(FactReader(), preset(mode), draft, [Message(event, "", 1.0)])
    return finished(preset(mode), draft).text


A, B, AB = {"delta": "a"}, {"delta": "b"}, {"delta": "ab"}


@pytest.mark.parametrize(
    ("mode", "events", "expected"),
    [
        ("append", [A, B], "ab"),
        ("append", [A, A, A], "aaa"),
        ("append", [A, B, AB], "abab"),
        ("final_repeats", [A, B, AB], "ab"),
        ("final_repeats", [A, B], "ab"),
        ("final_repeats", [A], "a"),
        ("append", [{"sofar": "a"}, {"sofar": "ab"}], "ab"),
        ("append", [A, B, {"message": "ab"}], "ab"),
        ("append", [A, B, {"message": "ab"}, {"message": "ab"}], "ab"),
        ("append", [{"message": "a"}, B, {"message": "b!"}], "a\nb!"),
        ("append", [{"message": "a"}, {"message": "b"}], "a\nb"),
        ("append", [{"delta": 7}, {"delta": None}, {}], ""),
    ],
)
def test_texts(mode, events, expected):
    assert text(mode, *events) == expected


def test_a_text_without_end_is_not_kept_whole(monkeypatch):
    monkeypatch.setattr(answering, "TEXT_LIMIT", 5)
    draft = Draft()
    for _ in range(10):
        go_on(FactReader(), preset(), draft, [Message(A, "", 1.0), Message({"message": "b"}, "", 1.0)])
    assert len("".join(draft.pieces)) <= 5
