"""Where the files that ship with the product are: presets, markers and the example settings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from proxy.settings.checks import Known
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


def raw_presets() -> dict[str, object]:
    """Every preset that ships, as plain data by name; raises `YamlError`."""
    return {name: _raw(config_dir() / "presets" / f"{name}{SUFFIX}") for name in sorted(_names("presets"))}


def raw_markers(names: Iterable[str]) -> dict[str, object]:
    """Marker files as plain data, keyed as given: names of those that ship, or absolute paths; raises `YamlError`, `OSError`."""
    folder = config_dir() / "markers"
    return {name: _raw(Path(name) if "/" in name else folder / f"{name}{SUFFIX}") for name in names}


def _raw(file: Path) -> object:
    return read_yaml(file.read_text("utf-8"), str(file))
