"""Conversations without an id: told by what the client says again of them.

A stateless chat API is sent the whole conversation with each question. What the last answer was given to, and the answer, are
then the beginning of the next request: the same hash, whoever sees it. A turn is therefore known by hashes of what had been
said when it ended (`later`), and looks for its conversation by hashes of what had been said before it (`sooner`): all of it,
or, when the client left out old messages, the last question with its answer. A fork or an edit shares what is before it.

Only what people and the assistant said counts: instructions, tools and what they returned may change. Hashes are keyed, and of
one user (or, without one, of one address), so that two people who begin alike are not taken for one. One person who begins alike
again wants another answer; without a name it may be somebody else, behind one backend all are at one address: then `opening` is
where beginnings meet, and only what looks like another attempt is the same (proxy.store.openings).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from proxy.meaning.hashing import Keyed

ITEMS_LIMIT: Final = 400
"""Messages of a replayed conversation that are looked at, the last ones: clients cut theirs long before."""

ASKERS: Final = frozenset({"user", "human"})
ASSISTANTS: Final = frozenset({"assistant", "model", "ai"})

Said = tuple[bool, str]
"""Whether a person said it, and the words."""


class Question(msgspec.Struct, frozen=True):
    """What a person said last, and before it: the hash of what was said so far, and with it (`asked`)."""

    scope: str
    before: Sequence[Said]
    words: Said
    sofar: str
    asked: str

    @property
    def begins(self) -> bool:
        """Whether nothing was answered before it."""
        return all(person for person, _ in self.before)


class Trail(msgspec.Struct, frozen=True):
    """By what a turn's place in its conversation is known."""

    sooner: tuple[str, ...]
    later: tuple[str, ...]
    opening: str | None = None  # it begins a conversation, and nobody knows for whom


def replayed(items: Any) -> list[Said]:
    """Who said what, in order, from a list of messages as chat APIs have them; empty for anything else."""
    if type(items) is not list:
        return []
    found = []
    for item in items[-ITEMS_LIMIT:]:
        if type(item) is not dict:
            continue
        role = item.get("role")
        if type(role) is str and (role in ASKERS or role in ASSISTANTS):
            text = _text(item.get("content") or item.get("parts")).strip()
            if text:
                found.append((role in ASKERS, text))
    return found


def _text(content: Any) -> str:
    if type(content) is str:
        return content
    if type(content) is not list:
        return ""
    parts = [part if type(part) is str else part.get("text") if type(part) is dict else None for part in content]
    return " ".join([part for part in parts if type(part) is str])


def question(keyed: Keyed, scope: str, history: Sequence[Said]) -> Question | None:
    """The last words of a person in a history; `scope` is whose conversation it is. None when nothing was asked."""
    for last in reversed(range(len(history))):
        if history[last][0]:
            break
    else:
        return None
    before, words = history[:last], history[last]
    sofar = _chained(keyed, scope, before)
    return Question(scope, before, words, sofar, _chained(keyed, sofar, (words,)))


def trail(keyed: Keyed, question: Question, answer: str, *, continues: bool, named: bool) -> Trail:
    """The hashes of a turn; `named`: its conversation is one person's."""
    scope, before, sofar, asked = question.scope, question.before, question.sofar, question.asked
    later: tuple[str, ...] = (asked,)
    words = answer.strip()
    if words:
        reply = (False, words)
        whole = _chained(keyed, asked, (reply,))
        later = (whole, _chained(keyed, scope, (question.words, reply)) if before else whole, asked)
    if continues:
        return Trail((asked,), later)
    if not question.begins:
        return Trail((sofar, _chained(keyed, scope, before[-2:]), asked), later)
    unanswered = (sofar,) if before else ()
    if named:
        return Trail((*unanswered, asked), later)
    return Trail(unanswered, later, keyed.opening(asked))


def _chained(keyed: Keyed, start: str, items: Sequence[Said]) -> str:
    for person, text in items:
        start = keyed.said(start, text, person=person)
    return start
