"""Settings that can't be right: every fault at once, exit status 2, no socket opened."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from tests.ports import free_port

FAULTY = """
worker: 2
console: {{listen: "127.0.0.1:{console}"}}
assistants:
  - name: rh
    upstream: rasa:5005
    listen: 127.0.0.1:{listen}
    identity: {{usr: [header:x-user]}}
    session: {{idle: soon}}
    targets: {{csat: 180%}}
"""


def test_every_fault_is_said_at_once_and_nothing_is_opened(tmp_path: Path) -> None:
    console, listen = free_port(), free_port()
    config = tmp_path / "kpi-proxy.yaml"
    config.write_text(FAULTY.format(console=console, listen=listen))
    for verb in ("serve", "check"):
        command = [str(Path(sys.executable).parent / "kpi-proxy"), verb, "--config", str(config)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode == 2
        said = ended.stderr
        for path in (
            "worker",
            "upstream",
            "assistants[0].identity.usr",
            "assistants[0].session.idle",
            "assistants[0].targets.csat",
        ):
            assert path in said, said
        assert 'did you mean "workers"?' in said
        assert 'did you mean "user"?' in said
    for port in (console, listen):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
