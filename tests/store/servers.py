"""Redis servers on loopback ports of their own: single, watched by Sentinels, and as a cluster. Each a process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.ports import free_port

START = 60.0
"""Seconds that a server, an election or a slot map may take on a machine that does other things as well."""


def redis_command() -> str:
    """The installed redis-server; without one the test is skipped, or fails where services are required."""
    found = shutil.which("redis-server")
    if found is None:
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES") == "1":
            pytest.fail("redis-server is required here and missing")
        pytest.skip("no redis-server on this machine")
    return found


def until(holds: Callable[[], object], what: str, seconds: float = START) -> None:
    """Wait until something holds; a server that does not answer yet does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if holds():
                return
        except (RedisError, OSError, KeyError):
            pass
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class Single:
    """One redis-server. Data stays over a restart, each command on disk before its answer."""

    def __init__(self, directory: Path, *arguments: str, password: str | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._directory = directory
        self.arguments = arguments
        self._password = password or None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Self:
        listening = () if "--port" in self.arguments else ("--port", str(self.port))
        keeping = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
        command = [redis_command(), *listening, "--bind", "127.0.0.1", "--dir", str(self._directory), *keeping, *self.arguments]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            if listening:
                until(lambda: self.ask("PING"), "a redis-server answers")
            else:
                until(self._accepts, "a redis-server accepts")
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}; it said: {(self._directory / 'log').read_text()[-500:]}") from error
        return self

    def _accepts(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), 1):
            return True

    def ask(self, *command: str | int) -> Any:
        with Redis(host="127.0.0.1", port=self.port, password=self._password, decode_responses=True) as client:
            return client.execute_command(*command)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()


class Watched:
    """A master and its replica under Sentinels that hold a master for dead after half a second."""

    def __init__(self, directory: Path, sentinels: int = 3, password: str = "") -> None:
        self._number = sentinels
        self._password = password
        self.master = Single(directory / "one")
        self.replica = Single(directory / "two", "--replicaof", f"127.0.0.1 {self.master.port}")
        self._directory = directory
        self._sentinels: list[_Sentinel] = []

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self._sentinels)
        own = f"?{urlencode({'sentinel_password': self._password})}" if self._password else ""
        return f"redis+sentinel://{hosts}/figures/0{own}"

    def start(self) -> Self:
        self.master.start()
        self.replica.start()
        until(lambda: self.master.ask("INFO", "replication")["slave0"]["state"] == "online", "the replica follows")
        for number in range(self._number):
            home = self._directory / f"sentinel{number}"
            home.mkdir()
            (home / "sentinel.conf").write_text(
                f"sentinel monitor figures 127.0.0.1 {self.master.port} {self._number // 2 + 1}\n"
                "sentinel down-after-milliseconds figures 500\nsentinel failover-timeout figures 3000\n"
                + (f'requirepass "{self._password}"\n' if self._password else "")
            )
            self._sentinels.append(_Sentinel(home, password=self._password).start())
        until(
            lambda: all(each.others() == self._number - 1 and each.replicas() == 1 for each in self._sentinels), "Sentinels agree"
        )
        return self

    def promoted(self) -> bool:
        return bool(self.replica.ask("ROLE")[0] == "master")

    def kill(self) -> None:
        for server in (*self._sentinels, self.replica, self.master):
            server.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()


class _Sentinel(Single):
    def start(self) -> Self:
        command = [redis_command(), str(self._directory / "sentinel.conf"), "--sentinel"]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._directory)], stdout=log, stderr=log
            )
        until(lambda: self.ask("PING"), "a Sentinel answers")
        return self

    def _known(self, what: str) -> int:
        state = self.ask("SENTINEL", "MASTER", "figures")
        pairs = state if isinstance(state, dict) else dict(zip(state[::2], state[1::2], strict=True))
        return int(pairs[what])

    def others(self) -> int:
        return self._known("num-other-sentinels")

    def replicas(self) -> int:
        return self._known("num-slaves")


class Cluster:
    """Three masters that share the slots."""

    def __init__(self, directory: Path) -> None:
        more = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
        self.nodes = [Single(directory / f"node{number}", *more) for number in range(3)]

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def start(self) -> Self:
        for number, node in enumerate(self.nodes):
            node.start()
            node.ask("CLUSTER", "ADDSLOTSRANGE", number * 5461, 16383 if number == 2 else number * 5461 + 5460)
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            self.nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port)
        until(lambda: all(self._whole(node) for node in self.nodes), "the cluster is whole")
        return self

    def _whole(self, node: Single) -> bool:
        with Redis(host="127.0.0.1", port=node.port) as client:
            info: Any = client.execute_command("CLUSTER INFO")
        return "ok" in str(info.get("cluster_state")) and int(info["cluster_known_nodes"]) == 3

    def move(self, slot: int) -> None:
        """Give a slot with its keys to another node, as a rebalancing does."""
        names = [node.ask("CLUSTER", "MYID") for node in self.nodes]
        old = next(at for at, node in enumerate(self.nodes) if self._serves(node, slot))
        new = (old + 1) % 3
        self.nodes[new].ask("CLUSTER", "SETSLOT", slot, "IMPORTING", names[old])
        self.nodes[old].ask("CLUSTER", "SETSLOT", slot, "MIGRATING", names[new])
        while keys := self.nodes[old].ask("CLUSTER", "GETKEYSINSLOT", slot, 100):
            self.nodes[old].ask("MIGRATE", "127.0.0.1", self.nodes[new].port, "", 0, 5000, "KEYS", *keys)
        for at in (new, old, 3 - new - old):
            self.nodes[at].ask("CLUSTER", "SETSLOT", slot, "NODE", names[new])

    def _serves(self, node: Single, slot: int) -> bool:
        with Redis(host="127.0.0.1", port=node.port) as client:
            slots: Any = client.execute_command("CLUSTER SLOTS")
        return any(low <= slot <= high and primary[1] == node.port for low, high, primary, *_ in slots)

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
