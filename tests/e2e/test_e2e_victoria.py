"""OTLP into a time-series database that nobody here wrote: the same names, the same numbers, nothing lost over its restart."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Start
from tests.e2e.product import Product, fetch, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import post, say
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ONLY_SCRAPED = {"target_info"}


class Victoria:
    """VictoriaMetrics on a free loopback port, which can be stopped and started again."""

    def __init__(self, binary: str, directory: Path) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self._command = [
            binary,
            f"-httpListenAddr=127.0.0.1:{port}",
            f"-storageDataPath={directory}/data",
            "-opentelemetry.usePrometheusNaming",
            "-search.latencyOffset=0s",
            "-loggerLevel=ERROR",
        ]
        self._log = directory / "victoria.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(self._command, stdout=out, stderr=out)
        until(lambda: True if fetch(f"{self.url}/health")[0] == 200 else None, "VictoriaMetrics answers")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def ask(self, query: str) -> list[dict[str, Any]]:
        address = f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        with urllib.request.urlopen(address, timeout=60) as answer:
            found: list[dict[str, Any]] = json.loads(answer.read())["data"]["result"]
        return found

    def value(self, query: str) -> float:
        found = self.ask(query)
        return float(found[0]["value"][1]) if found else 0.0

    def names(self) -> set[str]:
        return set(json.loads(fetch(f"{self.url}/api/v1/label/__name__/values")[1])["data"])


@pytest.fixture
def database(victoria: str, tmp_path: Path) -> Iterator[Victoria]:
    server = Victoria(victoria, tmp_path)
    server.start()
    yield server
    server.stop()


def scraped(product: Product) -> set[str]:
    return {line.partition("{")[0].partition(" ")[0] for line in product.get("/metrics").decode().splitlines() if line[0] != "#"}


def ours(database: Victoria) -> set[str]:
    return {name for name in database.names() if re.match(r"assistant_|proxy_|gen_ai_", name)}


def test_a_database_gets_what_a_scrape_shows(start: Start, database: Victoria) -> None:
    with Server(chat) as upstream:
        environment = {
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"{database.url}/opentelemetry/v1/metrics",
            "OTEL_METRIC_EXPORT_INTERVAL": "500",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        }
        assistant = {
            "name": "chat",
            "upstream": upstream.url,
            "session": {"idle": "1s", "settle": "1s"},
            "launched": "2026-09-01",
            "people": {"eligible": 20},
            "probes": [{"name": "home", "interval": "1s", "timeout": "1s", "path": "/v1/feedback"}],
        }
        product = start({"assistants": [assistant], "export": {"gen_ai": True}}, environment)
        port = product.listen["chat"]
        for number in range(12):
            say(port, "un conseiller" if number == 3 else f"bonjour {number}", user=f"p{number}", conversation=f"c{number}")
        assert post(port, "/v1/feedback", {"conversation_id": "c1", "user": "p1", "rating": "up"})[0] == 200
        until(lambda: True if sum(product.kpis("chat")["outcomes"].values()) == 12 else None, "all sessions are settled")
        until(lambda: True if database.value("sum(assistant_sessions_settled_total)") == 12 else None, "the database has them")
        kpis = product.kpis("chat")["kpis"]
        settled = "assistant_sessions_settled_total"
        share = f'sum({settled}{{outcome=~"resolved_.*"}}) / sum({settled}{{outcome!="excluded"}})'
        assert database.value(share) == pytest.approx(kpis["automation_rate"]["value"])
        assert database.value("sum(assistant_turns_total)") == 12
        assert database.value("histogram_quantile(0.5, sum by (le) (assistant_response_duration_seconds_bucket))") > 0
        until(lambda: True if database.ask("assistant_automation_rate_percent") else None, "the gauges are there")
        labels = database.ask("assistant_turns_total")[0]["metric"]
        assert labels["service.name" if "service.name" in labels else "service_name"] == "kpi-proxy"
        until(lambda: True if ours(database) == scraped(product) - ONLY_SCRAPED else None, "every name is there, and no other")

        database.stop()
        for number in range(5):
            say(port, f"while it is away {number}", user="p1", conversation="c-away")
        database.start()
        until(lambda: True if database.value("sum(assistant_turns_total)") == 17 else None, "nothing of the outage is lost")
