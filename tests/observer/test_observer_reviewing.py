"""What the queue gives to whom: each answer to as many reviewers as are asked for, and nothing without a note of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from redis.exceptions import ConnectionError as StoreAway

from proxy.access.looks import Look
from proxy.console.unanswered import Unavailable
from proxy.kpi.agreement import SCORES, Score
from proxy.meaning.spoken import Answer, Sample
from proxy.observer.listprices import ListPrices
from proxy.observer.reviewing import Reviewing
from proxy.observer.scoring import Scoring
from proxy.settings.files import rubric
from proxy.settings.model import Assistant
from proxy.settings.reviews import Reviews

NOW = 1_795_000_000.0


class Queue:
    """Two settled sessions of one answer each."""

    samples: ClassVar = [
        Sample(
            id=f"c{n}.a{n}", conversation=f"c{n}", answers=(Answer(id=f"a{n}", turn=f"t{n}", at=NOW, question="q", answer="a"),)
        )
        for n in (1, 2)
    ]

    async def settled(self, now: float) -> AsyncIterator[Sample]:
        for each in self.samples:
            yield each

    async def of(self, conversation: str, now: float) -> list[Sample]:
        return [each for each in self.samples if each.conversation == conversation]


class Notebook:
    """Scores by answer and reviewer; `away` refuses notes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.by: dict[str, list[str]] = {}
        self.noted: list[Look] = []
        self.away = False

    async def reviewers(self, turns: list[str]) -> list[frozenset[str]]:
        return [frozenset(self.by.get(turn, ())) for turn in turns]

    async def review(self, turn: str, at: float, reader: str, score: Score) -> str:
        self.by.setdefault(turn, []).append(reader)
        return "taken"

    async def note(self, look: Look) -> None:
        if self.away:
            raise StoreAway
        self.noted.append(look)


def reviewing(most: int) -> tuple[Reviewing, Notebook, Assistant]:
    notebook = Notebook(most)
    found = Reviewing({"rh": cast("Any", Queue())}, {"rh": cast("Any", notebook)}, lambda: NOW)
    return found, notebook, Assistant(upstream="http://u", name="rh", reviews=Reviews(share=1.0, reviewers=most))


@pytest.mark.parametrize(("most", "left"), [(1, [None, None]), (2, [None, "c1.a1"])])
async def test_an_answer_goes_to_as_many_reviewers_as_are_asked_for(most: int, left: list[str | None]) -> None:
    queue, notebook, rh = reviewing(most)
    for waiting in (2, 1):
        sample, count = await queue.next(rh, "anna")
        assert sample is not None
        assert count == waiting
        assert await queue.score(rh, "anna", sample.id, {answer.id: "correct" for answer in sample.answers}) == 1
    found = [(await queue.next(rh, reader))[0] for reader in ("anna", "paul")]
    assert [each and each.id for each in found] == left
    assert [look.action for look in notebook.noted][:4] == ["seen", "scored", "seen", "scored"]


async def test_nothing_is_shown_where_the_look_can_not_be_noted() -> None:
    queue, notebook, rh = reviewing(1)
    notebook.away = True
    with pytest.raises(Unavailable):
        await queue.next(rh, "anna")
    with pytest.raises(Unavailable):
        await queue.score(rh, "anna", "c1.a1", {"a1": "wrong"})
    assert notebook.by == {}


async def test_a_session_that_is_over_takes_no_score() -> None:
    queue, _, rh = reviewing(1)
    assert await queue.score(rh, "anna", "c9.a1", {"a1": "wrong"}) is None


async def test_a_key_that_can_not_be_read_leaves_figures_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rh = Assistant(upstream="http://u", name="rh", reviews=Reviews(share=1.0, key_file=str(tmp_path / "gone")))
    scoring = Scoring((rh,), cast("Any", None), ListPrices(), lambda: NOW)
    assert "no answers are scored" in caplog.text
    assert scoring.wanted == set()
    with pytest.raises(Unavailable):
        await scoring.reviewing.next(rh, "anna")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_rubrics_that_ship_name_each_score(language: str) -> None:
    text = rubric(language)
    assert [score for score in SCORES if f'"{score}"' not in text] == []
    assert '{"score": "correct"}' in text
