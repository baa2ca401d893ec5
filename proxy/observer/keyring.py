"""The keys of one issuer, kept fresh: read from a file, or fetched from a URL, in the background.

What can't be had changes nothing: the keys known before stay, and it is said. Until the first ones are there, no token holds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import aiohttp

from proxy.meaning.tokens import Key, KeysError, read_keys
from proxy.settings.people import Jwt

log = logging.getLogger(__name__)

LOOK: Final = 5.0
"""Seconds between looks at a file: it has some kilobytes."""
REFRESH: Final = 600.0
"""Seconds after which a URL is asked again: a key that was withdrawn is believed no longer than that."""
AGAIN: Final = 30.0
"""Seconds between two fetches at least, whatever key ids the tokens name: anyone can write a new one into a token."""
TIME: Final = 10.0
"""Seconds of one fetch."""
SIZE: Final = 1024 * 1024
"""Bytes of a set of keys; a key has about one kilobyte with its certificates."""

Load = Callable[[], Awaitable[bytes]]


class Keyring:
    """The keys that one assistant's tokens are verified with. `stale`: why the newest are not in use, "" when they are."""

    def __init__(self, assistant: str, load: Load, *, pause: float, refresh: float) -> None:
        self._assistant = assistant
        self._load = load
        self._pause = pause
        self._refresh = refresh
        self._wanted = asyncio.Event()
        self._taken = b""
        self.keys: tuple[Key, ...] = ()
        self.stale = ""

    def want(self) -> None:
        """Tell that a token names a key that is not here."""
        self._wanted.set()

    def take(self, document: bytes) -> None:
        """Go by this set from now on, if it is one. Raises `KeysError`."""
        if document != self._taken:
            self.keys = read_keys(document)
            self._taken = document
            log.info("%s: the keys of its tokens were read, %d ids", self._assistant, len({key.id for key in self.keys}))
        self.stale = ""

    def fail(self, error: KeysError) -> None:
        """Keep the keys there are; the same failure is told once."""
        if str(error) != self.stale:
            log.error("%s: the keys of its tokens known before stay, %d ids: %s", self._assistant, len(self.keys), error)
        self.stale = str(error)

    async def look(self) -> None:
        """Get the newest set once."""
        try:
            self.take(await self._load())
        except KeysError as error:
            self.fail(error)

    async def watch(self) -> None:
        """Look for ever: at the refresh interval, sooner when keys are missing, never without the pause between."""
        while True:
            self._wanted.clear()
            await self.look()
            await asyncio.sleep(self._pause)
            if not self.stale:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._refresh - self._pause):
                        await self._wanted.wait()


def keyring(assistant: str, jwt: Jwt) -> Keyring:
    """The ring that the settings name. One of a file has its keys at once: blocks on that."""
    if jwt.keys_file is None:
        url = jwt.keys_url
        return Keyring(assistant, lambda: fetched(url), pause=AGAIN, refresh=REFRESH)
    file = Path(jwt.keys_file)
    ring = Keyring(assistant, lambda: asyncio.to_thread(_read, file), pause=LOOK, refresh=LOOK)
    try:
        ring.take(_read(file))
    except KeysError as error:
        ring.fail(error)
    return ring


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(SIZE + 1)
    except OSError as error:
        raise KeysError(f"{file} can't be read: {error.strerror}") from error


async def fetched(url: str) -> bytes:
    """Fetch a set of keys; redirects are not followed, they might lead off https. Raises `KeysError`."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIME), headers={"Accept": "application/json"}) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise KeysError(f"{url} answered {response.status}")
            document = bytearray()
            async for piece in response.content.iter_any():
                document += piece
                if len(document) > SIZE:
                    raise KeysError(f"{url} has more than {SIZE} bytes")
            return bytes(document)
    except TimeoutError as error:
        raise KeysError(f"{url} did not answer within {TIME:g} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if isinstance(error, KeysError):
            raise
        raise KeysError(f"{url} can't be fetched: {error}") from error
