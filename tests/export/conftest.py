"""An export of its own for each test, that pushes nowhere before the test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from proxy.export.telemetry import Telemetry
from tests.export.telling import SETTINGS


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
async def telemetry(environment: pytest.MonkeyPatch) -> AsyncIterator[Telemetry]:
    telemetry = Telemetry(SETTINGS)
    yield telemetry
    await telemetry.shutdown()
