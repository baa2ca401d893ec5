"""The review queue in the API's words: a session to be scored, its scores, and who looked."""

from __future__ import annotations

import msgspec

from proxy.access.looks import Look
from proxy.kpi.agreement import Score


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One answer with its question, as they were kept. `at` is ISO 8601, UTC."""

    id: str
    at: str
    question: str
    answer: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A settled session whose answers are to be scored."""

    id: str
    answers: list[Asked]


class QueueAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The next session for this reviewer, and how many there are with it."""

    assistant: str
    waiting: int
    session: Session | None


class Scored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Scores of a session's answers, by their ids."""

    session: str
    scores: dict[str, Score]
    assistant: str | None = None


class TakenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many scores counted: an answer is scored once by each reviewer, and by as many as the settings ask for."""

    taken: int


class LooksAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who was shown texts or scored them, the newest first (`at` in Unix seconds); at most 200."""

    assistant: str
    looks: list[Look]
