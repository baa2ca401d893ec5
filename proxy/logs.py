"""How every process of the product logs: to standard error, as text for people or as one JSON object per line.

A fault that repeats with the traffic must not fill a disk: of each kind of line - its logger, level and unfilled text - some pass
in a minute, and the next that passes says how many were held back. All kinds together have a limit as well.
"""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from proxy.settings.model import Log

WINDOW: Final = 60.0
"""Seconds in which lines are counted together."""
BURST: Final = 20
"""Lines of one kind in a window: enough to see a fault of each relay and assistant."""
TOTAL: Final = 600
"""Lines of all kinds in a window: ten a second, some 100 MB a day at the very most."""
KINDS: Final = 500
"""Kinds that are told apart; the product has fewer, libraries may write more."""

_ALL: Final = ("", 0, "")


class _Json(logging.Formatter):
    """One object per line, times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


class Limited(logging.Filter):
    """Holds back what repeats."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: OrderedDict[tuple[str, int, str], _Kind] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record passes."""
        now = self._clock()
        kind = self._kind((record.name, record.levelno, str(record.msg)))
        if not kind.admit(now, BURST) or not self._kind(_ALL).admit(now, TOTAL):
            kind.held += 1
            return False
        if kind.held:
            record.msg = f"{record.getMessage()} ({kind.held} lines like it held back)"
            record.args = ()
            kind.held = 0
        return True

    def _kind(self, key: tuple[str, int, str]) -> _Kind:
        kind = self._kinds.pop(key, None) or _Kind()
        self._kinds[key] = kind
        if len(self._kinds) > KINDS:
            self._kinds.popitem(last=False)
        return kind


class _Kind:
    """Lines of one kind: when their window began, how many passed in it, how many were held back since one last passed."""

    __slots__ = ("began", "held", "passed")

    def __init__(self) -> None:
        self.began = float("-inf")
        self.passed = 0
        self.held = 0

    def admit(self, now: float, most: int) -> bool:
        if now - self.began >= WINDOW:
            self.began, self.passed = now, 0
        if self.passed >= most:
            return False
        self.passed += 1
        return True


def set_up(settings: Log) -> None:
    """Configure the root logger of this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        _Json() if settings.format == "json" else logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    )
    handler.addFilter(Limited())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
