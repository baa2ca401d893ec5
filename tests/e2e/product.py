"""Starts the product as an operator would, and looks at it from outside only."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from tests.ports import free_port

READY: Final = 300.0
"""Seconds that a start may take on a machine that does other things as well."""
SEEN: Final = 300.0
"""Seconds after which what was sent must stand in the figures."""
POLL: Final = 0.05

Found = TypeVar("Found")


def fetch(url: str) -> tuple[int, bytes]:
    """GET over a connection of its own, closed whatever comes of it. An answer that breaks off is an OSError, as a refusal is."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=SEEN)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        with connection.getresponse() as answer:
            return answer.status, answer.read()
    except http.client.HTTPException as error:
        raise ConnectionError(f"{url}: {error!r}") from error
    finally:
        connection.close()


def until(look: Callable[[], Found | None], what: str, seconds: float = SEEN) -> Found:
    """Look again and again until there is something to see."""
    end = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < end:
        try:
            if (found := look()) is not None:
                return found
        except OSError as error:
            last = error
        time.sleep(POLL)
    raise AssertionError(f"not seen within {seconds:.0f} s: {what} ({last})")


def children(pid: int) -> dict[int, str]:
    """The command lines of a process's children, by pid."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == pid:
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, IndexError):
                continue
    return found


class Product:
    """`kpi-proxy serve --config FILE` with its state in a directory of the test's."""

    def __init__(self, directory: Path, settings: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.state = directory / "state"
        self.console = free_port()
        self.listen = {each["name"]: free_port() for each in settings["assistants"]}
        self.settings = {
            "state": str(self.state),
            "console": {"listen": f"127.0.0.1:{self.console}"},
            **settings,
            "assistants": [{"listen": f"127.0.0.1:{self.listen[each['name']]}", **each} for each in settings["assistants"]],
        }
        self.config = directory / "kpi-proxy.yaml"
        self.config.write_text(yaml.safe_dump(self.settings))
        self.log = directory / "product.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("KPI_PROXY_", "OTEL_"))},
            **(environment or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Product:
        command = [str(Path(sys.executable).parent / "kpi-proxy"), "serve", "--config", str(self.config)]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=self.environment)
        try:
            until(self._ready, "the product is ready", READY)
        except AssertionError as error:
            error.add_note(self.log.read_text()[-2000:])
            raise
        return self

    def _ready(self) -> bool | None:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"ended with {self.process.returncode}")
        return True if fetch(self.figures_url("/readyz"))[0] == 200 else None

    def url(self, assistant: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.listen[assistant]}{path}"

    def figures_url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.console}{path}"

    def get(self, path: str) -> bytes:
        status, content = fetch(self.figures_url(path))
        if status != 200:  # an OSError, so that `until` looks again: a store that is away answers 503 for a moment
            raise ConnectionError(f"{path}: status {status}: {content[:300]!r}")
        return content

    def kpis(self, assistant: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get(f"/api/v1/kpis?assistant={assistant}"))
        return found

    def part(self, module: str) -> int:
        """The pid of the running observer or relay."""
        assert self.process is not None
        parent = self.process.pid
        return until(lambda: next((pid for pid, line in children(parent).items() if f"-m {module}" in line), None), module)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 60.0) -> int:
        """End it and give its exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process = None
