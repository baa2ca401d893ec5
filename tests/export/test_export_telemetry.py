"""What a scrape shows is what the changes and figures said, under labels of a bounded number."""

from __future__ import annotations

import msgspec
import pytest

from proxy.export.condition import Condition
from proxy.export.gauges import Crowd, Snapshot
from proxy.export.telemetry import Telemetry
from proxy.kpi.books import Books
from proxy.kpi.changes import TurnCounted
from proxy.kpi.report import Measure
from proxy.settings.model import Export, Settings
from tests.export.telling import CHANGES, FIGURES, SETTINGS, SNAPSHOT, scraped, turn, value


async def test_changes_become_counters(telemetry: Telemetry) -> None:
    telemetry.record(CHANGES)
    samples = await scraped(telemetry)
    rh = {"assistant": "rh", "channel": "web"}
    assert value(samples, "assistant_turns_total", **rh, outcome="ok", error_type="") == 2
    assert value(samples, "assistant_turns_total", **rh, outcome="error", error_type="server_error") == 1
    assert value(samples, "assistant_sessions_started_total", **rh) == 1
    assert value(samples, "assistant_sessions_settled_total", **rh, outcome="resolved_assumed") == 1
    assert value(samples, "assistant_handovers_total", assistant="rh", source="tool_call", reason="user_request") == 1
    assert value(samples, "assistant_handovers_status_total", assistant="rh", status="accepted") == 1
    assert value(samples, "assistant_feedback_total", assistant="rh", scale="binary", satisfied="true") == 1
    assert value(samples, "assistant_feedback_total", assistant="rh", scale="five", satisfied="neutral") == 1
    assert value(samples, "assistant_response_slo_total", **rh, state="within") == 1
    assert value(samples, "assistant_response_slo_total", **rh, state="beyond") == 1
    assert value(samples, "assistant_response_duration_seconds_sum", **rh) == 14.5
    assert value(samples, "assistant_response_duration_seconds_bucket", **rh, le="10.0") == 1
    assert value(samples, "assistant_response_time_to_first_seconds_count", **rh) == 1
    tokens = {"assistant": "rh", "model": "gpt-9", "known": "true"}
    assert value(samples, "assistant_tokens_total", **tokens, type="input") == 20
    assert value(samples, "assistant_tokens_total", **tokens, type="output") == 90


async def test_questions_asked_again_are_told_by_how(telemetry: Telemetry) -> None:
    again = [turn(echo=echo) for echo in ("repeated", "reformulated", "reformulated", "other", "")]
    telemetry.record([*again, TurnCounted(turn(echo="repeated").turn, human=True), turn(echo="repeated", continues=True)])
    samples = await scraped(telemetry)
    for reason, count in (("repeated", 1), ("reformulated", 2)):
        assert value(samples, "assistant_reformulations_total", assistant="rh", channel="web", reason=reason) == count


async def test_precision_is_a_gauge_for_each_method(telemetry: Telemetry) -> None:
    kpis = {"answer_precision_explicit": Measure(value=0.8), "answer_precision_judge": Measure(value=None, reason="unset")}
    telemetry.figures([Snapshot(figures={"7d": msgspec.structs.replace(FIGURES, kpis=kpis)})])
    samples = await scraped(telemetry)
    name, rh = "assistant_answer_precision_percent", {"assistant": "rh", "window": "7d"}
    assert value(samples, name, **rh, method="explicit") == 80
    assert value(samples, name, **rh, method="judge") is None


async def test_words_of_the_wire_open_a_bounded_number_of_series(telemetry: Telemetry) -> None:
    telemetry.record([turn(tokens_in=1, model=f"m{number}") for number in range(500)])
    telemetry.record([turn(tokens_in=1, model='x"} evil 1\n'), turn(assistant="not-ours")])
    samples = await scraped(telemetry)
    models = {dict(labels)["model"] for name, labels in samples if name == "assistant_tokens_total"}
    assert len(models) == 51
    assert value(samples, "assistant_tokens_total", assistant="rh", model="other", known="true", type="input") == 451
    assert value(samples, "assistant_turns_total", assistant="other", channel="web", outcome="ok") == 1
    telemetry.record([turn(tokens_in=1, model="other")])  # folded by the ledger
    telemetry.condition(Condition(lag=0.0, books=Books(seen=100, counted=100, pending=0), store_up=True))
    assert value(await scraped(telemetry), "proxy_labels_folded_total", label="model") == 452


async def test_figures_are_percent_and_disappear_with_the_lead(telemetry: Telemetry) -> None:
    telemetry.figures([SNAPSHOT])
    telemetry.condition(Condition(lag=0.25, books=Books(seen=107, counted=100, pending=7), store_up=False))
    samples = await scraped(telemetry)
    assert value(samples, "assistant_automation_rate_percent", assistant="rh", window="7d") == 62
    assert value(samples, "assistant_csat_percent", assistant="rh", window="7d") is None
    for window, active in SNAPSHOT.active.items():
        assert value(samples, "assistant_users_active", assistant="rh", window=window) == active
    assert value(samples, "assistant_users_eligible", assistant="rh") == 60
    assert value(samples, "assistant_completeness_percent", assistant="rh", stage="decoded") == 50
    assert value(samples, "assistant_completeness_percent", assistant="rh", stage="attributed") is None
    assert value(samples, "proxy_observer_lag_seconds") == 0.25
    assert value(samples, "proxy_outbox_pending") == 7
    assert value(samples, "proxy_store_up") == 0
    telemetry.figures(())
    samples = await scraped(telemetry)
    assert value(samples, "assistant_automation_rate_percent", assistant="rh", window="7d") is None


async def test_people_by_group_have_windows_of_their_own(telemetry: Telemetry) -> None:
    crowd = Crowd(dimension="department", label="Sales", active={"last_week": 15, "last_4_weeks": 20}, eligible=40)
    telemetry.figures([Snapshot(figures={"28d": FIGURES}, active={"week": 30}, eligible=60, crowds=(crowd,))])
    samples = await scraped(telemetry)
    sales = {"assistant": "rh", "department": "Sales"}
    assert value(samples, "assistant_users_active", **sales, window="last_week") == 15
    assert value(samples, "assistant_users_active", **sales, window="last_4_weeks") == 20
    assert value(samples, "assistant_users_eligible", **sales) == 40
    assert value(samples, "assistant_users_active", assistant="rh", window="week", department="") == 30


async def test_few_people_are_not_counted_out_loud(telemetry: Telemetry) -> None:
    telemetry.figures([Snapshot(figures={"28d": FIGURES}, active={"day": 1}, eligible=4)])
    samples = await scraped(telemetry)
    assert value(samples, "assistant_users_active", assistant="rh", window="day") is None
    assert value(samples, "assistant_users_eligible", assistant="rh") == 4


async def test_resource_comes_from_the_environment_when_it_says_so(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod")
    environment.setenv("OTEL_SERVICE_NAME", "hr-proxy")
    telemetry = Telemetry(SETTINGS)
    telemetry.record(CHANGES)
    body, _ = await telemetry.scrape()
    await telemetry.shutdown()
    info = next(line for line in body.decode().splitlines() if line.startswith("target_info{"))
    assert 'service_name="hr-proxy"' in info
    assert 'deployment_environment_name="prod"' in info


async def test_series_are_capped(environment: pytest.MonkeyPatch) -> None:
    settings = Settings(assistants=SETTINGS.assistants, export=Export(series_limit=3))
    telemetry = Telemetry(settings)
    telemetry.record([turn(channel=f"c{number}") for number in range(10)])
    samples = await scraped(telemetry)
    await telemetry.shutdown()
    assert sum(1 for name, _ in samples if name == "assistant_turns_total") <= 4
