"""What probes found, by address: counted when told, shown as it last was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from proxy.kpi.uptime import Attempt


class ProbeInstruments:
    """Instruments of the probes. Assistants, probes and addresses are the settings', so labels are few."""

    def __init__(self, meter: metrics.Meter) -> None:
        self._last: dict[tuple[str, str, int], Attempt] = {}
        self._attempts = meter.create_counter("assistant.probe.attempts", "{attempt}", "Questions of probes, by how they went")
        meter.create_observable_gauge("assistant.probe.up", [self._up], "", "1 when the last question was answered as expected")
        meter.create_observable_gauge("assistant.probe.duration", [self._durations], "s", "To the whole answer, the last time")

    def record(self, attempts: Sequence[Attempt]) -> None:
        """Take one round."""
        for attempt in attempts:
            self._last[attempt.assistant, attempt.probe, attempt.replica] = attempt
            self._attempts.add(1, {**_labels(attempt), "result": attempt.verdict})

    def _up(self, _: CallbackOptions) -> Iterator[Observation]:
        for attempt in self._last.values():
            yield Observation(int(attempt.verdict == "ok"), _labels(attempt))

    def _durations(self, _: CallbackOptions) -> Iterator[Observation]:
        for attempt in self._last.values():
            if attempt.seconds is not None:
                yield Observation(attempt.seconds, _labels(attempt))


def _labels(attempt: Attempt) -> Mapping[str, str]:
    return {"assistant": attempt.assistant, "probe": attempt.probe, "replica": str(attempt.replica)}
