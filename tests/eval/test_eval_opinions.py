"""What the rules of opinions reached on the part they were tuned on, held; and the accuracy that stands beside figures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from proxy.kpi.opinions import ACCURACY

from .messages import UNKNOWN, felt, notes
from .opinions import Heard, Read, heard, lines, read

REACHED = 0.94
"""Share of the tuning part whose feeling is judged right; undecided is not."""


@pytest.fixture(scope="module")
def judged() -> list[Heard]:
    return heard()


@pytest.fixture(scope="module")
def rated() -> list[Read]:
    return read()


def test_the_tuning_part_stays_as_good_as_it_was(judged: list[Heard], rated: list[Read]) -> None:
    tuning = [each.right for each in judged if each.said.part == "tuning"]
    assert sum(tuning) / len(tuning) >= REACHED
    assert all(each.right for each in rated if each.said.part == "tuning")


def test_the_accuracy_beside_figures_is_that_of_what_no_rule_knows(judged: list[Heard]) -> None:
    decided = [each.right for each in judged if each.said.batch in UNKNOWN and each.found != "undecided"]
    assert pytest.approx(sum(decided) / len(decided), abs=0.005) == ACCURACY


def test_the_docs_quote_the_evaluation_as_it_prints() -> None:
    quoted = (Path(__file__).parents[2] / "docs" / "sentiment.md").read_text("utf8").split("```")
    assert "\n".join(lines("held-out")) in {block.strip() for block in quoted}


def test_no_message_is_said_twice() -> None:
    assert [key for key, count in Counter((each.language, each.text) for each in felt()).items() if count > 1] == []
    said = Counter((each.language, each.before, each.text) for each in notes())
    assert [key for key, count in said.items() if count > 1] == []


def test_the_corpora_have_what_the_figures_need() -> None:
    messages = felt()
    assert len(messages) >= 400
    for language in ("fr", "en"):
        held = Counter(each.expected for each in messages if each.language == language and each.part == "held-out")
        assert min(held[name] for name in ("negative", "neutral", "positive")) >= 30
    typed = notes()
    assert sum(each.tag == "trap" for each in typed) >= 0.45 * len(typed)
    assert sum(each.part == "held-out" for each in typed) >= 0.4 * len(typed)
