"""What all observers of an assistant go by, in one value that each commit reads and watches.

The version of the ledger's shape, the labels that groups are made of, and the groups whose people are too many for sets. It
changes seldom; a commit that was made by an older value meets a conflict and is made again.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Self

import msgspec
from redis.exceptions import RedisError

from proxy.kpi.groups import Scope
from proxy.store.keys import Kind, written
from proxy.store.labels import KnownLabels, Words

SCHEMA: Final = 2
"""Version of the keys and values. 1: no version at all, every active person in `p`, those the directory lists in `e` as well."""


class ForeignLedgerError(RedisError):
    """The ledger has a shape that this version does not know: nothing is written to it, and nothing read."""


class _Version(msgspec.Struct):
    schema: int


class _Stored(msgspec.Struct, frozen=True):
    schema: int
    words: Words
    wide: dict[str, str]  # kind and group -> the first day from which its people are a HyperLogLog


_encoder = msgspec.msgpack.Encoder()
_version = msgspec.msgpack.Decoder(_Version)
_stored = msgspec.msgpack.Decoder(_Stored)


class Agreed:
    """A working copy; `changed` when it has to be stored with what was made by it."""

    def __init__(self, words: Words, wide: dict[str, str], *, changed: bool) -> None:
        self.labels = KnownLabels(words)
        self._wide = wide
        self._changed = changed

    @classmethod
    def read(cls, stored: bytes | None) -> Self:
        """Read the stored value, or begin; raises `ForeignLedgerError`."""
        if stored is None:
            return cls({}, {}, changed=True)
        try:
            schema = _version.decode(stored).schema
            if schema > SCHEMA:
                raise ForeignLedgerError(f"the ledger was written by a newer version: schema {schema}, this one knows {SCHEMA}")
            found = _stored.decode(stored)
        except msgspec.MsgspecError as error:
            raise ForeignLedgerError(f"the ledger's version can't be read: {error}") from error
        return cls(found.words, found.wide, changed=False)

    @property
    def changed(self) -> bool:
        """Whether it is not as stored."""
        return self._changed or self.labels.changed

    def encoded(self) -> bytes:
        """Give what is stored."""
        return _encoder.encode(_Stored(SCHEMA, self.labels.words, self._wide))

    def wide(self, kind: Kind, scope: Scope, day: str) -> bool:
        """Say whether the people of a group are a HyperLogLog on a day."""
        first = self._wide.get(kind + written(scope))
        return first is not None and day >= first

    def widen(self, kind: Kind, scope: Scope, day: date) -> None:
        """Keep the people of a group as a HyperLogLog from a day on."""
        self._wide[kind + written(scope)] = day.isoformat()
        self._changed = True
