"""The real relay process, as the supervisor starts it: a plan on standard input, a listening socket by inheritance."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from proxy.relay.plan import AssistantPlan, Entrance, RelayPlan, Upstream, Wanted
from proxy.settings.model import Capture, Limits, Log
from tests.relay.sockets import PATIENCE, Wire

SECRET = "5e" * 32
LOOPS = {"uvloop": "proxy.relay", "asyncio": "tests.relay.plain"}
LOOP = os.environ.get("LOOP", "uvloop")
"""On which loop relays run where a test does not say: `make loops` runs them all on asyncio's."""


class Relay:
    """One relay process; with `several`, that many assistants on its one socket, each with what differs."""

    def __init__(
        self,
        upstream: Upstream | tuple[Upstream, ...],
        observer: Path,
        *,
        host: str = "127.0.0.1",
        entrance: Entrance | None = None,
        several: tuple[dict[str, Any], ...] = ({},),
        wanted: Wanted | None = None,
        capture: Capture | None = None,
        limits: Limits | None = None,
        loop: str = "",
        **assistant: Any,
    ) -> None:
        self._listening = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024)
        self._host = host
        self.port: int = self._listening.getsockname()[1]
        descriptor = self._listening.fileno()
        self._handover, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.plan = RelayPlan(
            relay="r1",
            inherited=(descriptor,),
            handover=theirs.fileno(),
            observer=str(observer),
            secret=SECRET,
            assistants=tuple(
                msgspec.structs.replace(
                    AssistantPlan(
                        name="rh",
                        entrance=msgspec.structs.replace(entrance or Entrance(listener=0), listener=descriptor),
                        upstreams=upstream if isinstance(upstream, tuple) else (upstream,),
                        wanted=wanted or Wanted(),
                        **assistant,
                    ),
                    **each,
                )
                for each in several
            ),
            capture=capture or Capture(),
            limits=limits or Limits(drain=1.0),
            log=Log(),
        )
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `close`
        self._clients: list[Wire] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", LOOPS[loop or LOOP]],
            stdin=subprocess.PIPE,
            stderr=self._log,
            pass_fds=[descriptor, theirs.fileno()],
        )
        theirs.close()
        self.tell(self.plan)

    def hand(self, *sockets: socket.socket) -> None:
        """Hand over listening sockets, as the supervisor does ahead of the plan that names them."""
        numbers = [listening.fileno() for listening in sockets]
        socket.send_fds(self._handover, [msgspec.json.encode(numbers)], numbers)
        self.plan = msgspec.structs.replace(self.plan, handed=self.plan.handed + 1)

    def tell(self, plan: RelayPlan) -> None:
        """Hand over a plan, as the supervisor does at the start and at SIGHUP."""
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(plan) + b"\n")
        self.process.stdin.flush()

    def client(self, data: bytes = b"", *, receive_buffer: int = 0) -> Wire:
        """A new connection, with its first bytes sent."""
        connection = socket.socket(self._listening.family)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(PATIENCE)
        try:
            connection.connect((self._host, self.port))
        except OSError:
            connection.close()
            raise
        wire = Wire(connection)
        self._clients.append(wire)
        if data:
            wire.send(data)
        return wire

    def hang_up(self) -> None:
        """End all clients of a test."""
        for client in self._clients:
            client.socket.close()
        self._clients.clear()

    def let_go(self) -> None:
        """Close this side's copy of the listening socket, as the supervisor does when it stops."""
        self._listening.close()

    def descriptors(self) -> int:
        """Open file descriptors of the process."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def memory(self) -> int:
        """Resident bytes of the process."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def log(self) -> str:
        """What the process has logged."""
        self._log.seek(0)
        return self._log.read()

    def wait(self) -> int:
        """Wait for the end of the process."""
        return self.process.wait(PATIENCE)

    def _stopped(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.process.terminate()  # the second time: do not wait for an observer that is not there
            return self.wait()

    def close(self) -> None:
        """End it by SIGTERM; it must end cleanly and without a traceback."""
        if self._log.closed:
            return
        self.hang_up()
        self.let_go()
        self._handover.close()
        try:
            code = self._stopped()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            log = self.log()
            self._log.close()
            if self.process.stdin is not None:
                self.process.stdin.close()
        assert code == 0, log
        assert "Traceback" not in log, log
        assert "ended with an error" not in log, log
