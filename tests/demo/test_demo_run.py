"""The command: what it refuses, and that the whole of it works."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from proxy.demo import run
from proxy.demo.people import everyone
from proxy.settings.problem import SettingsError
from tests.e2e.product import fetch, until
from tests.ports import free_port


def test_a_busy_port_is_named_with_its_option(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(SettingsError) as refused:
            run.main(listen=f"127.0.0.1:{port}", console=f"127.0.0.1:{port}", state=str(tmp_path / "state"))
    listen, console = map(str, refused.value.problems)
    assert f"port {port}" in listen
    assert "--listen" in listen
    assert "--console" in console
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("address", ["0.0.0.0:8080", "unix:/run/x", "127.0.0.1:0", "8080", "nowhere"])
def test_the_demo_stays_on_this_machine(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError) as refused:
        run.main(listen=address, state=str(tmp_path / "state"))
    assert refused.value.problems[0].path == "--listen"


def asked(console: int, path: str) -> dict[str, Any]:
    """A document of the console's; an OSError until it answers."""
    status, content = fetch(f"http://127.0.0.1:{console}{path}")
    if status != 200:
        raise ConnectionError(f"{path}: status {status}")
    document: dict[str, Any] = json.loads(content)
    return document


def figures(console: int) -> dict[str, Any]:
    found: dict[str, Any] = asked(console, "/api/v1/kpis")["kpis"]
    return found


@contextmanager
def demonstrating(command: Sequence[str], log: Path) -> Iterator[None]:
    """The demo until the block ends, then its end."""
    with log.open("ab") as out, subprocess.Popen([*command, "--seconds", "1200"], stdout=out, stderr=out) as demo:
        try:
            yield
        finally:
            demo.send_signal(signal.SIGTERM)
            status = demo.wait(120)
    assert status == 0, log.read_text()


@pytest.mark.e2e
@pytest.mark.slow
def test_a_fresh_start_shows_five_figures_and_a_restart_does_not_add_to_them(tmp_path: Path) -> None:
    listen, console = free_port(), free_port()
    command = [sys.executable, "-m", "proxy", "demo", "--listen", f"127.0.0.1:{listen}", "--console", f"127.0.0.1:{console}"]
    command += ["--state", str(tmp_path / "state")]
    note = tmp_path / "state" / "demo-history.json"
    log = tmp_path / "log"
    with demonstrating(command, log):
        until(lambda: (note.exists() and json.loads(note.read_bytes())["done"]) or None, "the history is told", 600)

        def counted() -> dict[str, Any] | None:  # what was told is in the outbox, a moment later in the ledger, and settles
            if asked(console, "/readyz")["outbox"]["pending"]:
                return None
            found = asked(console, "/api/v1/kpis")
            kpis: dict[str, Any] = found["kpis"]
            settled = kpis["sessions"]["value"]
            return kpis if settled > 2000 and found["open_sessions"] < settled / 10 else None  # of the last day

        kpis = until(counted, "the history is counted", 600)
    assert 0.60 < kpis["automation_rate"]["value"] < 0.75
    assert 0.12 < kpis["handover_rate"]["value"] < 0.18
    assert 0.80 < kpis["csat"]["value"] < 0.90
    assert 0.36 < kpis["adoption"]["value"] < 0.50
    assert 1.0 < kpis["response_time"]["value"] < 3.0
    with demonstrating(command, log):
        again = until(lambda: figures(console), "the figures are there again")["turns"]["value"]
        assert abs(again - kpis["turns"]["value"]) < again / 50  # people talk on meanwhile
    words = log.read_text()
    assert f"http://127.0.0.1:{console}" in words
    assert not any(person.user in words for person in everyone())
