"""Ports of loopback for servers of tests, of which several run at once."""

from __future__ import annotations

import os
import random
import socket
from typing import Final

LOWEST, HIGHEST = 12_000, 22_000
"""Below the ports that kernels give to outgoing connections (32,768 and above on Linux): what is free now stays free until
its server listens."""
BUS: Final = 10_000
"""How far above its port a node of a Redis cluster listens to the others: below those ports as well, and none given out here."""

_CHOICE: Final = random.Random(f"{os.getpid()} {os.environ.get('PYTEST_XDIST_WORKER', '')}")
"""Of this process alone: whatever seeds the common generator, two processes do not choose alike."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens, nor on the one of its bus. Not kept: its server takes it soon after."""
    while True:
        port = _CHOICE.randrange(LOWEST, HIGHEST)
        if _free(port) and _free(port + BUS):
            return port


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
