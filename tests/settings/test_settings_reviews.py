"""Reviews and the judge: what they need before they start, told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.settings.model import Settings
from tests.settings.one import one_or_faults


def test_both_are_off_until_a_share_is_given() -> None:
    found = one_or_faults("preset: auto")
    assert isinstance(found, Settings)
    assert not found.assistants[0].reviews.on
    assert not found.assistants[0].judge.on


def test_what_is_whole_is_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("ab" * 32 + "\n")
    found = one_or_faults(
        "reviews: {share: 5%, key_file: key, keep: 30d, reviewers: 2}, "
        "judge: {share: 0.2, url: 'https://api.example.org/v1', model: m}",
        tmp_path,
    )
    assert isinstance(found, Settings)
    assistant = found.assistants[0]
    assert (assistant.reviews.share, assistant.reviews.key_file) == (0.05, str(tmp_path / "key"))
    assert (assistant.judge.share, assistant.judge.day_tokens) == (0.2, 100_000)


@pytest.mark.parametrize(
    "value", ["{list_prices: true, currency: USD}", "{prices: [{from: 2026-01-01, model: 'm*', input: 1, output: 2}]}"]
)
def test_money_is_limited_where_the_model_has_a_price(value: str) -> None:
    found = one_or_faults(f"judge: {{share: 5%, url: 'https://x/v1', model: m-1, day_cost: 0.5}}, value: {value}")
    assert isinstance(found, Settings)
    assert found.assistants[0].judge.day_cost == 0.5


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("reviews: {share: 5%}", "reviews.key_file", "openssl rand -hex 32"),
        ("reviews: {share: 5%, key_file: none}", "reviews.key_file", "there is no file"),
        ("reviews: {share: 5%, key_file: short}", "reviews.key_file", "64 hex digits"),
        ("reviews: {share: 101%}", "reviews.share", "101"),
        ("reviews: {keep: 31d}", "reviews.keep", "30 days"),
        ("reviews: {daily: 0}", "reviews.daily", "within 1"),
        ("reviews: {reviewers: 3}", "reviews.reviewers", "neither 1 nor 2"),
        ("judge: {share: 5%, model: m}", "judge.url", "no base URL"),
        ("judge: {share: 5%, url: 'ftp://x', model: m}", "judge.url", "no base URL"),
        ("judge: {share: 5%, url: 'https://user:secret@x/v1', model: m}", "judge.url", "no base URL"),
        ("judge: {share: 5%, url: 'https://x/v1'}", "judge.model", "missing"),
        ("judge: {together: 9}", "judge.together", "within 1 and 2"),
        ("judge: {attempts: 0}", "judge.attempts", "within 1"),
        ("judge: {timeout: 100ms}", "judge.timeout", "shorter than 1 s"),
        ("judge: {month_tokens: -1}", "judge.month_tokens", "negative"),
        ("judge: {day_cost: -0.5}", "judge.day_cost", "negative"),
        (
            (
                "judge: {share: 5%, url: 'https://x/v1', model: m, month_cost: 9}, "
                "value: {prices: [{from: 2026-01-01, model: gpt*, input: 1, output: 2}]}"
            ),
            "judge.month_cost",
            "m has no price",
        ),
        ("judge: {rubric: none}", "judge.rubric", "there is no file"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, path: str, said: str) -> None:
    (tmp_path / "short").write_text("abc")
    found = one_or_faults(text, tmp_path)
    assert isinstance(found, dict)
    assert said in found[path]
