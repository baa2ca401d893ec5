"""Backups, restores and moves as an operator makes them: with the command, of a product that has been used."""

from __future__ import annotations

import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import Crowd, say
from tests.store.servers import Single

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).parent / "kpi-proxy"
    return subprocess.run([str(tool), *arguments], capture_output=True, text=True, check=False)


def done(*arguments: str) -> str:
    result = command(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def counted(product: Product, turns: int) -> dict[str, object]:
    until(lambda: product.kpis("chat")["kpis"]["turns"]["value"] == turns or None, f"{turns} turns are counted")
    found = product.kpis("chat")
    return {name: found[name] for name in ("kpis", "outcomes", "open_sessions")}


def test_a_backup_under_traffic_and_its_restore(start: Start, tmp_path: Path) -> None:
    with Server(chat) as upstream:
        contacts = tmp_path / "contacts.csv"
        contacts.write_text("date,contacts\n2026-11-02,7\n")
        settings = {"assistants": [{"name": "chat", "upstream": upstream.url, "value": {"baseline": str(contacts)}}]}
        product = start(settings)
        with Crowd(product.listen["chat"]) as crowd:
            until(lambda: (product.kpis("chat")["kpis"]["turns"]["value"] or 0) >= 100 or None, "a hundred turns are counted")
            file = tmp_path / "figures.tar.gz"
            assert "keys of the store" in done("backup", str(file), "--config", str(product.config))
            between = crowd.turns
            crowd.wait_for(between + 50)
            crowd.stop()
        assert not crowd.failures
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with tarfile.open(file) as tar:
            names = set(tar.getnames())
        assert names == {"about.json", "secret", "outbox.sqlite", "store.msgpack", "baselines", "baselines/chat.csv"}
        product.stop()

        other = Product(tmp_path, settings)  # another state directory, and what it counts is one instant of the first
        told = done("restore", str(file), "--config", str(other.config))
        assert (other.state / "baselines/chat.csv").read_text() == contacts.read_text()
        assert f"{other.state / 'baselines'} in the settings" in told
        assert command("restore", str(file), "--config", str(other.config)).returncode == 1  # nothing is written over
        other.start()
        try:
            until(lambda: True if b'"pending":0' in other.get("/readyz") else None, "nothing waits")
            turns = int(other.kpis("chat")["kpis"]["turns"]["value"])
            assert 100 <= turns <= between
            say(other.listen["chat"], "again", user="person-1", conversation="new")
            found = counted(other, turns + 1)
            assert found["kpis"]["mau"]["value"] == 4  # type: ignore[index]  # with the same secret the person is the same
        finally:
            other.stop()


def test_moving_from_the_embedded_store_to_a_redis(start: Start, tmp_path: Path) -> None:
    with Single(tmp_path / "redis") as redis, Server(chat) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]})
        for number in range(30):
            say(product.listen["chat"], f"{number}", user=f"u{number % 7}", conversation=f"c{number % 10}")
        found = counted(product, 30)
        refused = command("move", "--config", str(product.config), "--store", redis.url)
        assert refused.returncode == 2
        assert "another kpi-proxy uses" in refused.stderr
        product.stop()
        assert "keys are in the new store" in done("move", "--config", str(product.config), "--store", redis.url)
        again = command("move", "--config", str(product.config), "--store", redis.url)
        assert again.returncode == 1
        assert "already has figures" in again.stderr
        product.environment["KPI_PROXY_REDIS_URL"] = redis.url
        product.start()
        assert counted(product, 30) == found
        say(product.listen["chat"], "31", user="u1", conversation="c1")
        assert counted(product, 31)["open_sessions"] == found["open_sessions"]  # it belongs to a conversation of before


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"nothing of ours")
    result = command("restore", str(file), "--state", str(tmp_path / "state"))
    assert result.returncode == 1
    assert "no backup of kpi-proxy" in result.stderr
    assert command("backup", str(file), "--state", str(tmp_path / "none")).returncode == 1
    assert command("move", "--state", str(tmp_path / "none")).returncode == 1


def test_a_second_product_on_a_state_directory_is_refused(start: Start) -> None:
    product = start({"assistants": [{"name": "chat", "upstream": "http://127.0.0.1:9"}]})
    second = command("serve", "--upstream", "http://127.0.0.1:9", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0",
                     "--state", str(product.state))  # fmt: skip
    assert second.returncode == 2
    assert f"another kpi-proxy uses {product.state}" in second.stderr
