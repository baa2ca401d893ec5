"""A backup in one file: a gzip-compressed tar with what can't be had again, so that tools everywhere can look into it.

about.json      format, version, when, from where
secret          the key of the hashes, unless the operator keeps it elsewhere
outbox.sqlite   what the store had not taken, and the minute before
store.msgpack   the store's keys, one list of entries after the other (not of a store with a URL, which has backups of its own)
baselines/      the imported contacts of each assistant that has some, as ASSISTANT.csv

The store is read before the outbox is: what happens between the two is in the outbox and is told to the store again. The other
way round, the outbox would give away numbers that the store takes for known.
"""

from __future__ import annotations

import os
import re
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from proxy import __version__
from proxy.store.entries import Entry

FORMAT: Final = 1
ABOUT, SECRET, OUTBOX, STORE = "about.json", "secret", "outbox.sqlite", "store.msgpack"
BASELINES: Final = "baselines"
_BASELINE: Final = re.compile(rf"{BASELINES}/[a-z0-9][a-z0-9_-]{{0,62}}\.csv")
"""One of its files: an assistant's name as the settings allow it."""

_encoder = msgspec.msgpack.Encoder()
_entries = msgspec.msgpack.Decoder(list[Entry])


class ArchiveError(Exception):
    """The file can't be used; the text is for the operator."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself; `at` is Unix seconds."""

    format: int = FORMAT
    version: str = __version__
    at: float
    store: str  # "embedded", or "elsewhere": then only secret and outbox are here


def copy_outbox(source: Path, target: Path) -> None:
    """Copy an outbox that may be in use, as it is at one instant."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
    target.chmod(0o600)


def append(file: Path, entries: list[Entry]) -> None:
    """Add a batch: its length in 4 bytes and the entries."""
    body = _encoder.encode(entries)
    with file.open("ab") as out:
        out.write(len(body).to_bytes(4, "big") + body)


def batches(file: Path) -> Iterator[list[Entry]]:
    """Give the batches of a file again; raises `ArchiveError` when it is cut or no such file."""
    with file.open("rb") as source:
        while head := source.read(4):
            body = source.read(int.from_bytes(head, "big"))
            try:
                yield _entries.decode(body)
            except msgspec.MsgspecError as error:
                raise ArchiveError(f"{file.name} is damaged: {error}") from error


def pack(directory: Path, about: About, target: Path) -> None:
    """Put what lies in a directory into one file, whole or not at all, for its owner's eyes only."""
    (directory / ABOUT).write_bytes(msgspec.json.encode(about))
    part = target.with_name(f"{target.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            for name in (ABOUT, SECRET, OUTBOX, STORE, BASELINES):
                if (directory / name).exists():
                    tar.add(directory / name, arcname=name)
        out.flush()
        os.fsync(out.fileno())
    part.replace(target)


@contextmanager
def unpacked(source: Path, directory: Path) -> Iterator[About]:
    """Take a file apart into a directory; raises `ArchiveError` when it is no backup, or one of a later version."""
    try:
        with tarfile.open(source) as tar:
            for name in tar.getnames():
                if name in (ABOUT, SECRET, OUTBOX, STORE) or _BASELINE.fullmatch(name):
                    tar.extract(name, directory, filter="data")
        about = msgspec.json.decode((directory / ABOUT).read_bytes(), type=About)
    except (OSError, EOFError, tarfile.TarError, msgspec.MsgspecError) as error:
        raise ArchiveError(f"{source} is no backup of kpi-proxy, or damaged: {error}") from error
    if about.format > FORMAT:
        raise ArchiveError(f"{source} was made by kpi-proxy {about.version}, which is newer than this one")
    yield about
