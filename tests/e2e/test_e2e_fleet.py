"""Two hosts with one Redis: sums add up, the fleet's gauges come once, and a leader that is killed is followed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def redis_url(redis_server: str, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [redis_server, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(20)


def samples(product: Product) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(product.get("/metrics").decode())
        for sample in family.samples
    }


def total(products: tuple[Product, ...], name: str) -> float:
    return sum(value for product in products for (found, _), value in samples(product).items() if found == name)


def leads(product: Product) -> bool:
    """By what it says, which must be what it does."""
    found = samples(product)
    leading = found.get(("proxy_observer_leading", ())) == 1
    shown = any(name == "assistant_availability_percent" for name, _ in found)
    return leading and shown


def test_two_hosts_and_one_store(start: Start, redis_url: str) -> None:
    secret = {"KPI_PROXY_SECRET": "0123456789abcdef0123456789abcdef"}
    with Server(chat) as upstream:
        settings = {"assistants": [{"name": "chat", "upstream": upstream.url}], "store": {"url": redis_url}}
        hosts = tuple(start(settings, secret, name) for name in ("one", "two"))
        for number in range(30):
            host = hosts[number % 2]
            say(host.listen["chat"], f"question {number}", user=f"person-{number % 7}", conversation=f"c{number % 5}")
        until(lambda: True if total(hosts, "assistant_turns_total") == 30 else None, "both have counted")
        for host in hosts:
            assert host.kpis("chat")["kpis"]["turns"]["value"] == 30
        leader = until(lambda: next((host for host in hosts if leads(host)), None), "one leads")
        follower = next(host for host in hosts if host is not leader)
        assert not leads(follower)
        assert not any(name.endswith("_percent") and "target" not in name for name, _ in samples(follower))
        until(lambda: True if shown(leader) == 7 else None, "the leader knows the people of both")

        assert leader.process is not None
        observer = leader.part("proxy.observer")
        os.kill(leader.process.pid, signal.SIGSTOP)  # so that its supervisor does not start another at once
        os.kill(observer, signal.SIGKILL)
        until(lambda: True if leads(follower) else None, "the other leads")
        assert shown(follower) == 7
        os.kill(leader.process.pid, signal.SIGCONT)
        until(lambda: True if samples(leader).get(("proxy_observer_leading", ())) == 0 else None, "who comes back follows")

        follower.stop()  # gives the lead up: nobody waits for it to run out
        until(lambda: True if leads(leader) else None, "the first leads again")


def shown(product: Product) -> float | None:
    return samples(product).get(("assistant_users_active", (("assistant", "chat"), ("window", "28d"))))
