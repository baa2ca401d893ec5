"""Opinions in the settings: what is off, and own words with their faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.kpi.events import Sentiment
from proxy.observer.scorers import scorers
from proxy.rules import rules_problems
from proxy.settings.model import Settings
from proxy.settings.problem import SettingsError
from tests.settings.one import one


def load(opinions: str, base: Path) -> Settings:
    return one(f"opinions: {opinions}", base)


def test_typed_ratings_are_on_and_sentiment_is_off_until_asked_for(tmp_path: Path) -> None:
    opinions = load("{}", tmp_path).assistants[0].opinions
    assert (opinions.typed, opinions.sentiment, opinions.words) == (True, False, None)
    assert scorers(load("{}", tmp_path).assistants) == {}


def test_own_words_are_read_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("words: {gaz à tous les étages: -3}")
    assistants = load("{sentiment: true, words: own.yaml}", tmp_path).assistants
    (scorer,) = scorers(assistants).values()
    assert scorer.score("Gaz à tous les étages") == Sentiment("negative", -0.83)
    assert scorer.score("parfait").feeling == "positive"


@pytest.mark.parametrize(
    ("opinions", "file"), [("{words: own.yaml}", "words: {a: 1}"), ("{sentiment: true, words: no.yaml}", "")]
)
def test_faults_of_settings_are_told_with_their_path(opinions: str, file: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(file)
    with pytest.raises(SettingsError) as error:
        load(opinions, tmp_path)
    assert [each.path for each in error.value.problems] == ["assistants[0].opinions.words"]


def test_a_fault_in_own_words_is_told_by_the_check(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("words: {lent: -9}")
    (problem,) = rules_problems(load("{sentiment: true, words: own.yaml}", tmp_path))
    assert problem.path.endswith("own.yaml.words.lent")
    assert "-3 to 3" in str(problem)
