"""From metrics to a webhook: a real Prometheus with the shipped rules, a real Alertmanager with the shipped routes.

Windows, steps and waiting times are seconds here (`shipped.hurried`); expressions, bounds, labels and texts are as shipped. An
exporter stands for the product, because most of these faults are hard to cause: an assistant each that has one of them, an
observer each likewise, and one that is well.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.config.servers import Database, alerting, serving
from tests.config.shipped import ROOT, RULES, alerts, hurried
from tests.e2e.product import POLL, until
from tests.ports import free_port

ROUTES = ROOT / "config" / "alertmanager" / "alertmanager.yml"
SEEN: Final = 300.0
LATER: Final = {r"Assistant(?:Availability|Latency)Burn\w+": 5, "AssistantErrorRateHigh|AssistantSlow|KpiProxyAbsent": 10}
"""Seconds for which these are so before they are told. What holds an alert back is told before it, as where these are minutes,
and a scrape that a busy machine has no time for is no absence."""

WELL: Final = {
    "turns:ok": 9.0,
    "turns:error": 0.0,
    "slo:within": 9.0,
    "slo:beyond": 0.0,
    "settled:resolved_assumed": 6.5,
    "settled:handed_over": 1.5,
    "settled:abandoned": 2.0,
    "rated:true": 9.0,
    "rated:false": 1.0,
    "mood:negative": 1.0,
    "mood:positive": 3.0,
    "verdicts:correct": 1.0,
    "errors:timeout": 0.1,
}
"""Counts of an assistant that is well, hundreds a second, so that a window of seconds is no matter of chance."""

ASSISTANTS: Final[dict[str, tuple[dict[str, float], set[str]]]] = {
    "well": ({}, set()),
    # What follows from being down is held back by Alertmanager, except what quality says of it.
    "down": ({"turns:ok": 0.0, "turns:error": 9.0}, {"AssistantDown"}),
    "failing": (
        {"turns:error": 4.5},
        {
            "AssistantErrorRateHigh",
            "AssistantAvailabilityBurnFast",
            "AssistantAvailabilityBurnMedium",
            "AssistantAvailabilityBurnSlow",
        },
    ),
    "flaky": (
        {"turns:error": 0.7},
        {"AssistantErrorRateHigh", "AssistantAvailabilityBurnMedium", "AssistantAvailabilityBurnSlow"},
    ),
    "late": ({"slo:beyond": 1.0}, {"AssistantSlow", "AssistantLatencyBurnSlow"}),
    "later": (
        {"slo:beyond": 27.0},
        {"AssistantSlow", "AssistantLatencyBurnFast", "AssistantLatencyBurnMedium", "AssistantLatencyBurnSlow"},
    ),
    "handing": ({"settled:handed_over": 3.0}, {"AssistantHandoverHigh"}),
    "keeping": ({"settled:handed_over": 0.5}, {"AssistantHandoverLow"}),
    "weak": ({"settled:abandoned": 8.0, "settled:handed_over": 2.5}, {"AssistantAutomationLow"}),
    "disliked": ({"rated:false": 4.0}, {"AssistantSatisfactionLow"}),
    "unknown": ({}, {"AssistantAdoptionBehindPlan"}),
    "torn": ({}, {"KpiProxyFiguresIncomplete"}),
    "mute": ({}, {"AssistantProbeFailing"}),
    "nameless": ({}, {"KpiProxyFiguresApproximate"}),
    "unlisted": ({}, {"KpiProxyDirectoryStale"}),
    "keyless": ({}, {"KpiProxyKeysStale"}),
    "wrong": ({}, {"AssistantPrecisionLow"}),
    "grumpy": ({"mood:negative": 9.0}, {"AssistantSentimentNegative"}),
    "broke": ({}, {"KpiProxyJudgeStopped"}),
    "deaf": ({"verdicts:correct": 0.0, "errors:timeout": 1.0}, {"KpiProxyJudgeFailing"}),
}
HELD_BACK: Final = {("AssistantErrorRateHigh", "failing"), ("AssistantSlow", "later")}
OBSERVERS: Final = {
    "well": set[str](),
    "alone": {"KpiProxyRelaysAbsent"},
    "full": {"KpiProxyCapturesDropped"},
    "lagging": {"KpiProxyObserverLagging"},
    "filling": {"KpiProxyOutboxGrowing"},
    "losing": {"KpiProxyEventsLost"},
    "severed": {"KpiProxyStoreDown"},
    "folding": {"KpiProxySeriesCapped"},
}
TARGETS: Final = (
    ("handover", "upper", 20),
    ("handover", "lower", 10),
    ("automation", "lower", 50),
    ("csat", "lower", 80),
    ("adoption", "lower", 60),
)
NAMES: Final = {
    "turns": ("assistant_turns_total", "outcome"),
    "slo": ("assistant_response_slo_total", "state"),
    "settled": ("assistant_sessions_settled_total", "outcome"),
    "rated": ("assistant_feedback_total", "satisfied"),
    "mood": ("assistant_sentiment_total", "class"),
    "verdicts": ("proxy_judge_verdicts_total", "verdict"),
    "errors": ("proxy_judge_errors_total", "reason"),
}


def assistants(age: float) -> str:
    """What the assistants' host shows at so many seconds."""
    lines = ['proxy_connections{side="client",state="open"} 1', "proxy_store_up 1"]
    for name, (fault, _) in ASSISTANTS.items():
        for key, pace in (WELL | fault).items():
            family, _, value = key.partition(":")
            metric, label = NAMES[family]
            more = 'scale="binary"' if family == "rated" else 'channel="web"'
            lines.append(f'{metric}{{assistant="{name}",{label}="{value}",{more}}} {100 * pace * age}')
        lines.append(f'assistant_probe_up{{assistant="{name}",probe="home",replica="0"}} {int(name != "mute")}')
        lines += [
            f'assistant_target_percent{{assistant="{name}",figure="{figure}",bound="{bound}"}} {target}'
            for figure, bound, target in TARGETS
        ]
        lines.append(f'assistant_adoption_percent{{assistant="{name}",window="28d"}} {5 if name == "unknown" else 100}')
        lines.append(f'assistant_completeness_percent{{assistant="{name}",stage="decoded"}} {90 if name == "torn" else 100}')
        lines.append(f'assistant_conversations_derived_percent{{assistant="{name}"}} {90 if name == "nameless" else 10}')
        lines.append(f'proxy_directory_stale{{assistant="{name}"}} {int(name == "unlisted")}')
        precision = 60 if name == "wrong" else 90
        lines.append(f'assistant_answer_precision_percent{{assistant="{name}",method="review",window="28d"}} {precision}')
        lines.append(f'proxy_judge_stopped{{assistant="{name}"}} {int(name == "broke")}')
        lines.append(f'proxy_tokens_keys_stale{{assistant="{name}"}} {int(name == "keyless")}')
    return "\n".join(lines) + "\n"


def observer(name: str, age: float) -> str:
    """What an observer shows of itself."""
    lines = [
        f"proxy_observer_lag_seconds {100 if name == 'lagging' else 0}",
        f"proxy_outbox_pending {2000 + 100 * age if name == 'filling' else 0}",
        f"proxy_store_up {int(name != 'severed')}",
        f'proxy_labels_folded_total{{label="channel"}} {int(name == "folding")}',
        f"proxy_outbox_dropped_total {10 * age if name == 'losing' else 0}",
    ]
    if name != "alone":
        lines.append('proxy_connections{side="client",state="open"} 0')
    if name == "full":
        lines.append(f'proxy_capture_dropped_total{{stage="body",reason="ring_full"}} {10 * age}')
    return "\n".join(lines) + "\n"


def in_order(text: str) -> str:
    """Hurried rules of which some wait for others."""
    for names, seconds in LATER.items():
        text = re.sub(rf"(- alert: (?:{names})\n(?:(?! *- alert:).*\n)*? *for:) 1s", rf"\1 {seconds}s", text)
    return text


Told = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def told(
    prometheus: str, alertmanager: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Told, dict[str, str], Database]]:
    """What the webhook got, by alert and assistant or instance; the observers' names by instance."""
    directory = tmp_path_factory.mktemp("alerting")
    got: Told = {}

    def take(message: dict[str, Any]) -> None:
        for alert in message["alerts"]:
            labels = alert["labels"]
            if alert["status"] == "firing":
                got[labels["alertname"], labels.get("assistant") or labels.get("instance", "")] = alert

    with ExitStack() as stack:
        hosts = {stack.enter_context(serving(lambda age, name=name: observer(name, age))): name for name in OBSERVERS}  # type: ignore[misc]  # the default binds the name
        main = stack.enter_context(serving(assistants))
        dead = f"127.0.0.1:{free_port()}"
        webhook = stack.enter_context(serving(take=take))
        routes = ROUTES.read_text().replace("url_file: /run/secrets/alert_webhook", f"url: http://{webhook}/")
        routes = re.sub(r"(group_wait|group_interval): \w+", r"\1: 1s", routes)
        rules = directory / "rules"
        rules.mkdir()
        for path in RULES.glob("*.yml"):
            (rules / path.name).write_text(in_order(hurried(path.read_text())))
        address = stack.enter_context(alerting(alertmanager, directory / "alertmanager", routes))
        database = Database(directory / "prometheus", [main, dead, *hosts], f"{rules}/*.yml", address)
        stack.enter_context(database.running(prometheus))
        yield got, {**hosts, dead: "dead"}, database


def expected() -> set[tuple[str, str]]:
    found = {(alert, name) for name, (_, names) in ASSISTANTS.items() for alert in names}
    found |= {(alert, name) for name, names in OBSERVERS.items() for alert in names}
    return found | {("KpiProxyAbsent", "dead")}


def test_each_alert_has_its_fault() -> None:
    assert {alert for alert, _ in expected()} == set(alerts())


@pytest.mark.slow
def test_each_fault_reaches_the_webhook_and_nothing_else_does(told: tuple[Told, dict[str, str], Database]) -> None:
    got, names, _ = told

    def seen() -> set[tuple[str, str]]:
        return {(alert, names.get(who, who)) for alert, who in list(got)}

    def missing() -> set[tuple[str, str]]:
        return expected() - HELD_BACK - seen()

    end = time.monotonic() + SEEN
    while missing() and time.monotonic() < end:
        time.sleep(POLL)
    assert missing() == set()
    assert seen() - expected() == set()


@pytest.mark.slow
def test_what_the_webhook_gets_is_for_people(told: tuple[Told, dict[str, str], Database]) -> None:
    got, _, database = told
    until(lambda: True if len({name for name, _ in got}) == len(alerts()) else None, "every alert", SEEN)
    for (name, who), alert in got.items():
        notes = alert["annotations"]
        assert notes["runbook_url"] == f"docs/alerts.md#{name.lower()}"
        for text in notes.values():
            assert "<no value>" not in text, text
            assert "error expanding template" not in text, text
        assert who in notes["summary"], (who, notes)
    for rule in database.rules():
        assert rule["health"] == "ok", rule


def test_the_routes_are_well_formed(amtool: str, tmp_path: Path) -> None:
    """Debian's Alertmanager 0.25 does not know `url_file` yet (0.26 does); all else is checked as shipped."""
    settings = tmp_path / "alertmanager.yml"
    settings.write_text(ROUTES.read_text().replace("url_file: /run/secrets/alert_webhook", "url: http://127.0.0.1:1/"))
    done = subprocess.run([amtool, "check-config", str(settings)], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr
    for inhibition in yaml.safe_load(settings.read_text())["inhibit_rules"]:
        for matcher in inhibition["source_matchers"] + inhibition["target_matchers"]:
            pattern = re.search('"(.*)"', matcher)
            assert pattern is not None
            assert any(re.fullmatch(pattern[1], name) for name in alerts()), matcher
