"""The short way and the long way are one: whatever happens, both sides get the same bytes and the observer the same record."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.records import Record
from proxy.relay.client import Client
from proxy.relay.counters import Counters
from proxy.relay.door import Door
from proxy.relay.fields import Refusal
from proxy.relay.plan import AssistantPlan, Entrance, RelayPlan, Upstream, Wanted
from proxy.relay.request import RequestHead, RequestReader
from proxy.relay.shipper import Shipper
from proxy.relay.site import Numbers, Site
from proxy.relay.straight import Straight
from proxy.relay.upstream import Upstream as Connection
from proxy.relay.watch import LoopWatch, Round
from proxy.settings.model import Capture, Limits, Log
from proxy.tasks import Tasks
from tests.relay.fuzz import examples

WAIT = 60.0
"""Seconds that an assistant is waited for."""
H = b"Host: app.test\r\nContent-Type: application/json\r\n"
REQUESTS = [
    b"POST /p?c=1 HTTP/1.1\r\n" + H + b"Content-Length: 5\r\n\r\nhello",
    b"POST /p HTTP/1.1\r\n" + H + b"Connection: keep-alive\r\nContent-Length: 0\r\n\r\n",
    b"GET /g HTTP/1.1\r\n" + H + b"TE: x\r\n\r\n",
    b"HEAD /g HTTP/1.1\r\n" + H + b"\r\n",
    b"POST /p HTTP/1.1\r\n" + H + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /p HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    b"POST /p HTTP/1.1\r\nHost: app.test\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\nhello",
]
PLAIN = b"HTTP/1.1 200 OK\r\n" + H + b"Content-Length: 4\r\n\r\nfine"
ANSWERS = [
    PLAIN,
    PLAIN.replace(b"4\r\n\r\nfine", b"12\r\n\r\nfine as well"),
    PLAIN.replace(b"4\r\n\r\nfine", b"0\r\n\r\n"),
    PLAIN + b"behind",
    PLAIN.replace(b"Host: app.test", b"Connection: keep-alive"),
    PLAIN.replace(b"Host: app.test", b"Connection: close"),
    PLAIN.replace(b"application/json", b"image/png"),
    PLAIN.replace(b"200 OK", b"204 No"),
    PLAIN.replace(b"1.1 200", b"1.0 200"),
    b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    b"SSH-2.0 no HTTP\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nfine",
    PLAIN.replace(b"4\r\n\r\nfine", b"2000\r\n\r\n" + b"f" * 2000),
]
LASTING = [ANSWERS[0], ANSWERS[4], ANSWERS[6], ANSWERS[10]]
"""Answers after which their connection is used again."""
LIMIT = 1024
"""Bytes of a body that are copied."""


class Line(asyncio.Transport):
    """A transport that notes what is done to it."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__({"socket": connection, "peername": ("127.0.0.1", 1)})
        self.done: list[bytes] = []
        self.closing = False
        self.reading = True
        self.fills: asyncio.Protocol | None = None  # whom the next write is too much for

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data))
        if self.fills is not None:
            self.fills.pause_writing()

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True
        self.done.append(b"<closed>")

    def abort(self) -> None:
        self.closing = True
        self.done.append(b"<aborted>")

    def write_eof(self) -> None:
        self.done.append(b"<eof>")

    def can_write_eof(self) -> bool:
        return True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing waits here."""

    def get_write_buffer_size(self) -> int:
        return 0

    def seen(self) -> tuple[bytes, bool, bool]:
        """Everything that a peer can tell."""
        return b"".join(self.done), self.closing, self.reading


class Noted(Tasks):
    """Starts nothing: no connection is opened."""

    def start(self, coroutine: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        coroutine.close()
        return super().start(asyncio.sleep(0), name)


class Together(LoopWatch):
    """Everything that happens comes in one round, which ends when it is settled."""

    def __init__(self) -> None:
        self.now = self.round = Round()

    def defer(self, do: Callable[[], None]) -> None:
        self.now.later.append(do)

    def settle(self) -> None:
        for do in self.now.later:  # a fault in one of them is the test's
            do()
        self.now.later.clear()
        self.now.end()
        self.now = self.round = Round()


@dataclass
class Scene:
    """A client, and one idle connection to the assistant."""

    wire: socket.socket
    watch: LoopWatch = field(default_factory=LoopWatch)
    door: Door = field(init=False)
    assistant: AssistantPlan = field(init=False)

    def __post_init__(self) -> None:
        self.assistant = assistant = AssistantPlan(
            name="rh",
            entrance=Entrance(listener=0),
            upstreams=(Upstream(host="127.0.0.1", port=1, authority="h"),),
            wanted=Wanted(query=frozenset({"c"})),
        )
        plan = RelayPlan(
            relay="r",
            observer="",
            secret="00",
            assistants=(assistant,),
            capture=Capture(limit=LIMIT),
            limits=Limits(first_byte_time=WAIT),
            log=Log(),
        )
        self.counters = Counters()
        self.shipper = Shipper("r", "", plan.capture, self.counters)
        self.site = site = Site(plan, assistant, self.shipper, self.counters, Noted(), self.watch, Numbers())
        self.door = Door(self.counters, set())
        self.door.furnish([(assistant, site)], plan.limits, None)
        self.pool = site.upstreams.choose()
        self.upstream, self.up = Connection(self.pool), Line(self.wire)
        self.upstream.connection_made(self.up)
        self.pool.release(self.upstream, 0.0)
        self.client, self.down = Client(self.door), Line(self.wire)
        self.client.connection_made(self.down)

    def warm(self, request: bytes, answer: bytes) -> None:
        """One exchange on both connections, so that their heads are known."""
        self.client.data_received(request)
        self.upstream.data_received(answer)
        self.settle()
        self.up.done.clear()
        self.down.done.clear()
        self.pool.failures = 1  # one request of somebody else went unanswered

    def settle(self) -> None:
        """The round is over."""
        if isinstance(self.watch, Together):
            self.watch.settle()

    def record(self) -> list[Record]:
        """What was shipped, without times."""
        ring = self.shipper.ring
        found = [ring.get(seq) for seq in range(ring.first, ring.first + len(ring))]
        return [timeless(each[0]) for each in found if each is not None and isinstance(each[0], Record)]

    def outcome(self) -> object:
        """Everything that anybody can tell from outside, without times."""
        self.settle()
        counts = msgspec.structs.replace(self.counters.counts(0, 0, 0), overhead=(), overhead_sum=0.0)
        return self.down.seen(), self.up.seen(), counts, self.record(), self.pool.busy, self.pool.failures, self.client.full


def timeless(record: Record) -> Record:
    """A record without its times."""
    replace = msgspec.structs.replace
    opened, answered, ending = record.opened, record.answered, record.ending
    return replace(
        record,
        opened=opened and replace(opened, at=0.0),
        answered=answered and replace(answered, after=0.0),
        ending=ending and replace(ending, after=0.0, request_after=0.0),
        segments=tuple(replace(each, times=(0.0,) * len(each.times)) for each in record.segments),
    )


@pytest.fixture(scope="module")
def wire() -> Iterator[socket.socket]:
    """A quiet socket: connections that wait are looked at."""
    one, other = socket.socketpair()
    yield one
    one.close()
    other.close()


HAPPENINGS = [
    "nothing",
    "sweep",
    "filled",
    "eof",
    "lost",
    "reset",
    "end",
    "full",
    "caught up",
    "drain",
    "cut",
    "more",
    "stop reading",
]


def happen(scene: Scene, what: str) -> None:
    """One thing that may happen between two pieces."""
    client, upstream = scene.client, scene.upstream
    match what:
        case "nothing":
            pass
        case "filled":
            scene.down.fills = client
        case "sweep":
            client.sweep(0.0)  # before anything is overdue
        case "eof":
            client.eof_received()
        case "lost":
            client.connection_lost(None)
        case "reset":
            upstream.connection_lost(ConnectionResetError())
        case "end":
            upstream.eof_received()
        case "full":
            client.pause_writing()
        case "caught up":
            client.resume_writing()
        case "drain":
            scene.door.draining = True
            client.drain()
        case "cut":
            client.cut()
        case "more":
            client.data_received(b"GET /next HTTP/1.1\r\n")
        case "stop reading":
            upstream.pause_writing()
        case _:
            raise ValueError(what)


def pieces(answer: bytes, cuts: list[int]) -> list[bytes]:
    """An answer, cut."""
    edges = [0, *sorted({cut % len(answer) for cut in cuts} - {0}), len(answer)]
    return [answer[start:end] for start, end in pairwise(edges)]


async def played(
    wire: socket.socket,
    request: bytes,
    before: bytes,
    answer: list[bytes],
    happenings: list[tuple[int, str]],
    *,
    short: bool,
    together: bool = False,
) -> object:
    """What comes of a request after another that was answered by `before`, by the short way or the long one.

    `together`: all of it in one round, so that nothing is noted before the end.
    """
    scene = Scene(wire, Together() if together else LoopWatch())
    scene.warm(request if b"close" not in request else REQUESTS[0], before)
    if not short:
        scene.site.whole_limit = 0
    scene.client.data_received(request)
    gone = False  # no transport gives data after the loss of its connection
    for at, piece in enumerate([*answer, b""]):
        for when, what in happenings:
            if when == at:
                happen(scene, what)
                gone = gone or what == "reset"
        if piece and not scene.up.closing and not gone:
            scene.upstream.data_received(piece)
        await asyncio.sleep(0)
    return scene.outcome()


@pytest.mark.parametrize("what", HAPPENINGS)
@pytest.mark.parametrize("when", [0, 1])
def test_both_ways_are_one_whatever_happens_before_or_after_an_answer(wire: socket.socket, when: int, what: str) -> None:
    async def play() -> None:
        for request, answer, before in product(REQUESTS[:3], ANSWERS, LASTING):
            one, *others = [
                await played(wire, request, before, [answer], [(when, what)], short=short, together=together)
                for short in (True, False)
                for together in (False, True)
            ]
            assert others == [one] * 3, (request, before, answer)

    asyncio.run(play())


@settings(max_examples=examples(150))
@given(
    st.sampled_from(REQUESTS),
    st.sampled_from(LASTING),
    st.sampled_from(ANSWERS),
    st.lists(st.integers(0, 200), max_size=2),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(HAPPENINGS)), max_size=3),
)
def test_both_ways_are_one_for_answers_in_pieces(
    wire: socket.socket, request: bytes, before: bytes, answer: bytes, cuts: list[int], happenings: list[tuple[int, str]]
) -> None:
    async def play(*, short: bool, together: bool) -> object:
        return await played(wire, request, before, pieces(answer, cuts), happenings, short=short, together=together)

    whole = asyncio.run(play(short=True, together=False))
    assert asyncio.run(play(short=False, together=False)) == whole
    assert asyncio.run(play(short=True, together=True)) == whole


@pytest.mark.parametrize("request_", REQUESTS[:3])
@pytest.mark.parametrize("answer", [ANSWERS[0], ANSWERS[4]])
def test_a_turn_like_the_one_before_goes_straight(wire: socket.socket, request_: bytes, answer: bytes) -> None:
    async def play() -> None:
        scene = Scene(wire)
        scene.warm(request_, answer)
        scene.client.data_received(request_)
        assert isinstance(scene.client.exchange, Straight)
        scene.upstream.data_received(answer)
        (first, second) = scene.record()
        assert msgspec.structs.replace(second, seq=first.seq, exchange=first.exchange) == first
        assert len(scene.down.done) == len(scene.up.done) == 1  # one write each

    asyncio.run(play())


def test_what_waits_until_a_sweep_is_shipped_and_goes_on(wire: socket.socket) -> None:
    async def play() -> None:
        scene = Scene(wire)
        scene.warm(REQUESTS[0], PLAIN)
        began = time.time()
        scene.client.data_received(REQUESTS[0])
        loop = asyncio.get_running_loop()
        scene.client.sweep(loop.time() + 1.0)
        kept = scene.shipper.ring.get(2)
        assert kept is not None
        shipped = kept[0]
        assert isinstance(shipped, Record)
        assert shipped.ending is None  # what has come is shipped: the observer sees who waits
        assert shipped.opened is not None
        assert began <= shipped.opened.at <= time.time()
        scene.upstream.data_received(PLAIN)
        ending = scene.record()[-1].ending
        assert ending is not None
        assert (ending.reason, ending.request_size, ending.response_size) == ("complete", 5, 4)

    asyncio.run(play())


def test_an_assistant_that_says_nothing_is_not_waited_for_longer_than_by_the_long_way(wire: socket.socket) -> None:
    async def play() -> None:
        scene = Scene(wire)
        scene.warm(REQUESTS[0], PLAIN)
        scene.client.data_received(REQUESTS[0])
        now = asyncio.get_running_loop().time()
        scene.client.sweep(now + WAIT - 1.0)
        assert not scene.down.done
        scene.client.sweep(now + WAIT + 1.0)
        assert scene.down.done[0].startswith(b"HTTP/1.1 504 ")

    asyncio.run(play())


class Heads(RequestReader):
    """Counts the heads it reads."""

    reads = 0

    def read(self, raw: bytes) -> RequestHead | Refusal:
        """As a reader does."""
        self.reads += 1
        return super().read(raw)


@pytest.mark.parametrize("adds", [False, True])
def test_a_new_connection_knows_the_last_head_of_its_door(wire: socket.socket, adds: bool) -> None:
    """Unless lines are added that say who asks: those of one client would be sent for another."""

    async def play() -> None:
        scene = Scene(wire)
        scene.site.adds = adds
        scene.door.requests = reader = Heads()
        scene.warm(REQUESTS[0], PLAIN)
        client, down = Client(scene.door), Line(wire)
        client.connection_made(down)
        client.data_received(REQUESTS[0])
        scene.upstream.data_received(PLAIN)
        assert (down.done, reader.reads) == ([PLAIN], 2 if adds else 1)
        if adds:
            return
        assert scene.door.known is not None
        scene.client.forget()
        assert scene.door.known is not None
        client.forget()
        assert scene.door.known is None, "credentials are kept for no longer than a connection that has sent them"

    asyncio.run(play())


def test_other_settings_may_make_something_else_of_the_same_head(wire: socket.socket) -> None:
    async def play() -> None:
        scene = Scene(wire)
        scene.warm(REQUESTS[0], PLAIN)
        assert scene.door.known is not None
        scene.door.furnish([(scene.assistant, scene.site)], Limits(), None)
        assert scene.door.known is None

    asyncio.run(play())
