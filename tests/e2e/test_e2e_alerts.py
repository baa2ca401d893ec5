"""From traffic to a webhook: real faults, a real Prometheus with the shipped rules, a real Alertmanager with the shipped routes.

Windows and waiting times are seconds (`shipped.hurried`), targets and probes are settings. tests/config has every alert on made
up figures, with its bounds and texts; here each is caused. The lag that an alert waits for is seconds, too. Run by `make alerts`.
"""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import os
import re
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web

from tests.config.conftest import alertmanager, prometheus  # noqa: F401 - fixtures
from tests.config.servers import Database, alerting, serving
from tests.config.shipped import ROOT, RULES, alerts, hurried
from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import HANDOVER, Server
from tests.store.servers import Single

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("KPI_PROXY_ALERTS"), reason="takes minutes and most of two cores: make alerts runs it"),
]

SEEN: Final = 180.0
LAG: Final = "proxy_observer_lag_seconds > 60"
PACE: Final = 0.1
"""Seconds between two turns of one assistant: some forty in the shortest window."""
WAITING: Final = 1000
"""Exchanges that may wait for the observer: four seconds of all assistants, so that only an observer that stands loses copies."""

FAULTS: Final[dict[str, tuple[dict[str, Any], set[str]]]] = {
    "well": ({}, set()),
    "misused": ({}, set()),  # half of what it is asked is a bad request: its clients' fault
    "down": ({}, {"AssistantDown"}),
    "failing": ({}, {"AssistantAvailabilityBurnFast", "AssistantAvailabilityBurnMedium", "AssistantAvailabilityBurnSlow"}),
    "late": (
        {"targets": {"response": "1ms"}},
        {"AssistantLatencyBurnFast", "AssistantLatencyBurnMedium", "AssistantLatencyBurnSlow"},
    ),
    "handing": ({}, {"AssistantHandoverHigh", "AssistantAutomationLow"}),
    "keeping": ({}, {"AssistantHandoverLow"}),
    "disliked": ({}, {"AssistantSatisfactionLow"}),
    "unknown": ({"people": {"eligible": 100_000}, "launched": "2026-01-01"}, {"AssistantAdoptionBehindPlan"}),
    "torn": ({}, {"KpiProxyFiguresIncomplete"}),
    "mute": (
        {"probes": [{"name": "home", "interval": "1s", "timeout": "1s", "path": "/mute/health"}]},
        {"AssistantProbeFailing"},
    ),
    "nameless": ({}, {"KpiProxyFiguresApproximate"}),
    "unlisted": ({}, {"KpiProxyDirectoryStale"}),  # its directory is broken while it runs
    "keyless": (  # where nothing answers
        {"identity": {"user": ["claim:sub"], "jwt": {"keys_url": "http://127.0.0.1:9/keys"}}},
        {"KpiProxyKeysStale"},
    ),
    "grumpy": ({"opinions": {"sentiment": True}}, {"AssistantSentimentNegative"}),
    "wrong": (
        {"judge": {"share": 1, "model": "m", "day_tokens": 100_000_000, "month_tokens": 100_000_000}},
        {"AssistantPrecisionLow"},
    ),
    "broke": ({"judge": {"share": 1, "model": "m", "day_tokens": 1}}, {"KpiProxyJudgeStopped"}),
    "deaf": (  # its judge is one that nobody has
        {"judge": {"share": 1, "model": "m", "attempts": 1, "url": "http://127.0.0.1:9/v1"}},
        {"KpiProxyJudgeFailing"},
    ),
}
HELD_BACK: Final = {"AssistantErrorRateHigh", "AssistantSlow"}
"""Of the same assistants; Alertmanager keeps them back behind a fast burn."""


async def assistant(request: web.Request) -> web.StreamResponse:
    """Answers as the first part of the path says: it names the fault."""
    fault = request.path.split("/")[1]
    asked = await request.json() if request.method == "POST" else {}
    if request.path.endswith("/feedback"):
        return web.json_response({"ok": True})
    number = int(asked.get("seed", 0))
    if "/judge/" in request.path:
        return web.json_response({"choices": [{"message": {"content": '{"score": "wrong"}'}}]})
    if fault == "late":
        await asyncio.sleep(0.01)  # ten times its target: an idle machine answers within one millisecond
    if fault in {"down", "mute"} and (fault == "down" or request.path.endswith("/health")):
        return web.json_response({"error": {"message": "broken"}}, status=500)
    if fault == "failing" and number % 3 == 0:
        return web.json_response({"error": {"message": "broken"}}, status=500)
    if fault == "misused" and number % 2 == 0:
        return web.json_response({"error": {"message": "no such model", "type": "invalid_request_error"}}, status=400)
    handed = fault == "handing" or (fault != "keeping" and number % 7 == 0)
    more = " encore" * 1000 if fault == "torn" else ""  # past capture.limit: what it said is not all known
    message = {"role": "assistant", "content": (HANDOVER if handed else "Voilà.") + more}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 3, "completion_tokens": 1}
    return web.json_response({"id": f"c{number}", "model": asked.get("model", ""), "choices": choices, "usage": usage})


class Talker:
    """People of one assistant, a new one for each conversation, until told to stop."""

    def __init__(self, port: int, fault: str, stop: threading.Event) -> None:
        self._port = port
        self._fault = fault
        self._stop = stop
        self.thread = threading.Thread(target=self._talk)
        self.thread.start()

    def _talk(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        for number in itertools.count():
            if self._stop.wait(PACE):
                break
            who: dict[str, Any] = {"user": f"u{number}"}
            if self._fault != "nameless":
                who["metadata"] = {"conversation_id": f"c{number}"}
            said = "toujours la même erreur, c'est nul" if self._fault == "grumpy" else "bonjour"
            body = {"model": "m", "seed": number, "messages": [{"role": "user", "content": said}], **who}
            try:
                self._post(connection, "v1/chat/completions", body)
                if number % 2:
                    rating = {"conversation_id": f"c{number}", "user": f"u{number}"}
                    self._post(connection, "v1/feedback", {**rating, "rating": "down" if self._fault == "disliked" else "up"})
            except (OSError, http.client.HTTPException):
                connection.close()  # a relay that was killed: the next question opens another
        connection.close()

    def _post(self, connection: http.client.HTTPConnection, path: str, body: dict[str, Any]) -> None:
        connection.request("POST", f"/{self._fault}/{path}", json.dumps(body), {"Content-Type": "application/json"})
        connection.getresponse().read()


class Webhook:
    """What it got: alerts that fire, by name and assistant ("" for those of the product itself)."""

    def __init__(self) -> None:
        self.firing: set[tuple[str, str]] = set()

    def take(self, message: dict[str, Any]) -> None:
        for alert in message["alerts"]:
            key = alert["labels"]["alertname"], alert["labels"].get("assistant", "")
            (self.firing.add if alert["status"] == "firing" else self.firing.discard)(key)

    def wait(self, *names: tuple[str, str]) -> None:
        until(lambda: True if set(names) <= self.firing else None, f"{set(names) - self.firing}", SEEN)


@pytest.fixture
def world(
    start: Start,
    prometheus: str,  # noqa: F811
    alertmanager: str,  # noqa: F811
    tmp_path: Path,
) -> Iterator[tuple[Product, Webhook, Single, Database]]:
    webhook, stop = Webhook(), threading.Event()
    with ExitStack() as stack:
        upstream = stack.enter_context(Server(assistant))
        redis = stack.enter_context(Single(tmp_path / "redis"))
        quick = {"idle": "1s", "settle": "1s"}
        assistants = [{"name": name, "upstream": upstream.url, "session": quick, **more} for name, (more, _) in FAULTS.items()]
        for each in assistants:
            if "judge" in each:
                each["judge"] = {"url": f"{upstream.url}/{each['name']}/judge/v1", **each["judge"]}
        directory = tmp_path / "people.csv"
        directory.write_text("user,department,profile\nu1,HR,lead\n")
        assistants[list(FAULTS).index("unlisted")]["people"] = {"directory": str(directory)}
        store = {"url": redis.url, "outbox_limit": "400KiB"}
        capture = {"limit": "4KiB", "records": WAITING}
        product = start({"assistants": assistants, "store": store, "capture": capture})
        directory.write_text("nobody,knows\nwhat,this,is\n")
        talkers = [Talker(product.listen[name], name, stop) for name in FAULTS]
        for talker in talkers:
            stack.callback(talker.thread.join, 60)
        stack.callback(stop.set)
        hook = stack.enter_context(serving(take=webhook.take))
        routes = (ROOT / "config" / "alertmanager" / "alertmanager.yml").read_text()
        routes = routes.replace("url_file: /run/secrets/alert_webhook", f"url: http://{hook}/")
        routes = re.sub(r"(group_wait|group_interval): \w+", r"\1: 1s", routes)
        rules = tmp_path / "rules"
        rules.mkdir()
        for path in RULES.glob("*.yml"):
            (rules / path.name).write_text(hurried(path.read_text()).replace(LAG, "proxy_observer_lag_seconds > 5"))
        address = stack.enter_context(alerting(alertmanager, tmp_path / "alertmanager", routes))
        database = Database(tmp_path / "prometheus", [f"127.0.0.1:{product.console}"], f"{rules}/*.yml", address)
        stack.enter_context(database.running(prometheus))
        yield product, webhook, redis, database


def firing(database: Database) -> set[tuple[str, str]]:
    """What Prometheus holds, told or held back."""
    found = database.ask('ALERTS{alertstate="firing"}')
    return {(each["metric"]["alertname"], each["metric"].get("assistant", "")) for each in found}


def ask(product: Product, models: Iterable[str]) -> None:
    """One question to `well` for each model, one after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", product.listen["well"], timeout=30)
    for model in models:
        body = json.dumps({"model": model, "messages": [{"role": "user", "content": "x"}], "seed": 1, "user": "u"})
        connection.request("POST", "/well/v1/chat/completions", body, {"Content-Type": "application/json"})
        connection.getresponse().read()
    connection.close()


def test_each_fault_reaches_the_webhook(world: tuple[Product, Webhook, Single, Database]) -> None:
    product, webhook, redis, database = world
    seen = set[str]()

    expected = {(alert, name) for name, (_, names) in FAULTS.items() for alert in names}
    webhook.wait(*expected)
    until(lambda: True if ("AssistantErrorRateHigh", "failing") in firing(database) else None, "failing fails", SEEN)
    until(lambda: True if ("AssistantSlow", "late") in firing(database) else None, "late is slow", SEEN)
    for name in ("well", "misused"):
        assert not {alert for alert, who in firing(database) | webhook.firing if who == name}
    seen |= {alert for alert, _ in expected} | HELD_BACK

    def product_alert(name: str) -> None:
        webhook.wait((name, ""))
        seen.add(name)

    ask(product, (f"model-{number}" for number in range(60)))  # a client that invents a model for each question
    product_alert("KpiProxySeriesCapped")

    redis.kill()
    product_alert("KpiProxyStoreDown")
    behind = {"KpiProxyOutboxGrowing", "KpiProxyObserverLagging"}  # kept back behind the store that is down
    until(lambda: True if behind <= {alert for alert, _ in firing(database)} else None, "figures wait", SEEN)
    seen |= behind
    product_alert("KpiProxyEventsLost")  # the outbox is a small one, of some thousand events
    redis.start()

    observer = product.part("proxy.observer")
    assert "KpiProxyCapturesDropped" not in {alert for alert, _ in firing(database)}
    os.kill(observer, signal.SIGSTOP)
    ask(product, itertools.repeat("m", WAITING))  # and what the others ask meanwhile: more than its relay has room for
    os.kill(observer, signal.SIGCONT)
    product_alert("KpiProxyCapturesDropped")

    assert product.process is not None
    os.kill(product.process.pid, signal.SIGSTOP)  # or it would start another relay at once
    os.kill(product.part("proxy.relay"), signal.SIGKILL)
    product_alert("KpiProxyRelaysAbsent")
    os.kill(product.process.pid, signal.SIGCONT)
    product.stop()
    product_alert("KpiProxyAbsent")
    assert set(alerts()) == seen
