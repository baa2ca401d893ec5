"""`kpi-proxy status` and `kpi-proxy bundle` beside a running product: what they show, and that no secret is in the archive."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CANARY = "canari91b2"


def run(product: Product, *arguments: str, **environment: str) -> str:
    command = [str(Path(sys.executable).parent / "kpi-proxy"), *arguments, "--console", f"127.0.0.1:{product.console}"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**product.environment, **environment}, cwd=product.directory
    )
    assert not done.returncode, done.stderr
    return done.stdout


def test_status_and_bundle(start: Start, tmp_path: Path) -> None:
    (tmp_path / "headers").write_text(f"Authorization: {CANARY}-headers")
    with Server(chat) as upstream:
        probe = {"name": "canary", "path": "/v1/chat/completions", "headers_file": str(tmp_path / "headers")}
        probe |= {"question": f'{{"messages": [{{"content": "{CANARY}-question"}}]}}', "expect": f"{CANARY}-question"}
        settings = {
            "assistants": [
                {
                    "name": "chat",
                    "upstream": upstream.url,
                    "probes": [probe],
                    "identity": {"exclude": [f"{CANARY}-account"]},
                }
            ],
        }
        product = start(settings, {"KPI_PROXY_SECRET": f"{CANARY}-secret-of-the-hashes-000000"})
        say(
            product.listen["chat"],
            f"{CANARY}-text",
            user=f"{CANARY}-user",
            conversation=f"{CANARY}-conversation",
            headers={"Authorization": f"Bearer {CANARY}-bearer", "Cookie": f"sid={CANARY}-cookie"},
        )
        until(lambda: product.kpis("chat")["kpis"]["turns"]["value"] or None, "the turn is counted")

        said = until(lambda: found if "canary up 100.0%" in (found := run(product, "status")) else None, "the probe was answered")
        assert "relays 1 of 1; store up" in said
        found = json.loads(run(product, "status", "--json"))
        assert found["health"]["books"]["counted"] == 1
        assert sum(found["assistants"][0]["live"]["minutes"]) == 1

        # The settings as written hold secrets in more places than a product can start with.
        written = product.config.read_text().replace(
            "assistants:", f"store: {{url: 'redis://:{CANARY}-password@127.0.0.1:6379/0'}}\nassistants:"
        )
        config = product.directory / "secret.yaml"
        config.write_text(written)
        archive = tmp_path / "bundle.tar.gz"
        run(
            product,
            *("bundle", "--config", str(config), "--out", str(archive)),
            KPI_PROXY_SECRET=f"{CANARY}-secret-of-the-hashes-000000",
            OTEL_EXPORTER_OTLP_HEADERS=f"api-key={CANARY}-otlp",
        )
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as opened:
        kept = {entry.name: extracted.read() for entry in opened if (extracted := opened.extractfile(entry)) is not None}
    assert {name.rpartition("/")[2] for name in kept} == {
        *("about.json", "settings.txt", "state.txt"),
        *("status.json", "ready.json", "metrics.txt", "assistants.json"),
    }
    assert not {name for name, content in kept.items() if CANARY.encode() in content}
    text = {name.rpartition("/")[2]: content.decode() for name, content in kept.items()}
    assert "store.url = redis://127.0.0.1:6379/0" in text["settings.txt"]
    assert "assistants[0].probes[0].question = (given)" in text["settings.txt"]
    assert "state/secret" not in text["state.txt"] or "-rw-------" in text["state.txt"]
    assert "outbox.sqlite" in text["state.txt"]
    assert "OTEL_EXPORTER_OTLP_HEADERS" in text["about.json"]
    assert "assistant_turns_total" in text["metrics.txt"]


def test_a_bundle_is_made_without_a_proxy_and_with_faulty_settings(tmp_path: Path) -> None:
    (tmp_path / "kpi-proxy.yaml").write_text(f"assistants: [{{upstream: 'http://u:{CANARY}@x/path', usr: '{CANARY}'}}]")
    command = [str(Path(sys.executable).parent / "kpi-proxy"), "bundle", "--config", "kpi-proxy.yaml", "--console", "127.0.0.1:1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert not done.returncode, done.stderr
    (archive,) = tmp_path.glob("kpi-proxy-bundle-*.tar.gz")
    with tarfile.open(archive) as opened:
        kept = {entry.name: extracted.read() for entry in opened if (extracted := opened.extractfile(entry)) is not None}
    assert not {name for name, content in kept.items() if CANARY.encode() in content}
    assert "fault: assistants[0].usr" in kept["kpi-proxy-bundle/settings.txt"].decode()
    assert b"is kpi-proxy running" in kept["kpi-proxy-bundle/status.json.missing"]
