"""What a relay may copy of a head is what presets and settings read, and no more."""

from pathlib import Path

import pytest

from proxy.plans import relay_plan
from proxy.settings.model import Assistant, Export, Settings


@pytest.mark.parametrize("traces", [False, True])
def test_a_relay_notes_the_callers_trace_only_when_told_to(traces: bool, tmp_path: Path):
    settings = Settings(assistants=(Assistant(upstream="http://127.0.0.1:1"),), export=Export(traces=traces))
    (assistant,) = relay_plan(settings, tmp_path, b"secret", [0]).assistants
    assert ("traceparent" in assistant.wanted.headers) is traces
