"""Every key of the store. All keys of an assistant share one hash tag, so that one transaction may touch them in a cluster.

kpi:{rh}:h:2026-10-25T14    ledger of an hour (hash: cell name -> number), kept HOURS_KEPT
kpi:{rh}:d:2026-10-25       ledger of a day, kept DAYS_KEPT; groups have one too: ...:department=Sales&profile=Manager
kpi:{rh}:labels             the labels that groups are made of (proxy.store.labels)
kpi:{rh}:c:HASH             a conversation's state
kpi:{rh}:m:HASH             the conversation of a message that may be rated
kpi:{rh}:u:HASH             the latest conversation of a user
kpi:{rh}:due                conversations by the time at which their next session settles (sorted set)
kpi:{rh}:mark:OBSERVER      the last event of an observer's outbox that is in all of the above
kpi:{rh}:p:2026-10-25       people of a day (set of hashes), kept DAYS_KEPT; `e` for those the directory lists; groups too
kpi:{fleet}:told            observers by the time up to which they have told everything (proxy.store.told)
kpi:{fleet}:lead            the observer that leads (proxy.store.lease), of no assistant
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from proxy.kpi.groups import WHOLE, Scope

HOURS_KEPT: Final = 36
"""Days. The views by hour reach back 35 days."""
DAYS_KEPT: Final = 400
"""Days: thirteen months, so that a month can be held against the same one a year ago."""
MEMORY: Final = 31 * 86400
"""Seconds for which conversations and the ways to them are kept: ratings are taken for 30 days."""

LEAD: Final = "kpi:{fleet}:lead"
TOLD: Final = "kpi:{fleet}:told"

_EPOCH: Final = date(1970, 1, 1).toordinal()


def expiry(day: str, kept: int) -> int:
    """Give the Unix second at which something of a day is dropped: a past one drops it at once."""
    return (date.fromisoformat(day).toordinal() - _EPOCH + kept + 1) * 86400


@lru_cache(maxsize=2048)  # all groups of some assistants
def _written(scope: Scope) -> str:
    """Write a group as the end of a key: labels are free text, and must not look like another group."""
    return ":" + "&".join([f"{name}={quote(label, safe='')}" for name, label in scope]) if scope else ""


class Keys:
    """The keys of one assistant."""

    def __init__(self, assistant: str) -> None:
        # "}" would end the hash tag early; names of assistants are checked to be plain by the settings.
        self._start = f"kpi:{{{assistant}}}:"
        self.due = f"{self._start}due"
        self.labels = f"{self._start}labels"

    def hour(self, name: str) -> str:
        """Ledger of an hour, named as in proxy.kpi.calendar."""
        return f"{self._start}h:{name}"

    def day(self, name: str, scope: Scope = WHOLE) -> str:
        """Ledger of a day, of everything or of a group."""
        return f"{self._start}d:{name}{_written(scope)}"

    def conversation(self, conversation: str) -> str:
        """State of a conversation."""
        return f"{self._start}c:{conversation}"

    def message(self, message: str) -> str:
        """Where a message was said."""
        return f"{self._start}m:{message}"

    def user(self, user: str) -> str:
        """Where a user was last seen."""
        return f"{self._start}u:{user}"

    def mark(self, observer: str) -> str:
        """High-water mark of an observer."""
        return f"{self._start}mark:{observer}"

    def people(self, day: str, *, eligible: bool, scope: Scope = WHOLE) -> str:
        """People of a day, all or those of a group."""
        return f"{self._start}{'e' if eligible else 'p'}:{day}{_written(scope)}"

    def union(self, number: int) -> str:
        """A union that lives as long as the transaction that counts it."""
        return f"{self._start}union:{number}"
