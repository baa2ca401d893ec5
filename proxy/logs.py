"""How every process of the product logs: to standard error, as text for people or as one JSON object per line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from proxy.settings.model import Log


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


def set_up(settings: Log) -> None:
    """Configure the root logger of this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        _Json() if settings.format == "json" else logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
