"""The README's list of alterations names the tests that hold it, and those exist."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
LEDGER = (HERE.parents[1] / "README.md").read_text("utf-8").partition("## What the proxy alters")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (?!what \||---)(.+) \|$", LEDGER, re.MULTILINE)
TESTS = set(re.findall(r"^def (test_\w+)", "".join(file.read_text("utf-8") for file in HERE.glob("test_*.py")), re.MULTILINE))


def test_every_alteration_names_tests_that_exist() -> None:
    assert len(ROWS) >= 10
    for row in ROWS:
        named = re.findall(r"`(test_\w+)`", row.rpartition(" | ")[2])
        assert named, row
        assert set(named) <= TESTS
