"""`kpi-proxy backup`, `restore` and `move`: what the state directory and the embedded store hold, out of them and in again.

A backup is made while kpi-proxy runs or while it does not; its writers wait for the moments in which the store is read. Restoring
and moving need it stopped, and refuse to write over anything.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from proxy.locking import locked
from proxy.settings.model import Settings
from proxy.settings.secret import make_state
from proxy.store.archive import (
    BASELINES,
    OUTBOX,
    SECRET,
    STORE,
    About,
    ArchiveError,
    append,
    batches,
    copy_outbox,
    pack,
    unpacked,
)
from proxy.store.connect import AWAY, connect
from proxy.store.embedded import Embedded, EmbeddedError, socket_path
from proxy.store.entries import TakenError, assistants, read, see_clear, write

EMBEDDED: Final = "embedded"


class KeepingError(Exception):
    """It can't be done; the text is for the operator."""


def backup(settings: Settings, target: Path) -> str:
    """Write a backup; gives a line that says what is in it. Raises `KeepingError`."""
    state = _state(settings)
    if not state.is_dir():
        raise KeepingError(f"there is no state directory {state}")
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".kpi-proxy-") as name:
        directory, keys = Path(name), 0
        if settings.store.url == EMBEDDED:
            keys = _run(_save(state, directory / STORE))
        if (state / OUTBOX).exists():
            copy_outbox(state / OUTBOX, directory / OUTBOX)
        if (state / SECRET).exists():
            (directory / SECRET).write_bytes((state / SECRET).read_bytes())
        baselines = _keep_baselines(settings, directory / BASELINES)
        about = About(at=time.time(), store=EMBEDDED if settings.store.url == EMBEDDED else "elsewhere")
        pack(directory, about, target)
    what = f"{keys} keys of the store" if settings.store.url == EMBEDDED else "no store: it has a URL and backups of its own"
    kept = f"secret, outbox, {what}, {baselines} imported baselines"
    return f"{target}: {kept}; whoever has it can test whether a known person is in it"


def _keep_baselines(settings: Settings, target: Path) -> int:
    """Copy the files of `value.baseline`, each under its assistant's name: what they are called elsewhere is not kept."""
    found = {each.name: Path(each.value.baseline) for each in settings.assistants if each.value.baseline is not None}
    if found:
        target.mkdir()
    for name, file in found.items():
        (target / f"{name}.csv").write_bytes(file.read_bytes())
    return len(found)


async def _save(state: Path, target: Path) -> int:
    count = 0
    embedded = Embedded(state)
    try:
        await embedded.start()
    except EmbeddedError:
        if not socket_path(state / "store").exists():
            raise
        client, own = connect(embedded.url), False  # the running kpi-proxy's
    else:
        client, own = connect(embedded.url), True
    try:
        async for entries in read(client, hold=not own):
            append(target, entries)
            count += len(entries)
    finally:
        await client.aclose()
        if own:
            await embedded.stop()
    return count


def restore(settings: Settings, source: Path) -> str:
    """Put a backup into the state directory and the store of these settings. Raises `KeepingError` and `SettingsError`."""
    state = _state(settings)
    make_state(state)
    with closing(_Lock(state)), tempfile.TemporaryDirectory(dir=state, prefix=".restore-") as name:
        for file in (SECRET, OUTBOX, BASELINES, "store"):
            if (state / file).exists():
                raise KeepingError(f"{state / file} is there already: restore into an empty state directory")
        directory, keys = Path(name), 0
        try:
            with unpacked(source, directory):
                if (directory / STORE).exists():
                    keys = _run(_load(settings, state, directory / STORE))
        except ArchiveError as error:
            raise KeepingError(str(error)) from error
        for file in (SECRET, OUTBOX):
            if (directory / file).exists():
                (directory / file).replace(state / file)
                (state / file).chmod(0o600)
        baselines = ""
        if (directory / BASELINES).exists():
            (directory / BASELINES).replace(state / BASELINES)
            baselines = f"; name the files in {state / BASELINES} in the settings, as value.baseline"
    return f"{source} is restored: {keys} keys of the store, state in {state}{baselines}"


async def _load(settings: Settings, state: Path, source: Path) -> int:
    embedded = Embedded(state) if settings.store.url == EMBEDDED else None
    if embedded is not None:
        await embedded.start()
    client = connect(embedded.url if embedded is not None else settings.store.url, settings.store)
    count, seen = 0, set[bytes]()
    try:
        for entries in batches(source):
            await see_clear(client, assistants(entries) - seen)
            seen |= assistants(entries)
            await write(client, entries)
            count += len(entries)
    finally:
        await client.aclose()
        if embedded is not None:
            await embedded.stop()
    return count


def move(settings: Settings) -> str:
    """Copy the embedded store into the store of the settings' URL. Raises `KeepingError` and `SettingsError`."""
    state = _state(settings)
    if settings.store.url == EMBEDDED:
        raise KeepingError("say where to: --store URL, or store.url in the settings")
    if not (state / "store").is_dir():
        raise KeepingError(f"{state} has no embedded store")
    with closing(_Lock(state)):
        keys = _run(_move(settings, state))
    return f"{keys} keys are in the new store; start kpi-proxy with it. {state / 'store'} is left as it is: a backup of today"


async def _move(settings: Settings, state: Path) -> int:
    embedded = Embedded(state)
    await embedded.start()
    source, target = connect(embedded.url), connect(settings.store.url, settings.store)
    try:
        found = [entries async for entries in read(source, hold=False)]
        await see_clear(target, {tag for entries in found for tag in assistants(entries)})
        for entries in found:
            await write(target, entries)
        return sum(map(len, found))
    finally:
        await source.aclose()
        await target.aclose()
        await embedded.stop()


class _Lock:
    """The state directory's lock, as something that can be closed."""

    def __init__(self, state: Path) -> None:
        self._descriptor = locked(state)

    def close(self) -> None:
        os.close(self._descriptor)


def _state(settings: Settings) -> Path:
    return Path(settings.state).expanduser().absolute()


def _run(work: Coroutine[Any, Any, int]) -> int:
    try:
        return asyncio.run(work)
    except TakenError as error:
        raise KeepingError(f"the store already has figures ({error}): nothing was written") from error
    except AWAY as error:
        raise KeepingError(f"the store can't be used: {error}") from error
