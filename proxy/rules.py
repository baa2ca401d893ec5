"""Presets and markers as `kpi-proxy check` and `serve` see them: read from their files and compiled, every fault told."""

from __future__ import annotations

from proxy.meaning.presets import compile_presets
from proxy.meaning.tables import RulesError
from proxy.settings.files import raw_presets
from proxy.settings.problem import Problem
from proxy.settings.yaml import YamlError


def rules_problems() -> list[Problem]:
    """Every fault of the presets."""
    try:
        compile_presets(raw_presets())
    except YamlError as error:
        return [Problem("", str(error))]
    except RulesError as error:
        return [Problem(f"presets/{fault.path}", fault.message, fault.suggestion) for fault in error.faults]
    return []
