"""Halves of a turn that came by several exchanges: bounded, found by what they name, of one assistant, and never mixed."""

from __future__ import annotations

from typing import Any

from proxy.meaning.spoken import ANSWER, Spoken
from proxy.observer.halves import OPEN, PATIENCE, QUIET, Halves


def half(turn: str, conversation: str = "c", **changed: Any) -> Spoken:
    values = {"assistant": "rh", "at": 1.0, "user": None, "place": 0.0, "question": "", "answer": "", **changed}
    return Spoken(turn=turn, conversation=conversation, **values)


def asked(turn: str, conversation: str = "c", **changed: Any) -> Spoken:
    return half(turn, conversation, question="Why?", **changed)


def piece(answer: str, conversation: str = "c", **changed: Any) -> Spoken:
    return half(f"answer {answer}", conversation, answer=answer, **{"follows": (conversation,), **changed})


def words(found: list[Spoken]) -> list[tuple[str, str]]:
    return [(each.turn, each.answer) for each in found]


def test_pieces_make_an_answer_once_it_has_been_quiet() -> None:
    halves = Halves()
    assert halves.ask(asked("t"), 0.0) is None
    for at, text in ((1.0, "a"), (3.0, "b")):
        halves.answer(piece(text), at, early=True)
    assert (halves.answered, halves.whole(3.0 + QUIET - 0.1)) == (True, [])
    assert words(halves.whole(3.0 + QUIET)) == [("t", "a\nb")]
    assert (halves.answered, halves.whole(99.0)) == (False, [])


def test_the_next_question_makes_the_answer_before_it_whole() -> None:
    halves = Halves()
    halves.ask(asked("t"), 0.0)
    halves.answer(piece("a"), 1.0, early=True)
    before = halves.ask(asked("u", at=2.0), 2.0)
    assert before is not None
    assert words([before]) == [("t", "a")]
    halves.answer(piece("b"), 3.0, early=True)
    assert words(halves.whole(99.0)) == [("u", "b")]


def test_a_piece_goes_to_the_question_that_it_names() -> None:
    halves = Halves()
    halves.ask(asked("t", names=("m1",)), 0.0)
    halves.ask(asked("u", names=("m2",)), 1.0)
    halves.answer(piece("late", follows=("m1",)), 2.0, early=True)
    halves.answer(piece("of nothing known", follows=("m0",)), 2.0, early=True)
    halves.answer(piece("of another assistant", assistant="it", follows=("m2",)), 2.0, early=False)
    assert words(halves.whole(99.0)) == [("t", "late")]


def test_an_early_piece_waits_for_its_question_and_an_old_one_is_nobodys() -> None:
    halves = Halves()
    halves.answer(piece("hello, how can I help?", "d", at=1.0), 1.0, early=True)
    halves.answer(piece("a", "c", at=2.0), 2.0, early=True)
    halves.answer(piece("not sampled", "e", at=2.0), 2.0, early=False)
    assert not halves.answered
    for turn, conversation, at in (("t", "c", 1.5), ("u", "d", 1.5), ("v", "e", 1.5)):
        assert halves.ask(asked(turn, conversation, at=at), 3.0) is None
    assert words(halves.whole(99.0)) == [("t", "a")]


def test_questions_are_held_for_so_long_and_so_many() -> None:
    halves = Halves()
    for n in range(OPEN + 1):
        halves.ask(asked(f"t{n}", f"c{n}"), 0.0)
    for n in (0, 1):
        halves.answer(piece("a", f"c{n}"), 1.0, early=False)
    assert words(halves.whole(99.0)) == [("t1", "a")]
    halves.answer(piece("too late", "c2"), PATIENCE + 1.0, early=False)
    assert not halves.answered


def test_an_answer_in_many_pieces_is_cut() -> None:
    halves = Halves()
    halves.ask(asked("t"), 0.0)
    for _ in range(3):
        halves.answer(piece("x" * (ANSWER // 2)), 1.0, early=True)
    assert len(halves.whole(99.0)[0].answer) == ANSWER
