"""The review queue: conversations whose texts are kept for a few days, each text sealed, until people have scored them.

An answer lies beside the hash of its user, in the clear like all hashes here, so that forgetting a person needs no key. What
expires, expires with the first text of its conversation: nothing stays because people went on talking.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Iterable, Sequence
from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import WatchError

from proxy.kpi.parts import digest
from proxy.meaning.spoken import Answer, Sample, Spoken
from proxy.settings.model import Assistant
from proxy.store.connect import as_hash
from proxy.store.keys import Keys
from proxy.store.sealing import Seal

ANSWERS: Final = 50
"""Of one conversation: some hundred kilobytes at most, and more than anybody scores at a sitting."""
TOGETHER: Final = 50
"""Conversations of one read."""
DAY: Final = 86400
ATTEMPTS: Final = 10
"""Conflicts with other hosts over the queue, each over within milliseconds; then the sample is given up."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    at: float
    user: str | None
    sealed: bytes


class _Words(msgspec.Struct, frozen=True, array_like=True):
    question: str
    answer: str


_encoder = msgspec.msgpack.Encoder()
_kept = msgspec.msgpack.Decoder(_Kept)
_words = msgspec.msgpack.Decoder(_Words)


class Samples:
    """Keeps and gives back the texts of one assistant. All methods raise one of `connect.AWAY`."""

    def __init__(self, client: Redis, assistant: Assistant, seal: Seal) -> None:
        self._client = client
        self._assistant = assistant
        self._keys = Keys(assistant.name)
        self._seal = seal

    async def keep(self, spoken: Spoken, now: float) -> bool:
        """Keep a text, unless the day's or the conversation's room is used up; says whether it is kept."""
        keys, reviews, keep = self._keys, self._assistant.reviews, int(self._assistant.reviews.keep)
        texts = keys.sample(spoken.conversation)
        words = _encoder.encode(_Words(spoken.question, spoken.answer))
        kept = _encoder.encode(
            _Kept(spoken.at, spoken.user, self._seal.sealed(words, self._about(spoken.conversation, spoken.turn)))
        )
        for _ in range(ATTEMPTS):
            async with self._client.pipeline(transaction=True) as pipe:
                await pipe.watch(keys.queue, texts)
                there = await pipe.hlen(texts)
                begun = await pipe.zcount(keys.queue, now - DAY, "+inf")
                if there >= ANSWERS or (not there and begun >= reviews.daily):
                    return False
                pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
                pipe.hset(texts, spoken.turn, kept)
                pipe.expire(texts, keep, nx=True)
                pipe.zremrangebyscore(keys.queue, "-inf", now - keep)
                if not there:
                    pipe.zadd(keys.queue, {spoken.conversation: now})
                pipe.expire(keys.queue, keep)
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return True
        return False

    async def settled(self, now: float) -> AsyncIterator[Sample]:
        """Give the settled sessions of the queue, the oldest first. What another key sealed is left out."""
        names = [each.decode() for each in await self._client.zrange(self._keys.queue, 0, -1) if isinstance(each, bytes)]
        for start in range(0, len(names), TOGETHER):
            together = names[start : start + TOGETHER]
            async with self._client.pipeline(transaction=False) as pipe:
                for name in together:
                    pipe.hgetall(self._keys.sample(name))
                found = await pipe.execute()
            for name, stored in zip(together, found, strict=True):
                for session in self._sessions(name, as_hash(stored), now):
                    yield session

    async def of(self, conversation: str, now: float) -> list[Sample]:
        """Give the settled sessions of one conversation."""
        stored = await self._client.hgetall(self._keys.sample(conversation))
        return self._sessions(conversation, as_hash(stored), now)

    def _sessions(self, conversation: str, stored: dict[bytes, bytes], now: float) -> list[Sample]:
        rules = self._assistant.session
        answers = sorted(self._opened(conversation, stored), key=lambda each: each.at)
        return [
            Sample(id=f"{conversation}.{session[0].id}", conversation=conversation, answers=tuple(session))
            for session in cut(answers, rules.idle)
            if session[-1].at + rules.idle + rules.settle <= now
        ]

    def _opened(self, conversation: str, stored: dict[bytes, bytes]) -> Iterable[Answer]:
        for name, body in stored.items():
            turn = name.decode()
            try:
                kept = _kept.decode(body)
                content = self._seal.opened(kept.sealed, self._about(conversation, turn))
                if content is not None:
                    words = _words.decode(content)
                    yield Answer(id=f"{digest(turn):016x}", turn=turn, at=kept.at, question=words.question, answer=words.answer)
            except msgspec.MsgspecError:  # of another version
                continue

    def _about(self, conversation: str, turn: str) -> str:
        return f"{self._assistant.name}\0{conversation}\0{turn}"


def cut(answers: Sequence[Answer], idle: float) -> list[list[Answer]]:
    """Cut answers, in their order, where a pause ends a session."""
    found: list[list[Answer]] = []
    for each in answers:
        if found and each.at - found[-1][-1].at < idle:
            found[-1].append(each)
        else:
            found.append([each])
    return found


async def without_person(client: Redis, keys: Keys, names: Sequence[bytes], user: str, gone: Container[bytes]) -> int:
    """Delete the texts of a person, and all of some conversations, from the samples of these keys; gives their number."""
    start = keys.sample("").encode()
    count = 0
    for name in names:
        stored = as_hash(await client.hgetall(name))
        conversation = name.removeprefix(start)
        fields = [turn for turn, body in stored.items() if conversation in gone or _whose(body) == user]
        if fields:
            await client.hdel(name, *fields)
            count += len(fields)
        if len(fields) == len(stored):
            await client.zrem(keys.queue, conversation)
    return count


def _whose(body: bytes) -> str | None:
    try:
        return _kept.decode(body).user
    except msgspec.MsgspecError:  # of another version
        return None
