"""What was asked and answered in one turn, in words: for those alone who were told to have answers scored.

Everywhere else texts end with the rules that judged them. Which conversations are sampled follows from a keyed hash, so that all
hosts, a restarted observer and both kinds of judges choose the same ones, and nobody outside can choose to be chosen.
"""

from __future__ import annotations

from typing import Final

import msgspec

QUESTION: Final = 8_000
ANSWER: Final = 16_000
"""Characters that are looked at; who judges an answer of ten pages judges its beginning."""


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """One whole answer with its question. Ids are hashes as in `Turn`; `place` is where its conversation falls in 0..1.

    Where the answer comes by another exchange there are two or more: a question without an answer, which goes by `names`, and
    what was answered, whose question is known by the first of the keys that it `follows`. A round of tools may say neither.
    """

    turn: str
    assistant: str
    at: float  # Unix seconds of the user's message
    conversation: str  # the turn's own id where it has no conversation
    user: str | None
    place: float
    question: str
    answer: str
    names: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether both are there."""
        return bool(self.question and self.answer)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that was kept to be scored; `id` names it within the queue."""

    id: str
    turn: str
    at: float  # Unix seconds of its question
    question: str
    answer: str


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A settled session whose answers are to be scored."""

    id: str
    conversation: str
    answers: tuple[Answer, ...]
