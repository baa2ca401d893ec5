"""What is sifted out of a preset's rules would have found nothing, whatever the event; and no event makes what is kept grow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.meaning.functions import Unreadable, false
from proxy.meaning.paths import compile_expression, parsed
from proxy.meaning.presets import compile_presets
from proxy.meaning.rules import AnswerRules
from proxy.meaning.sieve import FIELDS, OUTLINES, Sieve, may_hold
from proxy.settings.files import raw_presets

SHIPPED = compile_presets(raw_presets())
PRESETS = {name: preset for name, preset in SHIPPED.items() if preset.event.trees}


def words(tree: Any) -> Iterator[str]:
    """Every field and text that an expression names."""
    if isinstance(tree, dict):
        if type(tree.get("value")) is str:
            yield tree["value"]
        for child in tree["children"]:
            yield from words(child)


def values(rules: AnswerRules) -> st.SearchStrategy[Any]:
    """Events of the fields and the texts that the rules look for, in places where they are looked for and elsewhere."""
    names = st.sampled_from(sorted({word for tree in rules.trees.values() for word in words(tree)}))
    leaves = st.none() | st.booleans() | st.integers(0, 1) | names | st.just("")
    inner = st.recursive(leaves, lambda deep: st.lists(deep, max_size=2) | st.dictionaries(names, deep, max_size=4), max_leaves=8)
    return st.dictionaries(names, inner, max_size=6) | inner


def found(rules: AnswerRules, value: Any) -> dict[str, Any]:
    """What the rules find in a value, by key."""
    single = {name: getattr(rules, name) for name in ("text", "message", "whole", "final", "terminal")}
    getters = {**single, **dict(rules.facts), **{f"marks.{kind}": getter for kind, getter in rules.marks}}
    seen = {}
    for key, getter in getters.items():
        try:
            seen[key] = getter(value) if getter is not None else None
        except Unreadable:
            seen[key] = "unreadable"
    return {key: value for key, value in seen.items() if not false(value)}


SHAPES = [
    condition
    for preset in SHIPPED.values()
    for shape in (preset.shape, *[skip.shape for skip in preset.skips], *[rules.shape for rules in preset.feedback])
    for condition in shape
]


@given(st.data())
@settings(max_examples=200)
def test_no_shape_holds_that_its_fields_ruled_out(data):
    condition = data.draw(st.sampled_from(SHAPES))
    names = st.sampled_from(sorted(set(words(condition.tree))))
    value = data.draw(st.dictionaries(names, st.none() | st.just([]) | st.just({}) | names | st.integers(0, 1), max_size=4))
    try:
        holds = not false(condition.holds(value))
    except Unreadable:
        holds = False
    assert may_hold(condition.tree, value) or not holds


@pytest.mark.parametrize(
    ("text", "fields", "may"),
    [
        ("type(messages)=='array'", {"prompt"}, False),
        ("type(messages)=='array'", {"messages"}, True),
        ("type(messages)=='null'", {"prompt"}, True),
        ("inputs != null", {"messages"}, False),
        ("inputs != null", {"inputs"}, True),
        ("inputs != 'a'", {"messages"}, True),
        ("jsonrpc && contains(['ping'], method || '')", {"method"}, False),
        ("@ == `{}`", set(), True),
    ],
)
def test_fields_that_a_shape_needs(text, fields, may):
    assert may_hold(parsed(text), fields) is may


@pytest.mark.parametrize("name", PRESETS)
@given(st.data())
@settings(max_examples=60)
def test_what_is_left_out_would_have_found_nothing(name, data):
    rules = PRESETS[name].event
    value = data.draw(values(rules))
    assert found(Sieve(rules).fitting(value), value) == found(rules, value)


def rules(**facts: str) -> AnswerRules:
    return AnswerRules(
        facts=tuple((fact, compile_expression(text)) for fact, text in facts.items()),
        trees={fact: parsed(text) for fact, text in facts.items()},
    )


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({}, ["tools"]),
        ({"usage": None}, ["tokens_in", "tools"]),
        ({"type": "error"}, ["error", "tools"]),
        ({"type": "error", "usage": {}}, ["tokens_in", "error", "tools"]),
        ({"type": ["error"]}, ["tools"]),
        ([], ["tokens_in", "error", "tools"]),
    ],
)
def test_fields_and_kind_say_which_rules_are_asked(value, left):
    sieve = Sieve(rules(tokens_in="usage.prompt", error="type=='error' && code", tools="sum(counts)"))
    assert [fact for fact, _ in sieve.fitting(value).facts] == left


def test_fields_of_the_object_that_most_rules_read_say_it_too():
    sieve = Sieve(rules(a="choices[0].delta.a", b="choices[0].delta.b[].c", c="choices[0].delta.c", d="choices[0].d"))
    assert [fact for fact, _ in sieve.fitting({"choices": [{"delta": {"b": 1}}]}).facts] == ["b", "d"]
    assert [fact for fact, _ in sieve.fitting({"choices": [{"delta": None}]}).facts] == ["d"]


def test_an_outline_is_sifted_once_and_only_so_many_are_kept():
    sieve = Sieve(rules(error="type=='error' && code"))
    assert sieve.fitting({"type": "x"}) is sieve.fitting({"type": "x"})
    assert sieve.fitting({"type": "x"}).facts == ()
    for at in range(OUTLINES):
        sieve.fitting({f"field {at}": 1})
    assert sieve.fitting({"other": 1}).facts != ()


@pytest.mark.parametrize("value", [{str(at): 1 for at in range(FIELDS)}, {"x" * (FIELDS + 1): 1}, {"type": "x" * (FIELDS + 1)}])
def test_long_outlines_are_not_kept(value):
    assert Sieve(rules(error="type=='error' && code")).fitting(value).facts != ()
