"""Texts, numbers and dates in both languages."""

from __future__ import annotations

import re
import string
from datetime import date

import pytest

from proxy.words import formats
from proxy.words.catalogue import CATALOGUE, Words


@pytest.mark.parametrize("key", CATALOGUE)
def test_each_sentence_is_there_in_both_languages_with_the_same_values(key: str) -> None:
    english, french = CATALOGUE[key]
    assert english.strip()
    assert french.strip()
    names = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in (english, french)]
    assert names[0] == names[1]
    loose = french.replace("[::1]", "")  # an address
    assert not re.findall(r"(?<!\u202f)[:;!?»%]|«(?!\u202f)|'", loose), french


def test_an_unknown_reason_is_said_in_general_words() -> None:
    assert Words("en").reason("something_new") == CATALOGUE["reason.other"][0]
    assert Words("fr").reason(None) == CATALOGUE["reason.other"][1]


@pytest.mark.parametrize(
    ("share", "english", "french"),
    [
        (0.6239, "62.4%", "62,4\u202f%"),
        (1.0, "100%", "100\u202f%"),
        (0.99999, "99.9%", "99,9\u202f%"),
        (0.00001, "0.1%", "0,1\u202f%"),
        (0.0, "0%", "0\u202f%"),
        (-0.819, "−81.9%", "−81,9\u202f%"),
    ],
)
def test_percent(share: float, english: str, french: str) -> None:
    assert (formats.percent(share, "en"), formats.percent(share, "fr")) == (english, french)


def test_percent_ranges() -> None:
    assert formats.percents(0.5, 0.8, "en", 0) == "50–80%"
    assert formats.percents(0.0, 1.0, "fr") == "0–100\u202f%"


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0.0321, "32\u00a0ms", "32\u00a0ms"),
        (1.234, "1.23\u00a0s", "1,23\u00a0s"),
        (9.99, "10.0\u00a0s", "10,0\u00a0s"),
        (125.2, "2\u00a0min\u00a05\u00a0s", "2\u00a0min\u00a05\u00a0s"),
        (119.9, "2\u00a0min", "2\u00a0min"),
    ],
)
def test_seconds(value: float, english: str, french: str) -> None:
    assert (formats.seconds(value, "en"), formats.seconds(value, "fr")) == (english, french)


def test_numbers_and_days() -> None:
    assert formats.number(1234567.5, "fr", 1) == "1\u202f234\u202f567,5"
    assert formats.limit(10.0, "en") == "10\u00a0s"
    assert formats.limit(2.5, "fr") == "2,5\u00a0s"
    assert formats.full_day(date(2026, 2, 1), "fr") == "1er\u00a0févr.\u00a02026"
    assert formats.full_day(date(2026, 2, 1), "en") == "1\u00a0Feb\u00a02026"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr", "fr"),
        ("fr-CA;q=0.5, en;q=0.4", "fr"),
        ("de, en;q=0.2, fr;q=0.1", "en"),
        ("fr;q=0", "en"),
        ("", "en"),
        ("de", "en"),
        ("fr;q=abc, ;;;,,", "en"),
    ],
)
def test_preferred_language(header: str, language: str) -> None:
    assert formats.preferred(header) == language
