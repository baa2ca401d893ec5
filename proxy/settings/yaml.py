"""The only reader of YAML: settings, presets and markers all come through `read_yaml`.

What comes back is JSON-like: None, bool, int, float, str, list, dict. YAML 1.1's surprises are off: only `true` and
`false` are booleans (`no` is a word, and Norway), `10:30` is text, dates stay text, `0x` and octal are text. Merge keys
and anchors work. Duplicate keys are refused, since the first would be lost silently.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml


class YamlError(ValueError):
    """A text that is no YAML document, with the place where that shows. `line` and `column` count from 1; 0: not known."""

    def __init__(self, name: str, line: int, column: int, what: str) -> None:
        super().__init__(f"{name}:{line}:{column}: {what}" if line else f"{name}: {what}")
        self.name = name
        self.line = line
        self.column = column
        self.what = what


class _Loader(yaml.SafeLoader):
    """SafeLoader with its own idea of plain scalars, and without lost keys.

    The loader in C is several times faster and ends the process on some 100,000 open brackets; this one raises.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own attribute, filled below

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build one mapping; raises ConstructorError for a key that came before."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key.start_mark)
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, f'the key "{key.value}" is here twice', key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9_]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9]+|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("merge", r"^<<$", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), [*_first, *([""] if _tag == "null" else [])])

_Loader.yaml_constructors = {
    tag: constructor
    for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in ("null", "bool", "int", "float", "str", "seq", "map")
}


def read_yaml(text: str, name: str) -> object:
    """Read one document; raises `YamlError`. `name` is how messages call the text, a file name as a rule."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader is a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise YamlError(name, mark.line + 1 if mark else 0, mark.column + 1 if mark else 0, what) from error
    except yaml.YAMLError as error:
        raise YamlError(name, 0, 0, " ".join(str(error).split())) from error
    except (ValueError, LookupError, RecursionError) as error:  # a tag that its text belies ("!!int x"); brackets by the thousand
        raise YamlError(name, 0, 0, "a value that can't be read, or nesting that is too deep") from error
