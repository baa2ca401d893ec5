"""Gives due sessions their final outcome, and says later which lasted: the same optimistic transaction lets one observer do it.

Whether a user came back is asked of all assistants that this observer knows. It can be: nothing settles before every host has
told all that was said by then (proxy.store.told).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Final

import msgspec
from redis.exceptions import WatchError

from proxy.kpi.changes import Change, Recontacted
from proxy.kpi.lasting import lasted, lasting
from proxy.kpi.rules import Rules
from proxy.kpi.session import DURABLE, ConversationState, Session, due_of, ready, settled
from proxy.kpi.sums import recontact
from proxy.kpi.trace import TracedReturn
from proxy.settings.model import Assistant
from proxy.store.abreast import Abreast
from proxy.store.commit import Commit, conversation_keys
from proxy.store.connect import as_bytes
from proxy.store.keys import Keys
from proxy.store.transaction import Client

log = logging.getLogger(__name__)

DOUBT: Final = 7 * 86400
"""Seconds for which a settler can still learn whether its last commit was written, when its reply was lost."""
TOGETHER: Final = 100
"""Conversations of one transaction: few enough that another writer seldom touches one of them."""
ELSEWHERE: Final = 64
"""Assistants that are all asked who came back: one read for each user of a session. With more, a session's own one is asked."""


class Asked(msgspec.Struct, frozen=True):
    """A session whose users may have come back before a time."""

    session: Session
    users: tuple[str, ...]
    until: float


class Settler:
    """Settles the sessions of all assistants."""

    def __init__(self, client: Client, assistants: Mapping[str, Assistant]) -> None:
        self._client = client
        self._rules = {name: Rules.of(assistant) for name, assistant in assistants.items()}
        self._name = token_hex(8)  # of this settler, new at every start
        self._commits = 0
        self._abreast = Abreast()
        self._asked = max([max(rules.idle + rules.settle, DURABLE) for rules in self._rules.values()], default=DURABLE)
        self._horizon = float("-inf")  # Unix seconds of the oldest visit that a session to come may ask about
        self._unsure: dict[str, tuple[int, list[Change]]] = {}  # commits whose reply was lost: their number and changes
        self._owed: list[Change] = []  # changes that are written and not told yet

    async def settle(self, now: float, limit: int) -> list[Change]:
        """Settle what is due at `now`, in at most `limit` conversations of each assistant. Raises one of `connect.AWAY`.

        Gives what changed, by this call or by one before that could not tell.
        """
        for assistant in tuple(self._unsure):
            await self._settle_doubt(assistant, Keys(assistant))
        due = await self._due(now, limit)
        # Whatever settles from now on, for any assistant, is due no sooner: what came long before nobody asks about any more.
        self._horizon = min([at for names in due.values() for _, at in names[:1]], default=now) - self._asked
        await self._abreast.all(
            self._in_turn(assistant, [name for name, _ in names], now) for assistant, names in due.items() if names
        )
        changes, self._owed = self._owed, []
        return changes

    async def _due(self, now: float, limit: int) -> dict[str, list[tuple[str, float]]]:
        """By assistant the conversations that are due and since when; one round trip for each node of a cluster."""
        found: dict[str, list[tuple[str, float]]] = {}
        keys = {Keys(assistant).due: assistant for assistant in self._rules}
        for together in await self._client.by_node(list(keys)):
            async with self._client.pipeline(transaction=False) as pipe:
                for key in together:
                    pipe.zrangebyscore(key, "-inf", now, start=0, num=limit, withscores=True)
                for key, due in zip(together, await pipe.execute(), strict=True):
                    found[keys[key]] = [(name.decode(), at) for name, at in due]
        return found

    async def _in_turn(self, assistant: str, names: Sequence[str], now: float) -> None:
        for start in range(0, len(names), TOGETHER):
            await self._settle(assistant, self._rules[assistant], names[start : start + TOGETHER], now)

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
            found = await pipe.watched(watched)
            states = {}
            for name, stored in zip(names, found, strict=True):
                if stored is None:
                    commit.forget(name)
                else:
                    states[name] = commit.state(stored)
            for name, new in (await self._settled(commit, states, now)).items():
                commit.revise(name, states[name], new)
                commit.forget_visits(new.users, self._horizon)
            pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
            commit.write(pipe)
            self._commits = number = self._commits + 1
            pipe.set(keys.settler(self._name), number, ex=DOUBT)
            self._unsure[assistant] = number, commit.changes
            await pipe.execute()
        self._owed += self._unsure.pop(assistant)[1]

    async def _settle_doubt(self, assistant: str, keys: Keys) -> None:
        """Owe the changes of the last commit if it was written, whatever became of its reply."""
        number, changes = self._unsure[assistant]
        written = as_bytes(await self._client.get(keys.settler(self._name)))
        if written is not None and int(written) == number:
            self._owed += changes
        del self._unsure[assistant]

    async def _settled(self, commit: Commit, states: Mapping[str, ConversationState], now: float) -> dict[str, ConversationState]:
        """Settle what is due in some conversations, then say of what is older whether it lasted."""
        rules = commit.rules
        found = {name: ready(state, now, rules) for name, state in states.items()}
        asked = [
            Asked(session, states[name].of(session), due_of(session.progress, rules))
            for name, each in found.items()
            for session in each
            if session.resolved
        ]
        back = await self._back(commit.assistant, asked)
        news: dict[str, ConversationState] = {}
        for name, each in found.items():
            for at, session in enumerate(each):
                again = back.get(id(session))
                if again is not None:
                    commit.trace(TracedReturn(name, session.progress.first, again, looked=False))
                    if rules.returns == "anywhere":
                        each[at] = msgspec.structs.replace(session, returned=True)
                if again is not None or session.revoked:
                    commit.settled(recontact(session, rules))
                    commit.changes.append(Recontacted(commit.assistant, session.progress.channel))
            news[name] = settled(states[name], each, rules)
        return await self._lasted(commit, news, now)

    async def _lasted(self, commit: Commit, states: Mapping[str, ConversationState], now: float) -> dict[str, ConversationState]:
        found = {name: lasting(state, now) for name, state in states.items()}
        asked = [
            Asked(session, states[name].of(session), session.lasts or now)
            for name, each in found.items()
            for session in each.values()
        ]
        back = await self._back(commit.assistant, asked)
        for name, each in found.items():
            for session in each.values():
                commit.trace(TracedReturn(name, session.progress.first, back.get(id(session)), looked=True))
        return {
            name: lasted(state, {at: id(each) not in back for at, each in found[name].items()}) for name, state in states.items()
        }

    async def _back(self, own: str, asked: Sequence[Asked]) -> dict[int, float]:
        """Say when the users of sessions wrote again first, to any assistant, between the end of each and a time."""
        assistants = self._rules if len(self._rules) <= ELSEWHERE else (own,)
        wanted = [(each, user) for each in asked for user in each.users]
        found: dict[int, float] = {}
        for assistant in assistants if wanted else ():
            keys = Keys(assistant)
            async with self._client.pipeline(transaction=False) as pipe:  # of one assistant each: in a cluster of one node
                for each, user in wanted:
                    end = each.session.progress.end
                    pipe.zrangebyscore(keys.visits(user), f"({end}", f"({each.until}", start=0, num=1, withscores=True)
                replies = await pipe.execute()
            for (each, _), reply in zip(wanted, replies, strict=True):
                for _, at in reply:
                    name = id(each.session)
                    found[name] = min(at, found.get(name, at))
        return found
