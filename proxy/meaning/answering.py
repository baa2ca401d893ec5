"""An answer in the making: the messages of a stream go in, the facts and the text of the answer come out.

Here is the loop that runs for each event of each stream. Texts join as the preset says: pieces; pieces and a last one that
repeats them; or the text so far, all of it again. What a stream said so far can be taken out (`Draft`) and gone on with by
another reader: a socket's answer may be in the making when the observer is started anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from proxy.meaning.facts import Answer, FactReader
from proxy.meaning.functions import false
from proxy.meaning.presets import Preset
from proxy.wire.messages import DONE, Message, Messages

TEXT_LIMIT: Final = 8 * 1024 * 1024
"""Characters of an answer in the making: what `inflate` gives at most. The rest of a longer one is not kept."""


@dataclass(slots=True)
class Draft:
    """An answer as far as it has come: facts, pieces of text, the text that repeated all before it, what was read last."""

    answer: Answer = field(default_factory=Answer)
    pieces: list[str] = field(default_factory=list)
    since: int = 0  # the pieces from here on belong to a message that is not whole; those before are a message each
    size: int = 0  # characters of the pieces
    whole: str = ""
    last: dict[str, Any] = field(default_factory=dict)


def answered(facts: FactReader, preset: Preset, messages: Messages) -> Answer:
    """Facts of an answer, whole or as far as it came."""
    if messages.stream:
        draft = Draft()
        go_on(facts, preset, draft, messages.messages)
        return finished(preset, draft)
    answer = Answer()
    for message in messages.messages:
        answer.understood = True
        answer.text = facts.read(preset.response, message.value, answer, preset.id, {})
        if answer.text:
            answer.text_after = message.after
    return answer


def go_on(facts: FactReader, preset: Preset, draft: Draft, messages: Iterable[Message]) -> None:
    """Read more messages of a stream into a draft."""
    name, named = preset.id, preset.named
    fitting = facts.sieve(preset).fitting
    answer, pieces, last = draft.answer, draft.pieces, draft.last
    read = facts.read
    room = TEXT_LIMIT - draft.size
    for each in messages:
        value, after = each.value, each.after
        if value is None and not named:
            continue
        if value == DONE:
            answer.ended = True
            answer.terminal_after = answer.terminal_after if answer.terminal_after is not None else after
            continue
        if named:
            value = {"event": each.event, "data": value}
        answer.understood = True
        rules = fitting(value)
        piece = read(rules, value, answer, name, last)
        if piece:
            if answer.text_after is None:
                answer.text_after = after
            room -= len(piece)
            if room >= 0:
                pieces.append(piece)
        if rules.message is not None and type(found := facts.get(rules.message, value, name)) is str and found:
            room -= len(found)
            if room >= 0:
                _message(draft, found)
            if answer.text_after is None:
                answer.text_after = after
        if rules.whole is not None and type(found := facts.get(rules.whole, value, name)) is str and found:
            draft.whole = found
            if answer.text_after is None:
                answer.text_after = after
        if rules.final is not None and not false(found := facts.get(rules.final, value, name)):
            draft.whole = facts.read(preset.response, found, answer, name, {}) or draft.whole
        if rules.terminal is not None and not false(facts.get(rules.terminal, value, name)):
            answer.ended = True
            answer.terminal_after = after
    draft.size = TEXT_LIMIT - room


def _message(draft: Draft, text: str) -> None:
    """Put the text of a whole message in the place of its pieces; one that comes again unchanged is the same."""
    pieces, since = draft.pieces, draft.since
    if since and len(pieces) == since and pieces[-1] == text:
        return
    pieces[since:] = [text]
    draft.since = len(pieces)


def finished(preset: Preset, draft: Draft) -> Answer:
    """The answer with its text put together."""
    answer, pieces = draft.answer, draft.pieces
    whole, rest = pieces[: draft.since], "".join(pieces[draft.since :])
    text = "\n".join([*whole, rest] if rest else whole)  # a message does not go on in the one after it
    if preset.mode == "final_repeats" and len(pieces) > 1 and pieces[-1] == text[: -len(pieces[-1])]:
        text = pieces[-1]
    answer.text = draft.whole or text
    return answer
