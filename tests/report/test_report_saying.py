"""What the report says: no more than the interval allows, and something for every status."""

from __future__ import annotations

import itertools
import re
from datetime import date
from typing import get_args

import msgspec
import pytest

from proxy.kpi.report import Measure, Status
from proxy.kpi.shares import share
from proxy.kpi.topics import Topics
from proxy.report import saying
from proxy.report.model import Facts
from proxy.words.catalogue import CATALOGUE, Words
from proxy.words.formats import LANGUAGES, Language
from tests.report.conftest import with_measure, with_status

FIVE = ("automation_rate", "response_time", "csat", "adoption", "handover_rate")
ENGLISH = Words("en")


@pytest.mark.parametrize(("name", "status", "language"), [*itertools.product(FIVE, get_args(Status), LANGUAGES)])
def test_there_is_a_sentence_and_an_advice_for_every_status(facts: Facts, name: str, status: Status, language: Language) -> None:
    changed, words = with_status(facts, name, status), Words(language)
    assert saying.means(name, changed, words).endswith(".")
    if f"means.{name}.{status}" in CATALOGUE or status in ("inconclusive", "not_enough_data"):
        assert saying.what_next(name, changed, words).endswith(".")


def test_a_figure_that_is_too_close_to_call_is_not_called(facts: Facts) -> None:
    changed = with_status(facts, "csat", "inconclusive")
    assert "does not tell whether it is met" in saying.means("csat", changed, ENGLISH)
    assert saying.what_next("csat", changed, ENGLISH) == "wait for more sessions, or judge over three months."


def test_a_figure_that_is_not_there_gives_its_reason_and_no_advice(facts: Facts) -> None:
    changed = with_measure(facts, "adoption", value=None, reason="no_people")
    assert saying.means("adoption", changed, ENGLISH) == "No figure: set people.directory or people.eligible."
    assert saying.what_next("adoption", changed, ENGLISH) == ""


def test_the_largest_loss_is_named(facts: Facts) -> None:
    changed = with_status(facts, "automation_rate", "below")
    assert "150 sessions that ended as “Handed to a human”" in saying.what_next("automation_rate", changed, ENGLISH)


def test_a_tail_of_slow_answers_is_named_though_the_mean_is_fine(facts: Facts) -> None:
    assert "nothing" in saying.what_next("response_time", facts, ENGLISH)
    slow = with_measure(facts, "response_time", p95=14.2)
    assert "more than 14.2\u00a0s" in saying.what_next("response_time", slow, ENGLISH)


def test_few_ratings_are_said_to_be_few(facts: Facts) -> None:
    few = with_measure(facts, "csat_response_rate", value=0.02)
    assert saying.what_next("csat", few, ENGLISH).startswith("few people rate")


@pytest.mark.parametrize(("launched", "early"), [(date(2026, 9, 1), True), (date(2026, 6, 1), False), (None, False)])
def test_adoption_is_not_held_against_an_assistant_before_its_three_months(
    facts: Facts, launched: date | None, early: bool
) -> None:
    changed = msgspec.structs.replace(with_status(facts, "adoption", "not_met"), launched=launched)
    advice = saying.what_next("adoption", changed, ENGLISH)
    assert advice.startswith("the target is for three months after the launch, on 1\u00a0Dec\u00a02026") is early


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (share(620, 1000), share(520, 1000), "+10.0 points, beyond chance"),
        (share(520, 1000), share(620, 1000), "\u221210.0 points, beyond chance"),
        (share(8, 10), share(7, 10), "+10.0 points, may be chance"),
        (share(8, 10), Measure(value=None, reason="no_data"), "no figure for the month before"),
    ],
)
def test_changes_of_shares(now: Measure, before: Measure, said: str) -> None:
    assert saying.change("automation_rate", now, before, ENGLISH) == said


def test_changes_of_times_and_counts_claim_nothing() -> None:
    assert saying.change("response_time", Measure(value=3.5), Measure(value=3.0), Words("fr")) == "+500\u00a0ms"
    assert saying.change("response_time", Measure(value=3.0), Measure(value=3.0001), ENGLISH) == "unchanged"
    assert saying.change("turns", Measure(value=1000.0), Measure(value=2500.0), ENGLISH) == "\u22121,500"


def test_no_sentence_in_english_has_a_french_colon() -> None:
    assert not [key for key, (english, _) in CATALOGUE.items() if re.search(r"\w :", english)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_opinions_are_said_with_what_they_are_worth_and_not_without_data(facts: Facts, language: Language) -> None:
    words = Words(language)
    assert saying.opinions(facts.figures, words) == ()
    negative = msgspec.structs.replace(share(3, 40), accuracy=0.75, undecided=60)
    kpis = {"typed_satisfaction": share(9, 10), "sentiment_negative": negative, "sentiment_undecided": share(60, 100)}
    typed, mood = saying.opinions(msgspec.structs.replace(facts.figures, kpis=kpis), words)
    assert "10" in typed
    assert re.findall(r"[\d.,]+(?=\s?%)", mood) == (["7.5", "60.0", "75"] if language == "en" else ["7,5", "60,0", "75"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_chose_to_know_is_said_with_the_way_to_know_it(facts: Facts, language: Language) -> None:
    words = Words(language)
    nothing = Measure(value=None, reason="unset")
    kpis = {
        "sentiment": nothing,
        "sentiment_shift": nothing,
        "answer_precision_judge": nothing,
        "csat": Measure(value=None, reason="no_data"),
    }
    some = msgspec.structs.replace(facts, figures=msgspec.structs.replace(facts.figures, kpis=kpis), topics=None)
    mood, judge, topics = saying.unset([*kpis, "nps"], some, words)
    assert mood.startswith(f"{words('sentiment')}, {words('sentiment_shift')}")
    assert [setting in said for setting, said in (("opinions.sentiment", mood), ("judge", judge), ("topics.kept", topics))] == [
        True
    ] * 3
    kept = Topics(from_="2026-10-05", to="2026-11-08", kept=True, smallest=10, topics=[], hidden=0)
    assert list(saying.unset([], msgspec.structs.replace(some, topics=kept), words)) == []
