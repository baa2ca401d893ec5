"""Strict reading of plain data from YAML: every fault is noted with its path, and reading goes on.

Rules are read all or nothing: whoever reads a file asks `Faults` at the end and gets one `RulesError` with everything that
is wrong in it, because an operator wants to mend a file once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong in a rules file. `suggestion` may be empty."""

    path: str
    message: str
    suggestion: str = ""


class RulesError(ValueError):
    """Presets or markers that can't be used, with all their faults."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in faults))
        self.faults = faults


def nearest(word: str, words: Collection[str]) -> str:
    """Advice for a misspelt word, "" without a near one."""
    near = difflib.get_close_matches(word, sorted(words), 1)
    return f'did you mean "{near[0]}"?' if near else ""


class Table:
    """A mapping being read. Each `take` names a known key; `close` notes the keys that nobody took."""

    def __init__(self, value: object, path: str, faults: list[Fault]) -> None:
        self.path = path
        self.faults = faults
        self._known: set[str] = set()
        self._values: dict[str, Any] = {}
        if isinstance(value, Mapping):
            self._values = {str(key): item for key, item in value.items()}
        else:
            self.fault("", f"a mapping is needed, not {_kind(value)}")

    def fault(self, key: str, message: str, suggestion: str = "") -> None:
        """Note a fault at a key of this table."""
        path = self.path if not key else key if not self.path else key if key.startswith("[") else f"{self.path}.{key}"
        self.faults.append(Fault(path, message, suggestion))

    def raw(self, key: str) -> Any:
        """Whatever stands at the key, None when it is absent."""
        self._known.add(key)
        return self._values.get(key)

    def text(self, key: str, *, needed: bool = False) -> str:
        """A string, "" when absent."""
        value = self.raw(key)
        if value is None:
            if needed and key not in self._values:
                self.fault(key, "is missing")
            return ""
        if not isinstance(value, str):
            self.fault(key, f"text is needed, not {_kind(value)}")
            return ""
        return value

    def flag(self, key: str) -> bool:
        """Read true or false; false when absent."""
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            self.fault(key, f"true or false is needed, not {_kind(value)}")
        return value is True

    def choice(self, key: str, choices: Collection[str], default: str) -> str:
        """One of several words."""
        value = self.text(key) or default
        if value not in choices:
            self.fault(key, f'"{value}" is none of {", ".join(sorted(choices))}', nearest(value, choices))
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; one string stands for a list of one."""
        value = self.raw(key)
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in items):
            self.fault(key, "a list of texts is needed")
            return ()
        return tuple(items)

    def table(self, key: str) -> Table:
        """A nested mapping, empty when absent."""
        value = self.raw(key)
        return Table({} if value is None else value, f"{self.path}.{key}", self.faults)

    def tables(self, key: str) -> list[Table]:
        """A list of mappings; one mapping stands for a list of one."""
        value = self.raw(key)
        if value is None:
            return []
        if isinstance(value, list):
            return [Table(item, f"{self.path}.{key}[{at}]", self.faults) for at, item in enumerate(value)]
        return [Table(value, f"{self.path}.{key}", self.faults)]

    def every(self) -> tuple[str, ...]:
        """All keys; they count as known."""
        self._known.update(self._values)
        return tuple(self._values)

    def compiled(self, key: str, text: str, make: Callable[[str], T]) -> T | None:
        """What `make` makes of a text; its ValueError becomes a fault at the key."""
        try:
            return make(text)
        except ValueError as error:
            self.fault(key, str(error))
            return None

    def close(self) -> None:
        """Note every key that no reader knows."""
        for key in self._values:
            if key not in self._known:
                self.fault(key, "unknown", nearest(key, self._known))


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"
