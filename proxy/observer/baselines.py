"""The files of `value.baseline`, read again when they change."""

from __future__ import annotations

import logging
from pathlib import Path

from proxy.settings.baseline import BaselineError, Contacts, contacts
from proxy.settings.model import Assistant

log = logging.getLogger(__name__)


class Baselines:
    """Contacts by day of each assistant that has a file."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, int], Contacts]] = {}  # by file: its time and size, what was in it

    def contacts(self, assistant: Assistant) -> Contacts:
        """Give what the file says; what it said before where it can't be read now, nothing without a file."""
        name = assistant.value.baseline
        if name is None:
            return {}
        stamp, before = self._known.get(name, ((0, 0), {}))
        try:
            found = Path(name).stat()
            if (found.st_mtime_ns, found.st_size) != stamp:
                before = contacts(Path(name).read_text("utf-8"))
                self._known[name] = (found.st_mtime_ns, found.st_size), before
        except (OSError, UnicodeDecodeError, BaselineError) as error:
            log.warning("%s: %s can't be used: %s", assistant.name, name, error)
        return before
