"""The same figures in a real Prometheus, in an OTLP receiver and in the API."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse

from tests.e2e.product import Product, fetch, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import post, say
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

README = Path(__file__).parents[2] / "README.md"
PEOPLE = 10


class Receiver:
    """An OTLP/HTTP collector that remembers the latest sum of each series."""

    def __init__(self) -> None:
        self.sums: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        self.services: set[str] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        assert request.path == "/v1/metrics"
        pushed = ExportMetricsServiceRequest.FromString(await request.read())
        for resource in pushed.resource_metrics:
            self.services |= {each.value.string_value for each in resource.resource.attributes if each.key == "service.name"}
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.sum.data_points:
                        labels = frozenset((each.key, each.value.string_value) for each in point.attributes)
                        self.sums[metric.name, labels] = point.as_int or point.as_double
        answer = ExportMetricsServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    def total(self, name: str, **labels: str) -> float:
        wanted = set(labels.items())
        return sum(value for (metric, found), value in self.sums.items() if metric == name and wanted <= found)


def talk(product: Product) -> None:
    """Ten people of two turns each; the first two are handed over, five rate, four of them well."""
    port = product.listen["chat"]
    for number in range(PEOPLE):
        for turn in range(2):
            text = "un conseiller" if number < 2 and turn else f"bonjour {number} {turn}"
            say(port, text, user=f"person-{number}", conversation=f"c{number}", stream=number % 2 == 0)
        if number >= 5:
            body = {"conversation_id": f"c{number}", "user": f"person-{number}", "rating": "up" if number > 5 else "down"}
            assert post(port, "/v1/feedback", body)[0] == 200


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Product, Receiver]]:
    """The product after the talk, all sessions settled, with an OTLP receiver beside it."""
    receiver = Receiver()
    with Server(chat) as upstream, Server(receiver.handle) as collector:
        assistant = {
            "name": "chat",
            "upstream": upstream.url,
            "session": {"idle": "5s", "settle": "1s"},
            "people": {"eligible": 20},
        }
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_METRIC_EXPORT_INTERVAL": "500"}
        product = Product(tmp_path_factory.mktemp("measured"), {"assistants": [assistant]}, environment)
        try:
            product.start()
            talk(product)
            until(lambda: True if sum(product.kpis("chat")["outcomes"].values()) == PEOPLE else None, "all sessions are settled")
            yield product, receiver
        finally:
            product.stop()


def test_a_collector_gets_the_figures_of_the_api(measured: tuple[Product, Receiver]) -> None:
    product, receiver = measured
    figures = product.kpis("chat")
    until(lambda: True if receiver.total("assistant.sessions.settled") == PEOPLE else None, "the collector has every session")
    assert receiver.services == {"kpi-proxy"}
    assert receiver.total("assistant.turns") == figures["kpis"]["turns"]["value"] == 2 * PEOPLE
    for outcome, count in figures["outcomes"].items():
        assert receiver.total("assistant.sessions.settled", outcome=outcome) == count
    assert receiver.total("assistant.feedback", satisfied="true") == figures["kpis"]["csat"]["numerator"] == 4
    assert receiver.total("assistant.handovers") == figures["kpis"]["handover_rate"]["numerator"] == 2


@pytest.fixture
def queries(prometheus: str, measured: tuple[Product, Receiver], tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus that scrapes the product."""
    product, _ = measured
    port = free_port()
    scrape = {"job_name": "kpi-proxy", "static_configs": [{"targets": [f"127.0.0.1:{product.console}"]}]}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump({"global": {"scrape_interval": "1s"}, "scrape_configs": [scrape]}))
    command = [prometheus, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/tsdb"]
    with (tmp_path / "prometheus.log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}/api/v1/query"
    finally:
        process.terminate()
        process.wait(60)


def ask(address: str, query: str) -> dict[str, float]:
    """A query's values by assistant."""
    status, content = fetch(f"{address}?{urllib.parse.urlencode({'query': query})}")
    if status != 200:
        raise ConnectionError(f"Prometheus is not ready: status {status}")
    found: dict[str, Any] = json.loads(content)
    assert found["status"] == "success"
    values: dict[str, float] = defaultdict(float)
    for series in found["data"]["result"]:
        values[series["metric"].get("assistant", "")] += float(series["value"][1])
    return dict(values)


def test_prometheus_answers_the_queries_of_the_readme(measured: tuple[Product, Receiver], queries: str) -> None:
    product, _ = measured
    blocks = re.findall(r"```promql\n(.*?)```", README.read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line]
    until(lambda: True if ask(queries, "assistant_sessions_settled_total") else None, "the first scrape")
    until(lambda: True if ask(queries, lines[-1]) else None, "the gauges of people")
    kpis = product.kpis("chat")["kpis"]
    names = ("automation_rate", "handover_rate", "response_time", "response_time_within_target", "csat")
    answers = [ask(queries, line)["chat"] for line in lines]
    assert answers[:5] == pytest.approx([kpis[name]["value"] for name in names], rel=1e-3)
    assert answers[5] == pytest.approx(PEOPLE / 20)
