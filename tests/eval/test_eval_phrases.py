"""What the phrase rules reached on the part they were tuned on, held; and that the corpus is what it says it is.

The figures of the held-out part are printed by `make eval` and held by no test: who watches them at every change tunes on them.
"""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from proxy.meaning.markers import Markers
from proxy.settings.files import known_names
from proxy.settings.model import Markers as Rules

from .__main__ import main, marker_rules
from .messages import felt, notes
from .scores import Judged, Score, judge, scores
from .sentences import PACKS, PLAIN, REGISTERS, Class, Said, sentences

LABEL = 8
"""Characters up to which a message may be a word of the table."""

REACHED: dict[Class, tuple[float, float]] = {
    "started": (1.0, 0.98),
    "offered": (0.97, 1.0),
    "refused": (1.0, 1.0),
    "no_answer": (0.95, 1.0),
    "requested": (0.98, 1.0),
    "thanks": (1.0, 1.0),
}
"""Precision and recall in both languages together, on the tuning part."""


@pytest.fixture(scope="module")
def markers() -> Markers:
    return marker_rules(Rules().files)


@pytest.fixture(scope="module")
def packs() -> Markers:
    return marker_rules(known_names().markers)


@pytest.fixture(scope="module")
def reached(markers) -> dict[str, Score]:
    judged = [judge(markers, said) for said in sentences()]
    return {score.name: score for score in scores(judged, "tuning") if not score.language}


@pytest.mark.parametrize("name", REACHED)
def test_the_tuning_part_stays_as_good_as_it_was(reached, name):
    precision, recall = REACHED[name]
    assert reached[name].precision >= precision
    assert reached[name].recall >= recall


@pytest.mark.parametrize("language", ["de", "es"])
def test_the_languages_that_are_turned_on_stay_as_good_as_they_were(packs, language):
    judged = [judge(packs, said) for said in sentences(PACKS)]
    found = {score.name: score for score in scores(judged, "tuning", (language,))}
    assert found["handover"].n >= 10
    assert (found["handover"].precision, found["handover"].recall) == (1.0, 1.0)


def test_other_languages_change_nothing_in_french_and_english(markers, packs):
    other = [said.text for said in sentences() if judge(markers, said).found != judge(packs, said).found]
    assert other == []


def test_no_sentence_is_said_twice():
    every = [*sentences(), *sentences(PACKS)]
    twice = [key for key, count in Counter((said.side, said.text) for said in every).items() if count > 1]
    assert twice == []


def test_the_parts_are_fixed_by_the_text_alone():
    one, other = (
        Said("Je passe la main.", "fr", "assistant", "started", "plain"),
        Said("conseiller", "fr", "user", "none", "code"),
    )
    assert (one.part, other.part) == ("tuning", "held-out")
    assert msgspec.structs.replace(one, expected="none", tag="ai").part == one.part
    assert msgspec.structs.replace(other, seen=True).part == "tuning"


def test_the_corpus_has_what_the_figures_need():
    every = sentences()
    held_out = [said for said in every if said.part == "held-out"]
    assert len(every) >= 480
    assert len(held_out) >= 400
    assert not any(said.seen for said in held_out)
    assert sum(said.trap for said in every) / len(every) >= 0.49
    for side in ("assistant", "user"):
        for language in ("fr", "en"):
            assert sum(said.side == side and said.language == language for said in every) >= 120
    assert {said.tag for said in every} >= PLAIN | REGISTERS


def test_a_class_belongs_to_a_side():
    classes = {(said.side, said.expected) for said in sentences()}
    assert ("user", "started") not in classes
    assert ("assistant", "requested") not in classes


def test_scores_count_right_wrong_and_missed():
    def judged(expected: Class, found: Class, language: str = "fr") -> Judged:
        said = Said("Je passe la main !", "fr" if language == "fr" else "en", "assistant", expected, "plain", seen=True)
        return Judged(said, found, "")

    rows = [
        judged("started", "started"),
        judged("started", "none"),
        judged("none", "started", "en"),
        judged("offered", "offered"),
    ]
    every = scores(rows, "tuning")
    started = {score.language: score for score in every if score.name == "started"}
    handover = {score.language: score for score in every if score.name == "handover"}
    assert (handover[""].n, handover[""].found, handover[""].right) == (3, 3, 2)
    assert (started[""].n, started[""].found, started[""].right) == (2, 2, 1)
    assert (started[""].precision, started[""].recall) == (0.5, 0.5)
    assert (started["fr"].precision, started["fr"].recall) == (1.0, 0.5)
    assert (started["en"].precision, started["en"].recall) == (0.0, None)


def test_the_held_out_part_shows_figures_and_no_sentence(capsys):
    assert main(["--part", "held-out"]) == 0
    blocks = [block.splitlines() for block in capsys.readouterr().out.strip().split("\n\n")]
    phrases, abroad, questions, opinions = blocks
    assert (len(phrases), len(abroad), len(questions)) == (22, 11, 4)
    assert all(line.startswith(("part", "held-out")) for line in (*phrases, *abroad, *questions))
    texts = [each.text for each in felt()] + [each.text for each in notes()]
    assert not any(text in line for text in texts if len(text) > LABEL for line in opinions)


def test_what_fails_in_the_tuning_part_is_shown(capsys, reached):
    assert main(["--part", "tuning"]) == 0
    shown = [line for line in capsys.readouterr().out.splitlines() if "->" in line]
    missed = sum(score.n - score.right for score in reached.values())
    assert len(shown) >= missed
