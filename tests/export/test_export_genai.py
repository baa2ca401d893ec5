"""The GenAI conventions' names: only when asked for, one account for each call, tokens of all kinds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from proxy.export.genai import PROVIDERS
from proxy.export.telemetry import Telemetry
from proxy.kpi.changes import TurnCounted
from proxy.kpi.events import Turn
from proxy.settings.files import known_names
from proxy.settings.model import Assistant, Export, Settings

ASSISTANTS = (Assistant(upstream="http://127.0.0.1:1", name="rh"),)


def turn(**fields: Any) -> TurnCounted:
    return TurnCounted(Turn(**{"id": "t", "assistant": "rh", "at": 0.0, "result": "ok", "model": "gpt-9", **fields}))


TURNS = [
    turn(preset="openai-chat", duration=2.0, first_text=0.5, tokens_in=12, tokens_out=9, tokens_cached=4, tokens_reasoning=3),
    turn(preset="openai-chat", duration=1.0, tokens_in=3, continues=True),  # a tool round trip is a call like any other
    turn(preset="anthropic-messages", result="blocked", error="content_filter", duration=0.5),
    turn(preset="rasa-rest", duration=0.2),
    turn(preset="directline", aside=True, continues=True),
]


@pytest.fixture(autouse=True)
def nothing_pushed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)


async def samples(*, gen_ai: bool) -> AsyncIterator[tuple[str, dict[str, str], float]]:
    telemetry = Telemetry(Settings(assistants=ASSISTANTS, export=Export(gen_ai=gen_ai)))
    telemetry.record(TURNS)
    body, _ = await telemetry.scrape()
    await telemetry.shutdown()
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            if sample.name.startswith("gen_ai") and "_bucket" not in sample.name and "_created" not in sample.name:
                yield sample.name, sample.labels, sample.value


async def test_each_call_is_accounted_once() -> None:
    found: dict[str, float] = {}
    async for name, labels, value in samples(gen_ai=True):
        if "inference" in name:
            assert labels["gen_ai_operation_name"] == "chat"
            assert labels["gen_ai_provider_name"] in {"openai", "anthropic"}
        found[name] = found.get(name, 0.0) + value
    call = "gen_ai_client_inference"
    assert found == {
        f"{call}_duration_seconds_count": 3,
        f"{call}_duration_seconds_sum": 3.5,
        f"{call}_time_to_first_chunk_seconds_count": 1,
        f"{call}_time_to_first_chunk_seconds_sum": 0.5,
        f"{call}_usage_input_tokens_total": 15,
        f"{call}_usage_output_tokens_total": 9,
        f"{call}_usage_cache_read_input_tokens_total": 4,
        f"{call}_usage_reasoning_output_tokens_total": 3,
        "gen_ai_invoke_agent_duration_seconds_count": 1,
        "gen_ai_invoke_agent_duration_seconds_sum": 0.2,
    }


async def test_a_failure_says_its_class() -> None:
    failed = [
        labels["error_type"]
        async for name, labels, _ in samples(gen_ai=True)
        if name.endswith("inference_duration_seconds_count")
    ]
    assert sorted(failed) == ["", "content_filter"]


async def test_nothing_of_it_without_the_setting() -> None:
    assert [name async for name, _, _ in samples(gen_ai=False)] == []


def test_the_providers_are_presets() -> None:
    assert set(PROVIDERS) <= known_names().presets
