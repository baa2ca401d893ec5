"""Gives due sessions their final outcome. Any observer may: the same optimistic transaction lets exactly one succeed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import WatchError

from proxy.kpi.changes import Change, Recontacted
from proxy.kpi.rules import Rules
from proxy.kpi.session import Session, due_of, newly_settled, settle
from proxy.kpi.sums import recontact
from proxy.settings.model import Assistant
from proxy.store.commit import Commit, conversation_keys
from proxy.store.connect import as_bytes
from proxy.store.keys import Keys

log = logging.getLogger(__name__)

DOUBT: Final = 7 * 86400
"""Seconds for which a settler can still learn whether its last commit was written, when its reply was lost."""
TOGETHER: Final = 100
"""Conversations of one transaction: few enough that another writer seldom touches one of them."""


class Settler:
    """Settles the sessions of all assistants."""

    def __init__(self, client: Redis, assistants: Mapping[str, Assistant]) -> None:
        self._client = client
        self._rules = {name: Rules.of(assistant) for name, assistant in assistants.items()}
        self._name = token_hex(8)  # of this settler, new at every start
        self._commits = 0
        self._unsure: dict[str, tuple[int, list[Change]]] = {}  # commits whose reply was lost: their number and changes
        self._owed: list[Change] = []  # changes that are written and not told yet

    async def settle(self, now: float, limit: int) -> list[Change]:
        """Settle what is due at `now`, in at most `limit` conversations of each assistant. Raises one of `connect.AWAY`.

        Gives what changed, by this call or by one before that could not tell.
        """
        for assistant, rules in self._rules.items():
            keys = Keys(assistant)
            if assistant in self._unsure:
                await self._settle_doubt(assistant, keys)
            due = await self._client.zrangebyscore(keys.due, "-inf", now, start=0, num=limit)
            names = [name.decode() for name in due if isinstance(name, bytes)]
            for start in range(0, len(names), TOGETHER):
                await self._settle(assistant, rules, names[start : start + TOGETHER], now)
        changes, self._owed = self._owed, []
        return changes

    async def _settle(self, assistant: str, rules: Rules, names: Sequence[str], now: float) -> None:
        try:
            await self._attempt(assistant, rules, names, now)
        except WatchError:
            # Someone folded a new event or settled first. Half by half it ends with that one, which is due again soon.
            self._unsure.pop(assistant, None)
            if len(names) == 1:
                log.debug("a due conversation was written by another; it is looked at again")
                return
        else:
            return
        half = len(names) // 2
        await self._settle(assistant, rules, names[:half], now)
        await self._settle(assistant, rules, names[half:], now)

    async def _attempt(self, assistant: str, rules: Rules, names: Sequence[str], now: float) -> None:
        keys = Keys(assistant)
        watched = conversation_keys(keys, names)
        commit = Commit(assistant, keys, rules)
        async with self._client.pipeline(transaction=True) as pipe:
            await pipe.watch(*watched)
            fresh: list[tuple[Session, tuple[str, ...]]] = []
            for name, stored in zip(names, await pipe.mget(watched), strict=True):
                if stored is None:
                    commit.forget(name)
                    continue
                old = commit.state(as_bytes(stored))
                new = settle(old, now, rules)
                commit.revise(name, old, new)
                fresh += [(session, new.users) for session in newly_settled(old, new)]
            for session in await self._returned(keys, fresh, rules):
                commit.settled(recontact(session, rules))
                commit.changes.append(Recontacted(assistant, session.progress.channel))
            pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
            commit.write(pipe)
            self._commits += 1
            pipe.set(keys.settler(self._name), self._commits, ex=DOUBT)
            self._unsure[assistant] = self._commits, commit.changes
            await pipe.execute()
        self._owed += self._unsure.pop(assistant)[1]

    async def _settle_doubt(self, assistant: str, keys: Keys) -> None:
        """Owe the changes of the last commit if it was written, whatever became of its reply."""
        number, changes = self._unsure[assistant]
        written = as_bytes(await self._client.get(keys.settler(self._name)))
        if written is not None and int(written) == number:
            self._owed += changes
        del self._unsure[assistant]

    async def _returned(self, keys: Keys, fresh: Sequence[tuple[Session, tuple[str, ...]]], rules: Rules) -> list[Session]:
        """Say whose users wrote again, anywhere, between the end of a resolved session and its settling."""
        asked = [(session, user) for session, users in fresh if session.resolved and not session.returned for user in users]
        found = [session for session, _ in fresh if session.returned]
        if asked:
            async with self._client.pipeline(transaction=False) as pipe:
                for session, user in asked:
                    end = session.progress.end
                    pipe.zcount(keys.visits(user), f"({end}", f"({due_of(session.progress, rules)}")
                counts = await pipe.execute()
            again = {id(session): session for (session, _), count in zip(asked, counts, strict=True) if count}
            found += again.values()
        return found
