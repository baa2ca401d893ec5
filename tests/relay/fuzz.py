"""How long the hostile inputs run: a glance in the test suite, `make fuzz` for more."""

from __future__ import annotations

import os

TIMES = int(os.environ.get("FUZZ", "1"))


def examples(count: int) -> int:
    """As many examples as this run wants where the suite takes `count`."""
    return count * TIMES
