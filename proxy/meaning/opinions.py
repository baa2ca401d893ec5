"""What a user's message tells of an opinion, put into the turn. The texts go no further."""

from __future__ import annotations

import msgspec

from proxy.kpi.events import Turn
from proxy.meaning.sentiment import Scorer
from proxy.meaning.typed import seeks, typed


class Opinions:
    """Reads the opinions that an assistant's settings ask for."""

    def __init__(self, scorer: Scorer | None, *, typed: bool) -> None:
        self._scorer = scorer
        self._typed = typed

    def of(self, turn: Turn, asked: str, answer: str) -> Turn:
        """Give the turn with them: of what a person said, and what the answer's end asks for, if that is whole."""
        if turn.excluded or turn.aside:
            return turn
        message = "" if turn.continues else asked
        sentiment = self._scorer.score(message) if self._scorer is not None and message else None
        rating = typed(message) if self._typed and message else None
        wants = seeks(answer) if self._typed and answer else ""
        if sentiment is None and rating is None and not wants:
            return turn
        return msgspec.structs.replace(turn, sentiment=sentiment, typed=rating, seeks=wants)
