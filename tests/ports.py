"""Ports of loopback for servers of tests, of which several run at once."""

from __future__ import annotations

import os
import random
import socket
from typing import Final

LOWEST, HIGHEST = 12_000, 32_000
"""Below the ports that kernels give to outgoing connections (32,768 and above on Linux): what is free now stays free until
its server listens. A cluster's bus is 10,000 above its port, still a port."""

_CHOICE: Final = random.Random(f"{os.getpid()} {os.environ.get('PYTEST_XDIST_WORKER', '')}")
"""Of this process alone: whatever seeds the common generator, two processes do not choose alike."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens. Not kept: its server takes it soon after."""
    while True:
        port = _CHOICE.randrange(LOWEST, HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
