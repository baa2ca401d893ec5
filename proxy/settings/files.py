"""Where the files that ship with the product are: presets, markers, lists of words, rubrics and the example settings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from proxy.settings.checks import Known
from proxy.settings.model import Settings, preset_names
from proxy.settings.written import is_path
from proxy.settings.yaml import read_yaml

SUFFIX: Final = ".yaml"


def config_dir() -> Path:
    """`config/` of the checkout, or its copy inside the installed package."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_config"
    return inside if inside.is_dir() else package.parent / "config"


def known_names() -> Known:
    """The presets and marker files that ship."""
    return Known(presets=_names("presets"), markers=_names("markers"))


def _names(folder: str) -> frozenset[str]:
    return frozenset(file.stem for file in (config_dir() / folder).glob(f"*{SUFFIX}"))


def raw_presets(own: Iterable[str] = ()) -> dict[str, object]:
    """Every preset that ships, and `own` ones by absolute path, as plain data by name; raises `YamlError`, `OSError`.

    The name of an own preset is its file's.
    """
    shipped = {name: config_dir() / "presets" / f"{name}{SUFFIX}" for name in sorted(_names("presets"))}
    files = shipped | {Path(path).stem: Path(path) for path in own}
    return {name: _raw(file) for name, file in files.items()}


def own_presets(settings: Settings) -> tuple[str, ...]:
    """The paths among the presets that any assistant names."""
    named = (name for each in settings.assistants for name in preset_names(each))
    return tuple(dict.fromkeys(name for name in named if is_path(name)))


def raw_markers(names: Iterable[str]) -> dict[str, object]:
    """Marker files as plain data, keyed as given: names of those that ship, or absolute paths; raises `YamlError`, `OSError`."""
    folder = config_dir() / "markers"
    return {name: _raw(Path(name) if is_path(name) else folder / f"{name}{SUFFIX}") for name in names}


def raw_lexicons() -> dict[str, object]:
    """The lists of words that ship, as plain data by language; raises `YamlError`, `OSError`."""
    return {name: _raw(config_dir() / "sentiment" / f"{name}{SUFFIX}") for name in sorted(_names("sentiment"))}


def raw_words(paths: Iterable[str]) -> dict[str, object]:
    """Operators' own lists of words, as plain data by path; raises `YamlError`, `OSError`."""
    return {path: _raw(Path(path)) for path in paths}


def rubric(language: str) -> str:
    """What a judge is told where the settings name no file of the operator's; raises `OSError`."""
    return (config_dir() / "rubrics" / f"{language}.md").read_text("utf-8")


def _raw(file: Path) -> object:
    return read_yaml(file.read_text("utf-8"), str(file))
