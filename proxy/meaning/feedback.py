"""A feedback call to ratings: one for each piece of feedback in its body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from proxy.kpi.events import Rating
from proxy.meaning.choosing import FeedbackChoice
from proxy.meaning.facts import FactReader
from proxy.meaning.functions import false
from proxy.meaning.hashing import Keyed
from proxy.meaning.identity import IdentityReader
from proxy.meaning.ratings import judge, named_scale
from proxy.meaning.rules import FeedbackRules
from proxy.meaning.sources import Seen
from proxy.wire.exchange import Exchange

PIECES_LIMIT: Final = 1000
"""Pieces of feedback read from one call. Langfuse's clients send at most some hundred at once."""


def pieces(facts: FactReader, rules: FeedbackRules, body: Any, preset: str) -> Sequence[Any]:
    """The pieces of feedback in a body: the body itself, or the elements of the list that `each` gives."""
    if rules.each is None:
        return (body,)
    found = facts.get(rules.each, body, preset)
    return found[:PIECES_LIMIT] if isinstance(found, list) else ()


class FeedbackReader:
    """Reads the feedback calls of one assistant."""

    def __init__(self, facts: FactReader, identity: IdentityReader, keyed: Keyed) -> None:
        self._facts = facts
        self._identity = identity
        self._keyed = keyed

    def ratings(self, exchange: Exchange, choice: FeedbackChoice, body: Any) -> tuple[Rating, ...] | str:
        """The ratings of a call, or the reason why there are none (see `skipping`). `body` is None when it could not be read."""
        if exchange.status is None or not 200 <= exchange.status < 300 or exchange.own:
            return "feedback_refused"
        if body is None:
            return "feedback_unread"
        found: list[Rating] = []
        for piece in pieces(self._facts, choice.rules, body, choice.preset):
            rating = self._rating(exchange, choice, Seen(exchange.headers, exchange.query, choice.groups, piece))
            if rating is not None:
                found.append(rating if not found else msgspec.structs.replace(rating, id=f"{exchange.id}.{len(found)}"))
        return tuple(found) or "feedback_unread"

    def _rating(self, exchange: Exchange, choice: FeedbackChoice, seen: Seen) -> Rating | None:
        rules, name, body = choice.rules, choice.preset, seen.body
        scale = rules.scale or named_scale(self._facts.get(rules.scale_field, body, name))
        judgement = judge(self._facts.get(rules.score, body, name), rules.values, scale)
        revoked = not false(self._facts.get(rules.revoked, body, name))
        if judgement is None and not revoked:
            return None
        trusted = self._identity.trusts(exchange.client)
        who = self._identity.who(None, self._facts.first(rules.user, seen, name, trusted=trusted), seen, exchange.client)
        user = self._keyed.user(who.user) if who.user is not None and not who.excluded else None
        message = self._facts.first(rules.message, seen, name)
        stated = self._facts.first(rules.conversation, seen, name)
        conversation = self._identity.conversation(stated, seen, name)
        if conversation is None and message is None:
            conversation = stated  # the settings name a place in questions, and a feedback call is another call
        assistant = exchange.assistant
        target: str | None
        if conversation is not None:
            target = self._keyed.conversation(assistant, conversation)
        else:
            target = self._keyed.derived(assistant, user) if user is not None and message is None else None
        return Rating(
            id=exchange.id,
            assistant=assistant,
            at=exchange.at,
            scale=judgement.scale if judgement else scale or "binary",
            satisfied=judgement.satisfied if judgement else None,
            score=judgement.score if judgement else None,
            revoked=revoked or (judgement is not None and judgement.revoked),
            conversation=target,
            message=self._keyed.message(assistant, message) if message is not None else None,
            user=user,
        )
