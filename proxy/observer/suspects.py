"""Sets aside what has ended the observer twice, so that one payload cannot end it in a loop.

The id of the exchange in work stands in a small file; whoever starts next finds there what its predecessor died of. One
death may be chance (a machine that went down); at the second the exchange is not read again, only counted.
"""

from __future__ import annotations

import json
import mmap
import os
from pathlib import Path
from typing import Final

DEATHS: Final = 2
_WIDTH: Final = 256
"""Bytes of the slot: an id is far shorter."""


class Suspects:
    """The exchange in work, and what earlier observers died of."""

    def __init__(self, directory: Path) -> None:
        self._slot = _mapped(directory / "in-work")
        self._file = directory / "suspects.json"
        self._deaths: dict[str, int] = {}
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
            self._deaths = {str(name): int(count) for name, count in known.items()}
        except (OSError, ValueError, AttributeError):
            pass  # none yet, or written half: nobody is suspected
        if name := self._slot[:].rstrip(b" \0").decode("ascii", "replace"):
            self._deaths[name] = self._deaths.get(name, 0) + 1
            self._file.write_text(json.dumps(self._deaths), encoding="utf-8")
        self.rest()

    def __contains__(self, exchange: str) -> bool:
        return self._deaths.get(exchange, 0) >= DEATHS

    def work(self, exchange: str) -> None:
        """Note what is read now."""
        self._slot[:] = exchange.encode("ascii", "replace")[:_WIDTH].ljust(_WIDTH)

    def rest(self) -> None:
        """Note that nothing is read now."""
        self._slot[:] = b" " * _WIDTH

    def close(self) -> None:
        """Nothing is in work any more."""
        self.rest()
        self._slot.close()


def _mapped(path: Path) -> mmap.mmap:
    """A file that is written like memory: the kernel has it when the process dies, and no exchange waits for a system call."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(descriptor, _WIDTH)
        return mmap.mmap(descriptor, _WIDTH)
    finally:
        os.close(descriptor)
