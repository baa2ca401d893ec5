"""What a commit has to know before it folds: mark, agreement, where each event belongs, and the states there. Read and watched.

Where an event belongs may have to be looked up first, by ways whose ends change as chats go on. The end that a way had when this
host wrote it is a good guess: the state there is read in the same round trip as the way, and the way says whether it was right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from proxy.kpi.events import Event, Skipped
from proxy.store.commit import conversation_keys
from proxy.store.keys import Keys
from proxy.store.places import Places, needed, placed
from proxy.store.transaction import Transaction

WAYS: Final = 20_000
"""Ways whose ends are remembered: those of some thousand turns, 5 MB."""


@dataclass(frozen=True, slots=True)
class Found:
    """Stored values as they are, and the events that are new to the store with their conversations."""

    mark: int
    agreed: bytes | None
    events: Sequence[Event]
    places: Places
    states: Mapping[str, bytes | None]
    questions: Mapping[str, bytes | None]  # the last of each conversation


class Finding:
    """Reads for one observer, of all assistants."""

    def __init__(self, observer: str) -> None:
        self._observer = observer
        self._ends: dict[str, str] = {}  # where ways led when they were last written here; the oldest first

    async def read(self, pipe: Transaction, keys: Keys, batch: Sequence[tuple[int, Event]]) -> Found:
        """Watch and read; one round trip, two when a guess was wrong."""
        events = [event for _, event in batch]
        wanted = sorted({way for event in events for way in needed(keys, event)})
        guesses, _ = placed(keys, events, {way: self._ends[way] for way in wanted if way in self._ends})
        guessed = _conversations(guesses)
        names = [keys.mark(self._observer), keys.agreed, *wanted, *_keys(keys, guessed)]
        marked, agreed, *values = await pipe.watched(names)
        mark = int(marked or 0)
        known = {way: value.decode() for way, value in zip(wanted, values, strict=False) if value is not None}
        states, questions = _parted(guessed, values[len(wanted) :])
        # What the store has is not placed again: a way that people share would be gone twice.
        fresh, places = placed(keys, [event for number, event in batch if number > mark], known)
        wanted = _conversations(fresh)
        if missing := [conversation for conversation in wanted if conversation not in states]:
            more = _parted(missing, await pipe.watched(_keys(keys, missing)))
            states, questions = states | more[0], questions | more[1]
        return Found(mark, agreed, fresh, places, {conversation: states[conversation] for conversation in wanted}, questions)

    def remember(self, places: Places) -> None:
        """Keep for guesses where ways lead from now on."""
        for way, end in (*places.said.items(), *places.trails.items()):
            self._ends.pop(way, None)
            self._ends[way] = end
        for way in list(islice(self._ends, max(0, len(self._ends) - WAYS))):
            del self._ends[way]


def _keys(keys: Keys, conversations: Sequence[str]) -> list[str]:
    return [*conversation_keys(keys, conversations), *map(keys.question, conversations)]


def _parted(
    conversations: Sequence[str], values: Sequence[bytes | None]
) -> tuple[dict[str, bytes | None], dict[str, bytes | None]]:
    count = len(conversations)
    return dict(zip(conversations, values[:count], strict=True)), dict(zip(conversations, values[count:], strict=True))


def place_of(event: Event) -> str | None:
    """Give the conversation that an event is of."""
    return None if isinstance(event, Skipped) else event.conversation


def _conversations(events: Iterable[Event]) -> list[str]:
    return list(dict.fromkeys([place for event in events if (place := place_of(event)) is not None]))
