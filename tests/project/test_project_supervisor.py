"""A process that can't be started now is tried again: memory short for a moment must not leave a machine without a relay."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import msgspec
import pytest

from proxy import children
from proxy.children import Child


class Plan(msgspec.Struct):
    """Of a process that needs none."""


async def test_a_start_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    child = Child("relay 1", "proxy.relay", Plan, list)
    start = asyncio.create_subprocess_exec
    made = asyncio.Event()
    failures = iter([BlockingIOError(11, "Resource temporarily unavailable")])

    async def meagre(*arguments: Any, **more: Any) -> asyncio.subprocess.Process:
        if (failure := next(failures, None)) is not None:
            raise failure
        child._stopping = True  # once it runs, the test is over
        made.set()
        return await start(sys.executable, "-c", "pass", **more)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", meagre)
    monkeypatch.setattr(children, "RESTART", (0.0,))
    running = asyncio.get_running_loop().create_task(child.run())
    await made.wait()
    await running
    assert [record.getMessage() for record in caplog.records] == [
        "relay 1 ended with status [Errno 11] Resource temporarily unavailable, started again in 0.00 s"
    ]
