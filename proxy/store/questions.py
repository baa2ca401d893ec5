"""The last question of each conversation, by which the next one is known to ask the same again.

Compared where events meet, so that it does not matter which host saw which. A sketch is in the store for QUESTION seconds, and of
a conversation there is one; of the comparison only its result is kept. Where a question's answer takes longer than that, or two
hosts tell of two questions in the wrong order, they are not compared.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from proxy.kpi.echo import Question, echo
from proxy.kpi.events import Turn
from proxy.kpi.parts import end_of

_encoder = msgspec.msgpack.Encoder()
_question = msgspec.msgpack.Decoder(Question)


class Questions:
    """Those of the conversations of one commit: what was stored of them, and what is to be."""

    def __init__(self, stored: Mapping[str, bytes | None]) -> None:
        self._stored = stored
        self._last: dict[str, Question] = {}

    def compared(self, conversation: str, turn: Turn) -> Turn:
        """Give a turn with what it is to the question before it, and without its sketch."""
        if turn.continues or turn.excluded:
            return msgspec.structs.replace(turn, sketch=None) if turn.sketch is not None else turn
        before = self._last.get(conversation) or self._read(conversation)
        if before is None or turn.at >= before.at:
            self._last[conversation] = Question(turn.at, end_of(turn), turn.sketch)
        return msgspec.structs.replace(turn, echo=echo(before, turn.at, turn.sketch), sketch=None)

    def encoded(self) -> dict[str, bytes]:
        """Give what is to be stored, by conversation."""
        return {conversation: _encoder.encode(question) for conversation, question in self._last.items()}

    def _read(self, conversation: str) -> Question | None:
        stored = self._stored.get(conversation)
        try:
            return None if stored is None else _question.decode(stored)
        except msgspec.MsgspecError:
            return None  # another version wrote it, which has passed in minutes
