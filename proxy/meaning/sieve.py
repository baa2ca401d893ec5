"""Which of a preset's rules can find anything in an event: its fields say so, and the kind that it says it is of.

A stream asks a dozen expressions of each of its events, and nearly all of its events are alike. What is left of the rules for
an event of certain fields and kind is found out once, from the parsed expressions: `usage.prompt_tokens` finds nothing where
there is no `usage`, nor `type=='error' && code` where the type is another. A rule is only left out where it would have found
null or false; a property test holds the two equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from proxy.meaning.closures import Getter
from proxy.meaning.closures import path as path_of
from proxy.meaning.functions import false
from proxy.meaning.paths import Tree, names_of
from proxy.meaning.rules import AnswerRules

OUTLINES: Final = 256
"""Outlines remembered of one preset. APIs have some dozens of kinds of events; who sends more pays for them with time."""

FIELDS: Final = 32
"""Fields of an event, and characters of one or of a kind, up to which its outline is remembered: some 2 KiB each."""

SHARED: Final = 3
"""Rules that read fields of one object, from which on it is worth a look whether it has them."""

Path = tuple[str | int, ...]

_CHAINS: Final = ("subexpression", "index_expression", "pipe")
_PROJECTIONS: Final = ("projection", "filter_projection", "value_projection", "flatten")


class Sieve:
    """The rules for the events of one preset."""

    def __init__(self, rules: AnswerRules) -> None:
        self._rules = rules
        self._kind_at = _kind_at(rules.trees.values())
        self._kind: Getter = path_of(self._kind_at) if self._kind_at else _nothing
        self._inner_at = _inner_at(rules.trees.values())
        self._inner: Getter = path_of(self._inner_at) if self._inner_at else _nothing
        self._fitting: dict[tuple[Any, ...], AnswerRules] = {}

    def fitting(self, value: Any) -> AnswerRules:
        """The rules that may find something in a value."""
        if type(value) is not dict:
            return self._rules
        kind = self._kind(value)
        if type(kind) is not str:
            kind = None  # equal to no text
        inner = self._inner(value)
        outline = (kind, *value) if type(inner) is not dict else (kind, *value, None, *inner)
        found = self._fitting.get(outline)
        if found is not None:
            return found
        told = _Outline(value.keys(), self._kind_at, kind, self._inner_at, inner.keys() if type(inner) is dict else ())
        return self._sifted(outline, told)

    def _sifted(self, outline: tuple[str | None, ...], told: _Outline) -> AnswerRules:
        if len(self._fitting) >= OUTLINES or len(outline) > FIELDS or any(len(word or "") > FIELDS for word in outline):
            return self._rules
        rules, trees = self._rules, self._rules.trees

        def may(key: str) -> bool:
            return key not in trees or told.may(trees[key])

        sifted = self._fitting[outline] = msgspec.structs.replace(
            rules,
            text=rules.text if may("text") else None,
            message=rules.message if may("message") else None,
            whole=rules.whole if may("whole") else None,
            final=rules.final if may("final") else None,
            terminal=rules.terminal if may("terminal") else None,
            facts=tuple((fact, getter) for fact, getter in rules.facts if may(fact)),
            marks=tuple((kind, getter) for kind, getter in rules.marks if may(f"marks.{kind}")),
        )
        return sifted


def may_hold(tree: Tree, fields: Collection[str]) -> bool:
    """Whether an expression may find something in an object of these fields; false: it surely finds null or false."""
    return _Outline(fields, (), None, (), ()).may(tree)


class _Outline(msgspec.Struct, frozen=True):
    """What is known of an event: its fields, those of an object in it, and the text that says its kind, None for none."""

    fields: Collection[str]
    kind_at: Path
    kind: str | None
    inner_at: Path
    inner: Collection[str]

    def may(self, tree: Tree) -> bool:
        """Whether an expression may find something; false: it surely finds null or false."""
        children = tree["children"]
        match tree["type"]:
            case "field":
                return tree["value"] in self.fields
            case "literal":
                return not false(tree["value"])
            case "and_expression":
                return self.may(children[0])
            case "or_expression":
                return any(map(self.may, children))
            case "comparator" if (compared := _compared(tree)) is not None:
                at, text = compared
                return at[0] in self.fields and (at != self.kind_at or text == self.kind)
            case "comparator" if wanted := _wanted(tree):
                return any(name in self.fields for name in wanted)
            case step if step in _CHAINS:
                depth = len(self.inner_at)
                if (
                    depth
                    and (names := _plain(tree))[:depth] == self.inner_at
                    and len(names) > depth
                    and names[depth] not in self.inner
                ):
                    return False
                return self.may(children[0]) or not all(map(_passes_null, children[1:]))
            case step if step in _PROJECTIONS:
                return self.may(children[0])
        return True


def _nothing(_: Any) -> None:
    return None


def _passes_null(tree: Tree) -> bool:
    """Whether an expression finds null or false in null and in false."""
    match tree["type"]:
        case "field" | "index" | "identity" | "current":
            return True
        case "and_expression":
            return _passes_null(tree["children"][0])
        case "or_expression":
            return all(map(_passes_null, tree["children"]))
        case step if step in _CHAINS:
            return all(map(_passes_null, tree["children"]))
        case step if step in _PROJECTIONS:
            return _passes_null(tree["children"][0])
    return False


def _plain(tree: Tree) -> Path:
    """The path that an expression is, empty for any other."""
    if tree["type"] == "field":
        return (tree["value"],)
    return tuple(names_of(tree) or ()) if tree["type"] in _CHAINS else ()


def _compared(tree: Tree) -> tuple[Path, str] | None:
    """Path and text of a comparison such as `data.event=='end'`, None for any other."""
    left, right = tree["children"]
    names = _plain(left)
    if (
        tree["value"] != "eq"
        or not names
        or type(names[0]) is not str
        or right["type"] != "literal"
        or type(right["value"]) is not str
    ):
        return None
    return names, right["value"]


def _wanted(tree: Tree) -> tuple[str, ...]:
    """Fields of which one has to be there for `type(path)=='array'` or `one != other`; empty for any other comparison."""
    left, right = tree["children"]
    match left["type"], tree["value"]:
        case "function_expression", "eq" if left["value"] == "type" and right["type"] == "literal" and right["value"] != "null":
            paths = [_plain(left["children"][0])]
        case _, "ne":
            paths = [_plain(left), _plain(right)]  # null is a field that nothing has
        case _:
            return ()
    return tuple([str(names[0]) for names in paths]) if all(names and type(names[0]) is str for names in paths) else ()


def _inner_at(trees: Iterable[Tree]) -> Path:
    """The deepest object of which three rules or more read a field; empty where there is none."""
    seen = Counter(names[:-1] for tree in trees if len(names := _read(tree)) > 1 and type(names[-1]) is str)
    return max((at for at, count in seen.items() if count >= SHARED), key=len, default=())


def _read(tree: Tree) -> Path:
    """The path at which an expression begins."""
    if names := _plain(tree):
        return names
    return _read(tree["children"][0]) if tree["type"] in _PROJECTIONS or tree["type"] in _CHAINS else ()


def _kind_at(trees: Iterable[Tree]) -> Path:
    """Where events say of which kind they are: what most comparisons look at; empty where there are none."""
    seen = Counter(compared[0] for tree in trees for node in _nodes(tree) if (compared := _compared(node)) is not None)
    return seen.most_common(1)[0][0] if seen else ()


def _nodes(tree: Tree) -> Iterator[Tree]:
    """Every comparison in an expression that is made on the event itself."""
    if tree["type"] == "comparator":
        yield tree
    children: list[Tree] = tree["children"]
    for child in children[:1] if tree["type"] in (*_CHAINS, *_PROJECTIONS) else children:
        if isinstance(child, Mapping):
            yield from _nodes(child)
