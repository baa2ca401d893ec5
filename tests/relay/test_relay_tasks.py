"""A thousand good and aborted requests leave no task and no connection behind (case 87), seen from within a loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

from proxy.relay.counters import Counters
from proxy.relay.door import Door, Guest
from proxy.relay.listener import Listener
from proxy.relay.plan import AssistantPlan, Entrance, RelayPlan, Upstream, Wanted
from proxy.relay.shipper import Shipper
from proxy.relay.site import Numbers, Site
from proxy.relay.watch import watching
from proxy.settings.model import Capture, Limits, Log
from proxy.tasks import Tasks
from tests.relay.origins import OK
from tests.relay.sockets import PATIENCE

ROUNDS = 1000
H = b"Host: app.test\r\n"
REQUESTS = [
    b"GET /ok HTTP/1.1\r\n" + H + b"\r\n",
    b"POST /ok HTTP/1.1\r\n" + H + b"Content-Length: 3\r\n\r\nabc",
    b"POST /ok HTTP/1.1\r\n" + H + b"Content-Length: 3000\r\n\r\nabc",
    b"GET /cut HTTP/1.1\r\n" + H + b"\r\n",
    b"GET /junk HTTP/1.1\r\n" + H + b"\r\n",
    b"GET /none HTTP/1.1\r\n" + H + b"\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"POST / HTT",
]
ANSWERS = {b"/ok": OK, b"/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", b"/junk": b"junk\r\n\r\n"}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An assistant that answers well, cuts its answer, answers no HTTP, or nothing."""
    with suppress(OSError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"Content-Length: 3\r\n" in head:
                await reader.readexactly(3)
            path = head.split(b" ")[1]
            writer.write(ANSWERS.get(path, b""))
            if path != b"/ok":
                break
    writer.close()


def relay(port: int, listening: socket.socket, tasks: Tasks, clients: set[Guest], state: Path) -> Listener:
    """What a worker puts together, without its process."""
    upstream = Upstream(host="127.0.0.1", port=port, authority="a")
    assistant = AssistantPlan(name="rh", entrance=Entrance(listener=0), upstreams=(upstream,), wanted=Wanted())
    plan = RelayPlan(
        relay="r",
        observer=str(state / "nobody"),
        secret="00",
        assistants=(assistant,),
        capture=Capture(),
        limits=Limits(),
        log=Log(),
    )
    counters = Counters()
    watch = watching()
    shipper = Shipper(plan.relay, plan.observer, plan.capture, counters)
    door = Door(counters, clients)
    door.furnish([(assistant, Site(plan, assistant, shipper, counters, tasks, watch, Numbers()))], plan.limits, None)
    return Listener(listening, door, tasks, watch)


async def call(port: int, number: int) -> None:
    """One connection, which its client leaves well or badly."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUESTS[number % len(REQUESTS)])
    match number // len(REQUESTS) % 3:
        case 0:
            writer.transport.abort()
        case 1:
            writer.write_eof()
            await reader.read()
        case _:
            await reader.read(10) if number % len(REQUESTS) not in {2, 7} else None
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def running() -> set[str]:
    """What a relay has under way."""
    return {task.get_name() for task in asyncio.all_tasks()} & {"accept", "connect", "probe", "resolve"}


async def test_87_no_task_and_no_client_is_left(tmp_path: Path) -> None:
    origin = await asyncio.start_server(answer, "127.0.0.1", 0)
    tasks, clients = Tasks(), set[Guest]()
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listener = relay(origin.sockets[0].getsockname()[1], listening, tasks, clients, tmp_path)
    listener.start()
    for number in range(0, ROUNDS, 20):
        await asyncio.gather(*(call(listening.getsockname()[1], each) for each in range(number, number + 20)))
    listener.stop()
    origin.close()
    async with asyncio.timeout(PATIENCE):
        while clients or running():  # noqa: ASYNC110 - connections end in many ways, a look is simplest
            await asyncio.sleep(0.01)
    await tasks.stop()
