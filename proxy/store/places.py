"""Which conversation an event belongs to where the event itself does not say: found by what it answers, goes on with or rates.

A turn that continues an answer (`parent`), delivers one (`targets`), or replays what was said before (`sooner`) belongs where
that was said; only then where it says itself. A rating without a conversation is found by its message, or by its user. What
was said is known from the store, whichever host saw it, and from the events of the same batch.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import assert_never

import msgspec

from proxy.kpi.events import Event, Rating, Skipped, Turn
from proxy.store.keys import Keys


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


def placed(keys: Keys, events: Sequence[Event], known: Mapping[str, str]) -> list[Event]:
    """The events, each with its conversation; `known` is what the store has under their ways."""
    places = dict(known)
    return [place(keys, event, places) for event in events]


def place(keys: Keys, event: Event, places: MutableMapping[str, str]) -> Event:
    """The event with its conversation; what may be found by it is added to `places`, conversations by key."""
    at = next((places[way] for way in ways(keys, event) if way in places), None)
    if at is not None:
        event = msgspec.structs.replace(event, conversation=at)
        if isinstance(event, Turn) and event.parent is not None and keys.message(event.parent) in places:
            event = msgspec.structs.replace(event, derived=False)  # by an id, after all
    if isinstance(event, Turn) and event.conversation is not None:
        said = [*map(keys.message, event.messages), *map(keys.trail, event.later)]
        said += [keys.user(event.user)] if event.user is not None else []
        places.update(dict.fromkeys(said, event.conversation))
    return event
