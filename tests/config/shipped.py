"""The shipped files as the tests read them, and as a Prometheus with little time gets them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
RULES: Final = ROOT / "config" / "prometheus" / "rules"
TESTS: Final = ROOT / "config" / "prometheus" / "tests"

SECONDS: Final[Mapping[str, int]] = {
    "5m": 4,
    "10m": 4,
    "15m": 4,
    "30m": 4,
    "1h": 4,
    "6h": 8,
    "23h59m59s": 8,
    "1d": 8,
    "2d23h59m59s": 12,
    "6d23h59m59s": 12,
    "27d23h59m59s": 16,
    "91d": 60,
}
"""What stands for each window and step in the copies for tests: as many scrapes fit in as a rate needs."""


def documents(path: Path) -> list[Any]:
    return [each for each in yaml.safe_load_all(path.read_text("utf-8")) if each is not None]


def rules() -> list[dict[str, Any]]:
    return [rule for path in sorted(RULES.glob("*.yml")) for group in documents(path)[0]["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def hurried(text: str, step: str = "1d", day: int = 1) -> str:
    """Rules with windows and steps of seconds; nothing is waited for. `day` is what stands for the step of a day."""

    def window(found: re.Match[str]) -> str:
        length, _, pace = found[1].partition(":")
        return f"[{SECONDS[length]}s:{day if pace == step else SECONDS[pace]}s]" if pace else f"[{SECONDS[length]}s]"

    text = re.sub(r"\[(\w+(?::\w+)?)\]", window, text)
    text = re.sub(r"offset (\w+)", lambda found: f"offset {SECONDS[found[1]]}s", text)
    text = text.replace("(91 * 86400)", "60")
    return re.sub(r"^( *)(for|interval): .*$", r"\1\2: 1s", text, flags=re.MULTILINE)
