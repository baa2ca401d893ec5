"""The demo's helper processes: `python -m proxy.demo assistant | people | history`.

Each ends when its standard input does, so that none outlives the command that started it, however that ended.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path

from proxy.demo.assistant import Assistant, serve
from proxy.demo.crowd import live
from proxy.demo.replay import Progress, fill
from proxy.parent import on_stop


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m proxy.demo", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    assistant = verbs.add_parser("assistant", help="serve the demo assistant on loopback")
    assistant.add_argument("--port", type=int, default=0, help="0: any; the port is printed as the first line")
    people = verbs.add_parser("people", help="let the demo people talk to a proxy")
    people.add_argument("--proxy", required=True, metavar="URL")
    history = verbs.add_parser("history", help="replay the history to an observer, once")
    history.add_argument("--observer", required=True, type=Path, metavar="SOCKET")
    history.add_argument("--state", required=True, type=Path, metavar="DIR")
    for parser_ in (assistant, people):
        parser_.add_argument("--speed", type=float, default=1.0, help="divides every wait")
    return parser


async def _until_stopped(work: Coroutine[None, None, None], stop: asyncio.Event) -> None:
    """Run the work until it is done, or the parent is gone, or a signal comes."""
    on_stop(stop.set)
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    waiting = loop.create_task(stop.wait())
    done, _ = await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
    if task not in done:
        task.cancel()
    waiting.cancel()
    await asyncio.gather(task, waiting, return_exceptions=True)
    if task in done:
        task.result()


async def _main(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    name = os.urandom(8).hex()
    if arguments.verb == "assistant":
        work = serve(Assistant(arguments.speed, name), arguments.port, stop)
    elif arguments.verb == "people":
        work = live(arguments.proxy, speed=arguments.speed, name=name)
    else:
        work = fill(arguments.state, arguments.observer, Progress())
    await _until_stopped(work, stop)


if __name__ == "__main__":
    asyncio.run(_main(_parser().parse_args()))
