"""The command: what it refuses, and that the whole of it works."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proxy.demo import run
from proxy.demo.people import everyone
from proxy.settings.problem import SettingsError
from tests.e2e.product import fetch
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


def figures(console: int) -> dict[str, Any]:
    """The console's figures; nothing until it answers."""
    try:
        status, content = fetch(f"http://127.0.0.1:{console}/api/v1/kpis")
    except OSError:
        return {}
    document: dict[str, Any] = json.loads(content) if status == 200 else {}
    return document


def until(true: Callable[[], bool], seconds: float) -> None:
    """Poll another process: it has no event to wait for."""
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.2)


@pytest.mark.e2e
@pytest.mark.slow
def test_a_fresh_start_shows_five_figures_within_two_minutes_and_a_restart_does_not_add_to_them(tmp_path: Path) -> None:
    listen, console = free_port(), free_port()
    command = [sys.executable, "-m", "proxy", "demo", "--listen", f"127.0.0.1:{listen}", "--console", f"127.0.0.1:{console}"]
    command += ["--state", str(tmp_path / "state")]
    note = tmp_path / "state" / "demo-history.json"
    log = tmp_path / "log"
    with log.open("wb") as out, subprocess.Popen([*command, "--seconds", "115"], stdout=out, stderr=out) as demo:
        until(lambda: note.exists() and json.loads(note.read_bytes())["done"], 110)
        # Acknowledged is committed to the outbox; the ledger has it a moment later.
        settled: list[int] = []

        def at_rest() -> bool:
            settled.append(figures(console)["kpis"]["sessions"]["value"])
            return len(settled) > 10 and settled[-1] == settled[-10] > 5000

        until(at_rest, 60)
        kpis = figures(console)["kpis"]
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(45) == 0
    assert 0.55 < kpis["automation_rate"]["value"] < 0.70
    assert 0.12 < kpis["handover_rate"]["value"] < 0.18
    assert 0.80 < kpis["csat"]["value"] < 0.90
    assert 0.55 < kpis["adoption"]["value"] < 0.68
    assert 1.0 < kpis["response_time"]["value"] < 3.0
    with log.open("ab") as out, subprocess.Popen([*command, "--seconds", "60"], stdout=out, stderr=out) as demo:
        until(lambda: bool(figures(console)), 50)
        again = figures(console)["kpis"]
        assert abs(again["sessions"]["value"] - kpis["sessions"]["value"]) < 20
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(45) == 0
    words = log.read_text()
    assert f"http://127.0.0.1:{console}" in words
    assert not any(person.user in words for person in everyone())
