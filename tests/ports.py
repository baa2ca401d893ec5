"""Ports of loopback for servers of tests, of which several run at once."""

from __future__ import annotations

import itertools
import os
import random
import socket
from typing import Final

LOWEST, HIGHEST = 12_000, 22_000
"""Below the ports that kernels give to outgoing connections (32,768 and above on Linux): what is free now stays free until
its server listens."""
BUS: Final = 10_000
"""How far above its port a node of a Redis cluster listens to the others: below those ports as well, and none given out here."""

_WORKERS: Final = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_SHARE: Final = (HIGHEST - LOWEST) // _WORKERS
_NEXT: Final = itertools.count(random.Random(os.getpid()).randrange(_SHARE))
"""Each worker has ports of its own, and goes through all of them before one comes again: servers may start long after."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens, nor on the one of its bus. Not kept: its server takes it later."""
    while True:
        port = LOWEST + _WORKER * _SHARE + next(_NEXT) % _SHARE
        if _free(port) and _free(port + BUS):
            return port


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
