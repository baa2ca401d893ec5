"""Questions whose answers come by other exchanges - polls, callbacks, the round after a tool's - until both are together.

The question of an answer is found by what the exchange names: the message that it answers, what was said before, or the
conversation. An answer may come in pieces, so that it is whole once it has been quiet for a while or the next question is asked;
a callback may even come before the exchange with its question has ended. Texts are in this process's memory alone, since
nothing is to be kept of what nobody may ever answer: a poll that another host sees, or one after a restart, finds no question.
"""

from __future__ import annotations

from typing import Final

import msgspec

from proxy.meaning.spoken import ANSWER, Spoken

OPEN: Final = 500
"""Questions of an observer without a whole answer, of 8,000 characters at most each and twice that of answer; the oldest goes."""
PATIENCE: Final = 600.0
"""Seconds that either half waits for the other."""
QUIET: Final = 5.0
"""Seconds without another piece after which an answer is whole: a few polls, or messages sent one after the other."""
NAMES: Final = 32
"""Keys of one question, the first that were told."""


class _Half(msgspec.Struct):
    """A question with what has come of its answer, or an answer that came before its question."""

    spoken: Spoken
    since: float
    names: list[str] = []
    answered: float | None = None  # when the last piece came


class Halves:
    """Of one observer; times are Unix seconds of its own clock."""

    def __init__(self) -> None:
        self._open: dict[str, _Half] = {}  # by turn, the oldest first
        self._named: dict[tuple[str, str], str] = {}  # turns by assistant and key
        self._ready: dict[str, _Half] = {}  # by turn, those that have a question and some answer

    def ask(self, spoken: Spoken, now: float) -> Spoken | None:
        """Hold a question; gives the answer before it in its conversation, which has become whole by that."""
        before = self._found(spoken.assistant, (spoken.conversation,))
        early = before is not None and not before.spoken.question and before.spoken.at >= spoken.at
        if before is not None and (early or before.answered is not None):
            self._close(before)
        half = self._hold(spoken, now)
        if before is None or before.answered is None:
            return None
        if early:
            self._add(half, before.spoken.answer, before.answered)
            return None
        return before.spoken if before.spoken.question else None

    def answer(self, piece: Spoken, now: float, *, early: bool) -> None:
        """Add what was answered to its question, or what a round without words goes by.

        With `early` a piece whose question is not known yet is held, where it names no other one.
        """
        half = self._found(piece.assistant, piece.follows)
        if half is None or now - half.since > PATIENCE:
            if early and piece.answer and piece.conversation in piece.follows:
                self._hold(piece, now).answered = now
            return
        again = bool(piece.names) and set(piece.names) <= set(half.names)
        self._name(half, piece.names)
        if piece.answer and not again:  # else it was fetched again
            self._add(half, piece.answer, now)

    @property
    def answered(self) -> bool:
        """Whether any answer is there that may be whole soon."""
        return bool(self._ready)

    def whole(self, now: float) -> list[Spoken]:
        """Take out the answers that have been quiet."""
        quiet = [half for half in self._ready.values() if half.answered is not None and now - half.answered >= QUIET]
        for half in quiet:
            self._close(half)
        return [half.spoken for half in quiet]

    def _hold(self, spoken: Spoken, now: float) -> _Half:
        while self._open and (len(self._open) >= OPEN or now - next(iter(self._open.values())).since > PATIENCE):
            self._close(next(iter(self._open.values())))
        half = self._open[spoken.turn] = _Half(spoken, now, [])
        self._name(half, (spoken.conversation, *spoken.names))
        return half

    def _found(self, assistant: str, keys: tuple[str, ...]) -> _Half | None:
        return next((self._open[turn] for key in keys if (turn := self._named.get((assistant, key))) is not None), None)

    def _name(self, half: _Half, keys: tuple[str, ...]) -> None:
        """Let a question be found by keys; of two questions the later one is."""
        for key in keys[: NAMES - len(half.names)]:
            half.names.append(key)
            self._named[half.spoken.assistant, key] = half.spoken.turn

    def _add(self, half: _Half, answer: str, now: float) -> None:
        whole = f"{half.spoken.answer}\n{answer}".strip()[:ANSWER]
        half.spoken, half.answered = msgspec.structs.replace(half.spoken, answer=whole), now
        if half.spoken.question:
            self._ready[half.spoken.turn] = half

    def _close(self, half: _Half) -> None:
        del self._open[half.spoken.turn]
        self._ready.pop(half.spoken.turn, None)
        for key in half.names:
            if self._named.get((half.spoken.assistant, key)) == half.spoken.turn:
                del self._named[half.spoken.assistant, key]
