"""What happened to an assistant and may explain its figures: deployments, incidents, and whatever else its people note.

Those of the settings and those of the store (`kpi-proxy annotate`) stand beside one another on every axis of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from typing import Final

import msgspec
from redis.asyncio import Redis

from proxy.settings.model import Annotation, Assistant
from proxy.store.keys import Keys

MOST: Final = 1000
"""Annotations that the store keeps of one assistant: more than one a day of those that it keeps."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Annotation)


class FullError(Exception):
    """There are as many as the store keeps."""


class Annotations:
    """Reads and writes them. Raises one of `connect.AWAY`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def of(self, assistant: Assistant) -> list[Annotation]:
        """Give all of them, the oldest first."""
        kept = await self.kept(assistant.name)
        return sorted([*assistant.annotations, *kept.values()], key=lambda each: (each.on, each.kind, each.text))

    async def kept(self, assistant: str) -> dict[str, Annotation]:
        """Give those of the store, by their names."""
        found = await self._client.hgetall(Keys(assistant).annotations)
        return {_text(name): _decoder.decode(_bytes(body)) for name, body in found.items()}

    async def add(self, assistant: str, annotation: Annotation) -> str:
        """Keep one, and give its name; the same twice is one. Raises `FullError`."""
        body = _encoder.encode(annotation)
        name = blake2b(body, digest_size=4).hexdigest()
        if await self._client.hlen(Keys(assistant).annotations) >= MOST:
            raise FullError(f"{assistant} has {MOST} annotations: remove some")
        await self._client.hset(Keys(assistant).annotations, name, body)
        return name

    async def remove(self, assistant: str, name: str) -> bool:
        """Drop one; says whether it was there."""
        return bool(await self._client.hdel(Keys(assistant).annotations, name))


def within(notes: Sequence[Annotation], first: date, last: date) -> tuple[Annotation, ...]:
    """Give those of some days, both included."""
    return tuple([each for each in notes if first.isoformat() <= each.on <= last.isoformat()])


def _text(name: bytes | str) -> str:
    return name if isinstance(name, str) else name.decode()


def _bytes(body: bytes | str) -> bytes:
    return body if isinstance(body, bytes) else body.encode()
