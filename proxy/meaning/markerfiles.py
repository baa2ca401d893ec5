"""Marker files, compiled from plain data: every fault told at once, words expanded into patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, cast, get_args

from proxy.kpi.events import MarkKind
from proxy.meaning.markers import MarkerFile, Rule, Side
from proxy.meaning.patterns import Pattern
from proxy.meaning.tables import Fault, RulesError, Table

_WORD: Final = re.compile(r"\{([a-z][a-z_-]*)\}")


def compile_markers(raw: Mapping[str, object]) -> dict[str, MarkerFile]:
    """Compile marker files from plain data, keyed by name; raises `RulesError` with every fault of every file."""
    faults: list[Fault] = []
    files = {name: _file(name, Table(value, name, faults)) for name, value in raw.items()}
    if faults:
        raise RulesError(tuple(faults))
    return files


def _file(file: str, table: Table) -> MarkerFile:
    name = file.rpartition("/")[2].removesuffix(".yaml")  # rule ids name the file, not where it is
    given = table.table("words")
    words: dict[str, str] = {}
    for key in given.every():
        if (text := _expanded(given, key, given.text(key), words)) is not None:
            words[key] = text
    tools = table.table("tools")
    examples = table.raw("examples")
    compiled = MarkerFile(
        id=name,
        title=table.text("title", needed=True),
        assistant=_side(name, table, "assistant", words),
        user=_side(name, table, "user", words),
        tools_never=_patterns(tools, "never", words),
        tools=_rules(name, tools, words),
        examples=examples if isinstance(examples, dict) else {},
    )
    tools.close()
    table.close()
    return compiled


def _side(name: str, parent: Table, speaker: Literal["assistant", "user"], words: Mapping[str, str]) -> Side | None:
    if parent.raw(speaker) is None:
        return None
    table = parent.table(speaker)
    offered = table.table("offered")
    rules = _rules(name, table, words)
    offers = tuple(
        Rule("handover_offered", f"{name}/{key}", pattern)
        for key in offered.every()
        if (pattern := _pattern(offered, key, offered.text(key), words))
    )
    side = Side(
        source="phrase_assistant" if speaker == "assistant" else "phrase_user",
        rules=rules,
        remove=_patterns(table, "remove", words),
        never=_patterns(table, "never", words),
        draft=_patterns(table, "draft", words),
        negation=_patterns(table, "negation", words),
        offer=_patterns(table, "offer", words),
        offered=offers,
        whole=table.choice("unit", ("sentence", "text"), "sentence") == "text",
    )
    table.close()
    return side


def _rules(name: str, table: Table, words: Mapping[str, str]) -> tuple[Rule, ...]:
    """Every key of the table that is a kind of mark holds rules, by name."""
    rules: list[Rule] = []
    for kind in get_args(MarkKind):
        if table.raw(kind) is not None:
            patterns = table.table(kind)
            rules += [
                Rule(cast("MarkKind", kind), f"{name}/{key}", pattern)
                for key in patterns.every()
                if (pattern := _pattern(patterns, key, patterns.text(key), words))
            ]
    return tuple(rules)


def _patterns(table: Table, key: str, words: Mapping[str, str]) -> tuple[Pattern, ...]:
    return tuple(pattern for text in table.texts(key) if (pattern := _pattern(table, key, text, words)))


def _pattern(table: Table, key: str, text: str, words: Mapping[str, str]) -> Pattern | None:
    expanded = _expanded(table, key, text, words)
    return None if expanded is None else table.compiled(key, expanded, Pattern)


def _expanded(table: Table, key: str, text: str, words: Mapping[str, str]) -> str | None:
    if missing := [word for word in _WORD.findall(text) if word not in words]:
        table.fault(key, f'no word "{missing[0]}" in "words"')
        return None
    return _WORD.sub(lambda match: words[match.group(1)], text)
