"""`python -m proxy.relay` on asyncio's own loop: what only uvloop does, or leaves out, shows by the difference."""

from __future__ import annotations

import asyncio
import runpy

import uvloop

if __name__ == "__main__":
    uvloop.run = asyncio.run  # type: ignore[assignment]  # the same for a coroutine and nothing else
    runpy.run_module("proxy.relay", run_name="__main__", alter_sys=True)
