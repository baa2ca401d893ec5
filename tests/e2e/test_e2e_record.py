"""`record` in front of an assistant nobody has seen, then `learn`, `check` and `explain` on what it wrote."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.product import until
from tests.ports import free_port
from tests.workbench.desk import desk, visit

pytestmark = pytest.mark.e2e


def command(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "proxy", *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_proxy_of_a_recorder_that_is_killed_ends_with_it(tmp_path: Path):
    told, port = tmp_path / "told", free_port()
    with told.open("wb") as errors:
        command = [sys.executable, "-m", "proxy", "record", str(tmp_path / "talk.jsonl"), "--upstream", "http://127.0.0.1:9"]
        recording = subprocess.Popen([*command, "--listen", f"127.0.0.1:{port}"], stdin=subprocess.DEVNULL, stderr=errors)
        until(lambda: "recording;" in told.read_text() or None, "the recorder")
        recording.kill()
        recording.wait()
    until(lambda: "stopped" in told.read_text() or None, "the end of its proxy")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)


def test_from_unknown_traffic_to_a_preset_that_reads_it(tmp_path: Path):
    file, told, listen = tmp_path / "talk.jsonl", tmp_path / "told", f"127.0.0.1:{free_port()}"
    with desk() as upstream, told.open("wb") as errors:
        recording = subprocess.Popen(
            [sys.executable, "-m", "proxy", "record", str(file), "--upstream", upstream, "--listen", listen], stderr=errors
        )
        try:
            until(lambda: "recording;" in told.read_text() or None, "the recorder")
            visit(listen, "marie.durand@example.org", "conges", "paie", stars=5)
            visit(listen, "paul.martin@example.org", "paie", "humain", live=True, stars=2)
            visit(listen, "lea.petit@example.org", "conges", live=True)
            until(lambda: (file.exists() and len(file.read_bytes().splitlines()) == 11) or None, "all exchanges")
            recording.send_signal(signal.SIGINT)
            assert recording.wait(60) == 0
        finally:
            if recording.poll() is None:
                recording.kill()
                recording.wait()
    assert "10 exchanges" in told.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    for word in ("durand", "congés", "cong\\u00e9s", "conseiller"):
        assert word not in file.read_text()

    (tmp_path / "front-desk.yaml").write_text(command("learn", str(file), "--name", "front-desk"))
    settings = tmp_path / "kpi-proxy.yaml"
    settings.write_text("assistants: [{upstream: 'http://a', preset: ./front-desk.yaml}]\n")
    command("check", "--config", str(settings))
    lines = [json.loads(each) for each in command("explain", str(file), "--config", str(settings), "--json").splitlines()]
    kinds = [event["type"] for each in lines for event in each["events"]]
    assert (kinds.count("turn"), kinds.count("rating"), kinds.count("skipped")) == (5, 2, 3)
    turns = [event for each in lines for event in each["events"] if event["type"] == "turn"]
    assert len({turn["conversation"] for turn in turns}) == len({turn["user"] for turn in turns}) == 3
    assert all(turn["duration"] > 0 for turn in turns)
