"""Which conversation an event belongs to where the event itself does not say: found by what it answers, goes on with or rates.

A turn that continues an answer (`parent`), delivers one (`targets`), or replays what was said before (`sooner`) belongs where
that was said; only then where it says itself. A rating without a conversation is found by its message, or by its user. What
was said is known from the store, whichever host saw it, and from the events of the same batch.

People without a name may have been answered word for word alike at one address, and a way by what was said then leads to all
of their conversations. Who goes on takes the newest that nobody has gone on with: which of those who are alike so far it was
makes no difference to any figure, that each goes on in a conversation of its own does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, assert_never

import msgspec

from proxy.kpi.events import Event, Rating, Skipped, Turn
from proxy.store.keys import Keys
from proxy.store.openings import meet

ALIKE: Final = 64
"""Conversations of people without a name that one way leads to, the newest: 1.5 KB."""


def ways(keys: Keys, event: Event) -> list[str]:
    """The keys under which an event's conversation may be found, the surest first."""
    match event:
        case Turn(conversation=None) | Turn(derived=True):
            found = [keys.message(event.parent)] if event.parent is not None else []
            return [*found, *map(keys.message, event.targets), *map(keys.trail, event.sooner)]
        case Rating(conversation=None, message=str() as message):
            return [keys.message(message)]
        case Rating(conversation=None, user=str() as user):
            return [keys.user(user)]
        case Turn() | Rating() | Skipped():
            return []
        case _:
            assert_never(event)


def needed(keys: Keys, event: Event) -> list[str]:
    """The keys whose values have to be known to place an event: `ways`, and those that it may share with others."""
    found = ways(keys, event)
    if isinstance(event, Turn) and event.user is None:
        found += map(keys.trail, event.later)
        found += [keys.trail(event.opening)] if event.opening is not None else []
    return found


def conversations(way: str) -> list[str]:
    """All that a stored way leads to; an opening leads nowhere by itself."""
    return [] if way.startswith("[") else way.split(" ")


class Places:
    """Where ways lead, as far as one commit knows: what the store has, and what the commit's own events add.

    `said` are new ends of ways by messages and users, `trails` those by what was said, which are kept less long.
    """

    def __init__(self, keys: Keys, known: Mapping[str, str]) -> None:
        self._keys = keys
        self._known = known
        self.said: dict[str, str] = {}
        self.trails: dict[str, str] = {}

    def place(self, event: Event) -> Event:
        """The event with its conversation; what may be found by it is known from now on."""
        keys = self._keys
        if (at := self._found(event)) is not None:
            event = msgspec.structs.replace(event, conversation=at)
            if isinstance(event, Turn) and event.parent is not None and self._end(keys.message(event.parent)):
                event = msgspec.structs.replace(event, derived=False)  # by an id, after all
        elif isinstance(event, Turn) and event.opening is not None and event.conversation is not None:
            way = keys.trail(event.opening)
            at, self.trails[way] = meet(self._end(way), event, event.conversation)
            event = msgspec.structs.replace(event, conversation=at)
        if isinstance(event, Turn) and event.conversation is not None:
            self.said.update(dict.fromkeys(map(keys.message, event.messages), event.conversation))
            if event.user is not None:
                self.said[keys.user(event.user)] = event.conversation
            for way in map(keys.trail, event.later):
                shared = self._end(way) if event.user is None else ""
                self.trails[way] = _joined(shared, event.conversation)
        return event

    def _end(self, way: str) -> str:
        return self.trails.get(way) or self.said.get(way) or self._known.get(way, "")

    def _found(self, event: Event) -> str | None:
        """The conversation that a way leads to; of several the last, which then stands first."""
        for way in ways(self._keys, event):
            if end := self._end(way):
                *others, at = conversations(end)
                if others:
                    self.trails[way] = " ".join([at, *others])
                return at
        return None


def _joined(end: str, conversation: str) -> str:
    """A way that leads to one conversation more; where that is known it stays in its place."""
    known = conversations(end) if end else []
    return end if conversation in known else " ".join([*known, conversation][-ALIKE:])


def placed(keys: Keys, events: Iterable[Event], known: Mapping[str, str]) -> tuple[list[Event], Places]:
    """The events, each with its conversation, and where ways lead then; `known` is what the store has under their ways."""
    places = Places(keys, known)
    return [places.place(event) for event in events], places
