"""Takes one person out of the store: out of the sets of people, and out of what is kept of conversations.

Sums stay: they are numbers without a person, and a figure that was published must not change because someone left. A
HyperLogLog can't be taken anything out of; it can't be asked who is in it either.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from secrets import token_hex
from typing import Final

import msgspec
from redis.exceptions import WatchError

from proxy.kpi.parts import digest
from proxy.kpi.rules import Rules
from proxy.kpi.session import ConversationState, settle
from proxy.settings.model import Assistant
from proxy.store.commit import Commit
from proxy.store.connect import as_bytes
from proxy.store.keys import ANY_AGREED, ANY_DAY, Keys, named
from proxy.store.samples import without_person
from proxy.store.traces import without_conversations
from proxy.store.transaction import Client

TOGETHER: Final = 500
"""Keys of one question."""
ATTEMPTS: Final = 20
"""Conflicts with an observer over one conversation before that is told: each is over within milliseconds."""


class Erased(msgspec.Struct, kw_only=True):
    """What was done for one assistant."""

    sets: int = 0  # of a day and group, that the person was in
    conversations: int = 0  # taken out as a whole
    shared: int = 0  # of several people: what was the person's is no longer told from the others'
    traces: int = 0  # of turns and ratings in the conversations that went
    texts: int = 0  # of answers that were kept to be scored
    counts: int = 0  # HyperLogLogs of many people, which the person may be part of for good


class Eraser:
    """Erases people by the hash of their user. All methods raise one of `connect.AWAY`."""

    def __init__(self, client: Client, assistants: Mapping[str, Assistant]) -> None:
        self._client = client
        self._rules = {name: Rules.of(assistant) for name, assistant in assistants.items()}

    async def forget(self, assistant: str, user: str, derived: str) -> Erased:
        """Take a person out of an assistant's ledger. What is not there is no error: it may be done again at any time.

        `derived` is the conversation of all that the person says without an id of a conversation.
        """
        keys, done = Keys(assistant), Erased()
        async for names in self._scan(keys.all("[ep]:*")):
            async with self._client.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.srem(name, user)
                done.sets += sum(await pipe.execute())
        async for names in self._scan(keys.all("[EP]:*")):
            done.counts += len(names)
        gone = {derived.encode()}
        start = keys.conversation("")
        async for names in self._scan(keys.all("c:*")):
            for name, stored in zip(names, await self._client.mget(names), strict=True):
                if _about(Commit(assistant, keys, self._rules[assistant]).state(as_bytes(stored)), user):
                    conversation = name.decode().removeprefix(start)
                    if await self._out_of(assistant, conversation, user):
                        gone.add(conversation.encode())
                        done.conversations += 1
                    else:
                        done.shared += 1
        for ways in (keys.message("*"), keys.trail("*")):  # the latter has traces among them, of which MGET gives nothing
            async for names in self._scan(ways):
                ends = map(as_bytes, await self._client.mget(names))
                if lost := [name for name, end in zip(names, ends, strict=True) if end and gone.intersection(end.split(b" "))]:
                    await self._client.delete(*lost)
        async for names in self._scan(keys.traces(ANY_DAY)):
            for name in names:
                done.traces += await without_conversations(self._client, name, gone)
        async for names in self._scan(keys.sample("*")):
            done.texts += await without_person(self._client, keys, names, user, gone)
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.delete(keys.user(user), keys.visits(user))
            pipe.zrem(keys.first, user)
            pipe.zrem(keys.last, user)
            await pipe.execute()
        return done

    async def assistants(self) -> list[str]:
        """Give the names of all assistants that the store has figures of; of a cluster those of one node."""
        return sorted([named(key.decode()) async for key in self._client.scan_iter(ANY_AGREED, count=1000)])

    async def _out_of(self, assistant: str, conversation: str, user: str) -> bool:
        """Take a person out of a conversation; says whether all of it went."""
        keys, rules = Keys(assistant), self._rules[assistant]
        for _ in range(ATTEMPTS):
            async with self._client.pipeline(transaction=True) as pipe:
                await pipe.watch(keys.conversation(conversation))
                commit = Commit(assistant, keys, rules)
                old = commit.state(as_bytes(await pipe.get(keys.conversation(conversation))))
                alone = not set(old.users) - {user} and user in old.users
                if alone:  # its open sessions settle now, as they would have: no sum may wait for what is gone
                    commit.revise(conversation, old, settle(old, float("inf"), rules))
                    commit.erase(conversation)
                else:
                    commit.revise(conversation, old, _without(old, user))
                pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
                commit.write(pipe)
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return alone
        raise WatchError("a conversation is written by others all the time; try again")

    async def _scan(self, pattern: str) -> AsyncIterator[list[bytes]]:
        names: list[bytes] = []
        async for name in self._client.scan_iter(pattern, count=TOGETHER):
            names.append(name)
            if len(names) >= TOGETHER:
                yield names
                names = []
        if names:
            yield names


def _about(state: ConversationState, user: str) -> bool:
    return user in state.users or any(rating.user == digest(user) for rating in state.ratings)


def _without(state: ConversationState, user: str) -> ConversationState:
    """Give the state with a stranger in a person's place, so that ratings stay apart and sums as they are."""
    stranger, own = digest(token_hex()), digest(user)
    ratings = [msgspec.structs.replace(each, user=stranger) if each.user == own else each for each in state.ratings]
    others = {each: first for each, first in state.firsts.items() if each != user}
    users, since = tuple(others), tuple(others.values())
    return msgspec.structs.replace(state, users=users, since=since, ratings=tuple(ratings))
