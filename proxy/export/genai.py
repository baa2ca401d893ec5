"""The same turns under the names of OpenTelemetry's GenAI conventions, for back ends that know those.

Names of semantic-conventions-genai 0.1.0, all of status "development": they were `gen_ai.client.operation.*` and
`gen_ai.client.token.usage` before 2026. Off by default, since each is a second account of what `assistant.*` says. The proxy is
a client of the model, so `gen_ai.server.*` is not its to claim; an assistant with another API is an agent that was invoked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from opentelemetry import metrics

from proxy.export.labels import Vocabulary
from proxy.kpi.events import Turn

BOUNDS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""Seconds, as the conventions advise."""

PROVIDERS: Final[Mapping[str, str]] = {
    "openai-chat": "openai",
    "openai-responses": "openai",
    "openai-assistants": "openai",
    "azure-openai": "azure.ai.openai",
    "anthropic-messages": "anthropic",
    "gemini": "gcp.gemini",
    "mistral-chat": "mistral_ai",
    "mistral-conversations": "mistral_ai",
    "bedrock-converse": "aws.bedrock",
    "ollama-chat": "ollama",
}
"""Presets of a model's API. `openai` stands for every server that speaks so: which one it is, the wire does not say."""

_USAGE: Final = (
    ("input_tokens", "tokens_in", "Tokens of the input"),
    ("output_tokens", "tokens_out", "Tokens of the output"),
    ("cache_read.input_tokens", "tokens_cached", "Tokens of the input that came from a cache"),
    ("cache_write.input_tokens", "tokens_written", "Tokens of the input that went to a cache"),
    ("reasoning.output_tokens", "tokens_reasoning", "Tokens of the output that were reasoning"),
)


class Conventions:
    """Instruments of the conventions, fed with every exchange of a turn."""

    def __init__(self, meter: metrics.Meter, models: Vocabulary) -> None:
        self._models = models
        prefix = "gen_ai.client.inference"
        self._duration = _seconds(meter, f"{prefix}.duration", "Of one call of a model")
        self._first = _seconds(meter, f"{prefix}.time_to_first_chunk", "From the request to the first piece of text")
        self._agent = _seconds(meter, "gen_ai.invoke_agent.duration", "Of one call of an assistant that is no model")
        self._usage = tuple(
            (meter.create_counter(f"{prefix}.usage.{name}", "{token}", about), field) for name, field, about in _USAGE
        )

    def record(self, turn: Turn) -> None:
        """Count one exchange; what was beside the conversation is no call."""
        if turn.aside:
            return
        provider = PROVIDERS.get(turn.preset)
        if provider is None:
            if turn.duration is not None:
                self._agent.record(turn.duration, {"gen_ai.operation.name": "invoke_agent", **_failure(turn)})
            return
        labels = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": self._models.admit(turn.model),
        }
        if turn.duration is not None:
            self._duration.record(turn.duration, {**labels, **_failure(turn)})
        if turn.first_text is not None:
            self._first.record(turn.first_text, labels)
        for counter, field in self._usage:
            if count := getattr(turn, field):
                counter.add(count, {**labels, "gen_ai.token.modality": "unknown"})


def _failure(turn: Turn) -> dict[str, str]:
    return {"error.type": turn.error} if turn.error else {}


def _seconds(meter: metrics.Meter, name: str, about: str) -> metrics.Histogram:
    return meter.create_histogram(name, "s", about, explicit_bucket_boundaries_advisory=BOUNDS)
