"""What a child process owes the supervisor: an end that is one, whatever comes while it exits."""

from __future__ import annotations

import subprocess
import sys

CHILD = """
import asyncio, os, signal
from proxy.parent import finish, on_stop

async def main():
    stop = asyncio.Event()
    on_stop(stop.set)
    os.kill(os.getpid(), signal.SIGTERM)
    await stop.wait()
    finish()

asyncio.run(main())
for number in (signal.SIGTERM, signal.SIGINT):  # the operator is in a hurry
    os.kill(os.getpid(), number)
"""


def test_a_signal_while_it_exits_makes_no_failure_of_its_end() -> None:
    with subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE) as child:
        assert child.wait(60) == 0
