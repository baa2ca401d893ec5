"""Compiled expressions are JMESPath: equal to the library on any document, for every expression that presets use."""

from __future__ import annotations

import json
from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from proxy.meaning.functions import Unreadable
from proxy.meaning.paths import ExpressionError, compile_expression
from proxy.settings.files import raw_presets

UNREADABLE = "unreadable"


def expressions_of(value: object) -> set[str]:
    """Every text in a preset that both parse as an expression."""
    if isinstance(value, str):
        try:
            jmespath.compile(value)
        except JMESPathError:
            return set()
        return {value}
    if isinstance(value, dict):
        return {found for key, item in value.items() if key != "examples" for found in expressions_of(item)}
    return {found for item in value for found in expressions_of(item)} if isinstance(value, list) else set()


SHAPES = [
    "a",
    "a.b",
    "a[0]",
    "a[-1].b",
    "@",
    "a || b",
    "a && b",
    "!a",
    "a == b",
    "a != 'x'",
    "a == `1`",
    "a == `true`",
    "`null` == a",
    "a[*].b",
    "a[].b",
    "a[][]",
    "a[?b]",
    "a[?b=='x'].a",
    "a | [0]",
    "a[*].b | [0]",
    "[a, b]",
    "a.[b]",
    "type(a)",
    "join(' ', a)",
    "join(a, b)",
    "contains(a, b)",
    "contains(['x', 'y'], a || '')",
    "starts_with(a, 'x')",
    "ends_with(a || '', 'y')",
    "sum(a)",
    "keys(@)",
    "keys(a)",
    "not_null(a, b, `1`)",
    "a[1:]",
    "a.*",
    "{x: a}",
    "length(a)",
    "a < b",
    "max(a)",
    "sort_by(a, &b)",
    "a[?b > `1`]",
    "(a || b).a",
    "a && b || `null`",
    "[?a].b",
    "a[0][1]",
    "*.a",
    "to_string(a)",
    "a[?type(b)=='string']",
]
EXPRESSIONS = sorted({*SHAPES, *(found for preset in raw_presets().values() for found in expressions_of(preset))})
WORDS = sorted(
    {
        "a",
        "b",
        "x",
        *(word for text in EXPRESSIONS for word in text.replace(".", " ").replace("|", " ").split() if word.isidentifier()),
    }
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.0, 1.0, 1.5]),
    st.sampled_from(["", "x", "y", "xy", "text", "user", "message"]),
)
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)),
    max_leaves=20,
)


def ours(text: str, document: Any) -> Any:
    try:
        return compile_expression(text)(document)
    except Unreadable:
        return UNREADABLE


def theirs(text: str, document: Any) -> Any:
    try:
        return jmespath.search(text, document)
    except (JMESPathError, TypeError, ValueError, AttributeError):
        return UNREADABLE


@settings(max_examples=1500)
@given(st.sampled_from(EXPRESSIONS), documents)
def test_closures_are_jmespath(text, document):
    expected = theirs(text, document)
    assert json.dumps(ours(text, document), sort_keys=True) == json.dumps(expected, sort_keys=True)


@given(st.sampled_from(SHAPES), st.sampled_from(SHAPES), st.sampled_from([" || ", " && ", " | "]), documents)
def test_combinations_are_jmespath(left, right, operator, document):
    text = f"({left}){operator}({right})"
    assert json.dumps(ours(text, document), sort_keys=True) == json.dumps(theirs(text, document), sort_keys=True)


@pytest.mark.parametrize("text", ["", "a.", "a[", "a.(b || c)", "nope(", "'"])
def test_what_is_no_expression_is_an_error(text):
    with pytest.raises(ExpressionError):
        compile_expression(text)


def test_a_result_does_not_alias_a_later_one():
    flatten = compile_expression("a[].b")
    document = {"a": [{"b": 1}]}
    flatten(document).append(2)
    assert flatten(document) == [1]
