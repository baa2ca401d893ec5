"""What the rules for questions asked again reached on the part they were tuned on, held; and what the corpus is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from .__main__ import main
from .questions import pairs, tallies

ROOT = Path(__file__).resolve().parents[2]
REACHED = {"fr": (1.0, 0.85), "en": (0.86, 0.65)}
"""Precision and recall on the tuning part."""


@pytest.mark.parametrize("language", REACHED)
def test_the_tuning_part_stays_as_good_as_it_was(language):
    row = next(each for each in tallies("tuning") if each.language == language)
    precision, recall = REACHED[language]
    assert row.right / row.found >= precision
    assert row.right / row.n >= recall


def test_the_corpus_has_what_the_figures_need():
    every = [pair for language in ("fr", "en") for pair in pairs(language)]
    assert len(every) >= 150
    assert len({(pair.before, pair.after, pair.between) for pair in every}) == len(every)
    assert sum(not pair.again for pair in every) / len(every) >= 0.5, "half are traps or another topic"
    assert 0.4 <= sum(pair.part == "held-out" for pair in every) / len(every) <= 0.6
    assert set(Counter(pair.tag for pair in every)) == {"reformulated", "correction", "follow-up", "thanks", "reply", "new"}


def test_what_make_eval_prints_of_the_held_back_pairs_stands_in_the_docs(capsys):
    main(["--part", "held-out"])
    shown = [line.strip() for line in capsys.readouterr().out.splitlines() if " again " in line]
    assert len(shown) == 3
    docs = (ROOT / "docs" / "kpis.md").read_text("utf-8")
    assert [line for line in shown if line not in docs] == []
