"""The file of contacts is read again when it changes, and kept when it is spoilt."""

import os
from datetime import date
from pathlib import Path

from proxy.observer.baselines import Baselines
from proxy.settings.model import Assistant
from proxy.settings.value import Value


def test_a_file_that_changes(tmp_path: Path, caplog) -> None:
    file, baselines = tmp_path / "b.csv", Baselines()
    assistant = Assistant(upstream="http://a", value=Value(baseline=str(file)))
    assert baselines.contacts(assistant) == {}
    file.write_text("date,contacts\n2026-09-01,3\n")
    assert baselines.contacts(assistant) == {date(2026, 9, 1): {"": 3}}
    file.write_text("date,contacts\n2026-09-01,44\n")
    assert baselines.contacts(assistant) == {date(2026, 9, 1): {"": 44}}
    file.write_text("spoilt")
    os.utime(file, ns=(1, 1))
    assert baselines.contacts(assistant) == {date(2026, 9, 1): {"": 44}}
    assert "can't be used: line 1" in caplog.text
    assert baselines.contacts(Assistant(upstream="http://a")) == {}
