"""One kpi-proxy for each state directory."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from proxy.settings.problem import Problem, SettingsError


def locked(state: Path) -> int:
    """Hold a state directory for as long as the descriptor is open; raises `SettingsError` when another does."""
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise SettingsError([Problem("state", f"another kpi-proxy uses {state}", "give each its own --state DIR")]) from error
    return descriptor
