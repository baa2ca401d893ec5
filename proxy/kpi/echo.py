"""Whether a person asks the same again: told from sketches of two questions that follow each other, never from their words.

A sketch is made where the text is (`proxy.meaning.questions`). It holds keyed hashes of the words that carry the topic, hashed
for one person and conversation alone, so that sketches of two conversations have nothing in common, whatever is said there. It
is kept as long as the next question may be another go at the same; after that only what came of the comparison is.

Asked again is: the same words (`repeated`), or the same topic in other words, or in words that say so ("I meant ...", "ce n'est
pas ma question"): `reformulated`. What opens as a sequel ("and ...", "et ..."), thanks for the answer, or asks another kind of
thing (when, where, how much) about the same topic is a question of its own.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Echo = Literal["", "other", "repeated", "reformulated"]
"""Of a question beside the one before it; "": they were not compared."""

Kind = Literal["", "how", "much", "when", "where", "why", "who"]
"""What a question asks for, where its words say so. "What" and "which" ask for anything, and are no kind."""

SOON: Final = 120.0
"""Seconds from an answer to a question that may still be another go at the same: after that people have read and moved on."""
ALIKE: Final = 0.4
"""Share of the words of both questions that they have in common, from which on they are about the same."""


class Sketch(msgspec.Struct, frozen=True, array_like=True):
    """What is needed of a question to know it again. At most 140 bytes in MessagePack, some 40 of a usual one."""

    whole: int  # all its words in order, 64 bits
    words: tuple[int, ...] = ()  # those that carry the topic, 32 bits each
    kind: Kind = ""
    asks: bool = False  # a question or a request; no answer to one, no thanks
    sequel: bool = False  # it opens as what follows from the answer
    anew: bool = False  # its words say that it was not answered


class Question(msgspec.Struct, frozen=True, array_like=True):
    """The last message of a conversation: when it was asked and answered (Unix seconds), and its sketch, where it had text."""

    at: float
    end: float
    sketch: Sketch | None = None


def echo(before: Question | None, at: float, sketch: Sketch | None) -> Echo:
    """Say what a message at a time is to the one before it."""
    if before is None or before.sketch is None or sketch is None or at < before.at or at - before.end > SOON:
        return ""
    return _compared(before.sketch, sketch)


def _compared(before: Sketch, after: Sketch) -> Echo:
    if not before.asks or not before.words:
        return "other"
    if after.whole == before.whole:
        return "repeated"
    if after.anew:
        return "reformulated"
    if not after.asks or after.sequel or (before.kind and after.kind and before.kind != after.kind):
        return "other"
    one, two = set(before.words), set(after.words)
    return "reformulated" if len(one & two) >= ALIKE * len(one | two) else "other"
