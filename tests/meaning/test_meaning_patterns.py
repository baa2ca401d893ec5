"""Patterns: what the words of many say of a text."""

from __future__ import annotations

import gc
import random
import string

import pytest

from proxy.meaning.patterns import Filter, Pattern, unbound

RULES = (r"\bje (?:vais|peux)\b.{0,20}?\btransfer", r"\b(?:agent|conseiller)s?\b", r"^ok$", r"merci .*beaucoup")


def test_the_words_of_each_pattern():
    words = Filter([Pattern(text) for text in RULES])
    assert words.may(b"bonjour") == [2]  # no run of three letters: always
    assert words.may(b"un agent, merci beaucoup") == [1, 2, 3]
    assert words.may(b"transferer ? je vais voir") == [0, 2]


def test_no_pattern_may_occur_without_patterns():
    assert Filter([]).may(b"ok") == []


def test_more_words_than_fit_at_once():
    letters = random.Random(7)
    lists = [["".join(letters.choices(string.ascii_lowercase, k=80)) for _ in range(size)] for size in (30, 2000, 40, 50)]
    words = Filter([Pattern("|".join(each)) for each in lists])
    assert words.may(f"{lists[0][5]} {lists[3][7]}".encode()) == [0, 1, 3]  # the second has too many: always
    assert words.may(lists[2][9].encode()) == [1, 2]


def test_patterns_outlive_the_filter_that_compiled_them():
    patterns = [Pattern(text) for text in RULES]
    assert Filter(patterns).may(b"un agent") == [1, 2]
    gc.collect()
    assert [pattern.hits(b"un conseiller, merci encore beaucoup") for pattern in patterns] == [False, True, False, True]
    assert patterns[1].without(b"un agent", b"~") == b"un ~"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("^ok$", b"is ok now"),
        (r"(?:^|, )oui(?: merci)?[^a-z]*$", b"mais oui merci bien"),
        (r"a[$^]b\$$", b"a^b$ c"),
        (r"[]^a]\^$", b"]^ c"),
    ],
)
def test_without_its_bounds_a_pattern_hits_anywhere(text: str, plain: bytes):
    assert not Pattern(text).hits(plain)
    assert unbound(Pattern(text)).hits(plain)


def test_a_pattern_without_bounds_is_itself():
    pattern = Pattern(r"[^a-z]ok\$")
    assert unbound(pattern) is pattern
