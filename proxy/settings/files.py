"""Where the files that ship with the product are: presets, markers and the example settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from proxy.settings.checks import Known

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
