"""Every key of the store. All keys of an assistant share one hash tag, so that one transaction may touch them in a cluster.

kpi:{rh}:h:2026-10-25T14    ledger of an hour (hash: cell name -> number), kept HOURS_KEPT
kpi:{rh}:d:2026-10-25       ledger of a day, kept DAYS_KEPT; groups have one too: ...:department=Sales&profile=Manager
kpi:{rh}:agreed             what all observers go by: version, labels of groups, groups with many people (proxy.store.agreed)
kpi:{rh}:c:HASH             a conversation's state
kpi:{rh}:q:HASH             sketch of a conversation's last question (proxy.kpi.echo), kept QUESTION
kpi:{rh}:w:2026-10-19       sealed themes of unanswered turns of a week (hash, proxy.store.topics), kept five weeks
kpi:{rh}:m:HASH             the conversation of a message that may be rated
kpi:{rh}:u:HASH             the latest conversation of a user
kpi:{rh}:t:2026-10-25       traces of the turns and ratings of a day (hash), kept session.traces
kpi:{rh}:due                conversations by the time at which their next session settles (sorted set)
kpi:{rh}:mark:OBSERVER      the last event of an observer's outbox that is in all of the above
kpi:{rh}:e:2026-10-25       people of a day whom the directory lists (set of hashes), kept DAYS_KEPT; groups too
kpi:{rh}:p:2026-10-25       the other people of that day; `E` and `P` where they are too many for a set (HyperLogLog)
kpi:{rh}:n:2026-10-19       how many people are eligible in the week of that Monday, by group, and (PRESENT) not away (hash)
kpi:{rh}:v:HASH             when a user wrote of late (sorted set of turns)
kpi:{rh}:settler:NAME       the last commit of a settler, so that one whose reply was lost can be told from one that failed
kpi:{rh}:annotations        what happened to the assistant, as people noted it (hash)
kpi:{rh}:first              people by the Monday of their first week (sorted set)
kpi:{rh}:last               people by the day they were last seen (sorted set), by which they leave `first`
kpi:{rh}:w:HASH             texts of a sampled conversation, sealed, by turn (hash), kept reviews.keep
kpi:{rh}:queue              sampled conversations by when their first text was kept (sorted set)
kpi:{rh}:s:TURN             who scored an answer how: reviewers and judge (hash)
kpi:{rh}:spent:PERIOD       tokens that the judge used in a day or month
kpi:{rh}:spent:PERIOD:money millionths of the assistant's currency that it used in them
kpi:{rh}:looks              who was shown texts, and when (sorted set)
kpi:{fleet}:told            observers by the time up to which they have told everything (proxy.store.told)
kpi:{fleet}:once:NAME       an invitation to rate that was used, until it would be over
kpi:{fleet}:lead            the observer that leads (proxy.store.lease), of no assistant
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import quote

from proxy.kpi.groups import WHOLE, Scope

HOURS_KEPT: Final = 36
"""Days. The views by hour reach back 35 days."""
DAYS_KEPT: Final = 400
"""Days: thirteen months, so that a month can be held against the same one a year ago."""
Kind = Literal["e", "p"]
"""People whom the directory lists, and all others: apart, so that nobody is kept twice."""

PRESENT: Final = "present"
"""Before a group of eligible people: only those who are not away."""

MEMORY: Final = 31 * 86400
"""Seconds for which conversations and the ways to them are kept: ratings are taken for 30 days."""

TRAIL: Final = 2 * 86400
"""Seconds for which a conversation without an id is found again by what was said in it: a chat left over night goes on."""


QUESTION: Final = 240
"""Seconds for which the last question is known: another go at it comes within two minutes, and is told once it is answered."""


def once(name: str) -> str:
    """What is done once over all hosts; of no assistant."""
    return f"kpi:{{fleet}}:once:{name}"


ANY_AGREED: Final = "kpi:{*}:agreed"
"""Pattern of a key that every assistant has."""

ANY_DAY: Final = "????-??-??"
"""Pattern of a day: what has one in its key is told by it from what has a hash there."""

LEAD: Final = "kpi:{fleet}:lead"
TOLD: Final = "kpi:{fleet}:told"

_EPOCH: Final = date(1970, 1, 1).toordinal()


def expiry(day: str, kept: int) -> int:
    """Give the Unix second at which something of a day is dropped: a past one drops it at once."""
    return (date.fromisoformat(day).toordinal() - _EPOCH + kept + 1) * 86400


@lru_cache(maxsize=2048)  # all groups of some assistants
def written(scope: Scope) -> str:
    """Write a group as the end of a key, "" for the whole: labels are free text, and must not look like another group."""
    return ":" + "&".join([f"{name}={quote(label, safe='')}" for name, label in scope]) if scope else ""


def named(key: str) -> str:
    """Give the name of the assistant whose key it is."""
    return key[key.index("{") + 1 : key.index("}")]


class Keys:
    """The keys of one assistant."""

    def __init__(self, assistant: str) -> None:
        # "}" would end the hash tag early; names of assistants are checked to be plain by the settings.
        self._start = f"kpi:{{{assistant}}}:"
        self.due = f"{self._start}due"
        self.agreed = f"{self._start}agreed"
        self.annotations = f"{self._start}annotations"
        self.first = f"{self._start}first"
        self.last = f"{self._start}last"
        self.queue = f"{self._start}queue"
        self.looks = f"{self._start}looks"

    def all(self, pattern: str) -> str:
        """Pattern of some keys; names of assistants hold no wildcard."""
        return f"{self._start}{pattern}"

    def hour(self, name: str) -> str:
        """Ledger of an hour, named as in proxy.kpi.calendar."""
        return f"{self._start}h:{name}"

    def day(self, name: str, scope: Scope = WHOLE) -> str:
        """Ledger of a day, of everything or of a group."""
        return f"{self._start}d:{name}{written(scope)}"

    def conversation(self, conversation: str) -> str:
        """State of a conversation."""
        return f"{self._start}c:{conversation}"

    def question(self, conversation: str) -> str:
        """Sketch of the last question."""
        return f"{self._start}q:{conversation}"

    def topics(self, monday: str) -> str:
        """Themes of a week."""
        return f"{self._start}w:{monday}"

    def message(self, message: str) -> str:
        """Where a message was said."""
        return f"{self._start}m:{message}"

    def trail(self, said: str) -> str:
        """Where something was said last, by its hash."""
        return f"{self._start}t:{said}"

    def user(self, user: str) -> str:
        """Where a user was last seen."""
        return f"{self._start}u:{user}"

    def traces(self, day: str) -> str:
        """Traces of a day."""
        return f"{self._start}t:{day}"

    def sample(self, conversation: str) -> str:
        """Texts of a sampled conversation."""
        return f"{self._start}w:{conversation}"

    def score(self, turn: str) -> str:
        """Who scored an answer how."""
        return f"{self._start}s:{turn}"

    def spent(self, period: str) -> str:
        """Tokens that the judge used in a day (ISO date) or month (its first seven letters)."""
        return f"{self._start}spent:{period}"

    def paid(self, period: str) -> str:
        """Money that the judge used in a day or month (`YYYY-MM-DD` or `YYYY-MM`), in millionths."""
        return f"{self._start}spent:{period}:money"

    def mark(self, observer: str) -> str:
        """High-water mark of an observer."""
        return f"{self._start}mark:{observer}"

    def people(self, day: str, kind: Kind, scope: Scope = WHOLE, *, wide: bool = False) -> str:
        """People of a day, all or those of a group; `wide` as a HyperLogLog."""
        return f"{self._start}{kind.upper() if wide else kind}:{day}{written(scope)}"

    def eligible(self, monday: str) -> str:
        """Eligible people of a week, by group as `written`."""
        return f"{self._start}n:{monday}"

    def settler(self, name: str) -> str:
        """Number of the last commit of a settler."""
        return f"{self._start}settler:{name}"

    def visits(self, user: str) -> str:
        """When a user wrote of late."""
        return f"{self._start}v:{user}"

    def union(self, number: int) -> str:
        """A union that lives as long as the transaction that counts it."""
        return f"{self._start}union:{number}"
