"""Places in JSON values: paths, what stands at them over many samples, and how well their names fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from proxy.workbench.samples import Path

CONVERSATIONS: Final = ("conversation", "session", "thread", "chat", "dialog", "context", "visit", "case", "talk")
PEOPLE: Final = ("user", "email", "sender", "employee", "customer", "login", "username", "uid", "person", "from")
"""How fields are called in which a conversation is named, and who speaks."""
VERDICTS: Final = frozenset({
    "like", "dislike", "up", "down", "yes", "no", "true", "false", "positive", "negative", "neutral", "good", "bad",
    "thumbs_up", "thumbs_down", "thumbsup", "thumbsdown", "helpful", "unhelpful",
})  # fmt: skip
"""Words of protocols that judge an answer, wherever they stand."""

_STEMS: Final = (
    "feedback", "rating", "vote", "voting", "thumb", "csat", "survey", "review", "evalu", "opinion", "grade",
    "verdict", "satisf", "helpful", "useful", "apprais",
    "étoile", "etoile", "pouce", "notation", "sondage", "apprécia", "apprecia",
    "bewert", "stern", "daumen", "zufrieden", "umfrage", "beurteil", "hilfreich",
    "valora", "puntua", "calific", "estrella", "pulgar", "encuesta",
)  # fmt: skip
_NAMES: Final = frozenset(
    {"rate", "rates", "star", "stars", "like", "likes", "liked", "dislike", "nps", "avis", "utile", "voto", "votos"}
)
"""How words begin, and whole words, of routes and fields that speak of a rating."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_HUMP: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def speaks(name: str) -> bool:
    """Whether a field or a part of a route is called after a rating."""
    found = [word.lower() for word in _WORD.findall(_HUMP.sub(" ", name))]
    return any(word in _NAMES or word.startswith(_STEMS) for word in found)


def spelled(path: Path) -> str:
    """A path as an expression: names that are no plain words in quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if _PLAIN.fullmatch(part) else msgspec.json.encode(part).decode()
            text += f".{name}" if text else name
    return text


def by_place(found: Iterable[Iterable[tuple[Path, Any]]]) -> dict[Path, list[Any]]:
    """Values by place; places in lists count as one, at the last index seen."""
    places: dict[tuple[str, ...], tuple[Path, list[Any]]] = {}
    for each in found:
        for path, value in each:
            key = tuple(["*" if isinstance(part, int) else part for part in path])
            kept = places.setdefault(key, (tuple([0 if isinstance(part, int) else part for part in path]), []))
            kept[1].append(value)
    return dict(places.values())


def named(
    places: Mapping[Path, list[Any]], names: Sequence[str], fit: Callable[[list[Any]], bool]
) -> tuple[Path, list[Any]] | None:
    """The place whose last name is the best of some, and whose values fit."""
    best: tuple[float, Path, list[Any]] | None = None
    for path, values in places.items():
        given = [value for value in values if value is not None]
        if given and (fitting := called(path, names)) and fit(given) and (best is None or fitting > best[0]):
            best = (fitting, path, given)
    return None if best is None else best[1:]


def called(path: Path, names: Sequence[str]) -> float:
    """How well the names of a path fit: 1 for the last one itself, less for a part of it or one above it."""
    keys = [part.lower() for part in path if isinstance(part, str)]
    if not keys:
        return 0.0
    last = keys[-1]
    if last in names:
        return 1.0
    if any(
        name in re.split(r"[_-]|(?<=[a-z])(?=[A-Z])", path[-1] if isinstance(path[-1], str) else last) or last.startswith(name)
        for name in names
    ):
        return 0.8
    return 0.5 if len(keys) > 1 and keys[-2] in names else 0.0


def are_texts(values: list[Any]) -> bool:
    """Whether all are texts."""
    return all(isinstance(value, str) for value in values)


def keys(path: Path) -> list[str]:
    """The names in a path."""
    return [part for part in path if isinstance(part, str)]


def last(path: Path) -> str:
    """The last name in a path, for people."""
    return (keys(path) or ["the body"])[-1]


def at(value: Any, path: Path) -> Any:
    """What stands at a path, None where it leads nowhere."""
    for part in path:
        if isinstance(part, str) and isinstance(value, dict):
            value = value.get(part)
        elif isinstance(part, int) and isinstance(value, list) and len(value) > part:
            value = value[part]
        else:
            return None
    return value
