"""Watched transactions in two round sent: what they write, what they refuse, and the connection they leave behind."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ExecAbortError, ResponseError, WatchError

from proxy.kpi.events import Turn
from proxy.observer.keeper import Keeper
from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.connect import AWAY, connect
from proxy.store.keys import Keys
from proxy.store.settle import Settler
from proxy.store.told import Told
from proxy.store.transaction import Client
from tests.store.conftest import Server
from tests.store.making import BASE, numbered


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for each time that something was sent, of bytes."""
    real = AbstractConnection.send_packed_command
    sizes: list[int] = []

    async def counted(self: AbstractConnection, command: Any, check_health: bool = True) -> None:
        sizes.append(sum(map(len, command)))
        await real(self, command, check_health)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", counted)
    return sizes


async def write(client: Client, *names: str) -> list[Any]:
    async with client.pipeline(transaction=True) as pipe:
        await pipe.watched(names)
        pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
        pipe.hincrby("sums", "é", 2)
        pipe.set("one", b"\x00\xff", ex=60)
        return await pipe.execute()


async def test_what_was_watched_is_read_and_what_is_queued_is_written(client: Client):
    await client.mset({"a": "1", "b": b"\xff"})
    async with client.pipeline(transaction=True) as pipe:
        assert await pipe.watched(["a", "none", "b"]) == [b"1", None, b"\xff"]
        assert await pipe.watched(["c"]) == [None]
    assert await write(client, "a") == [2, b"OK"]
    assert (await client.hgetall("sums"), await client.get("one")) == ({"é".encode(): b"2"}, b"\x00\xff")


@pytest.mark.parametrize("name", ["first", "second"])
async def test_a_key_that_another_wrote_stops_all_of_it(client: Client, name: str):
    async with client.pipeline(transaction=True) as pipe:
        await pipe.watched(["first"])
        await pipe.watched(["second"])
        await client.set(name, "other")
        pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
        pipe.set("one", "1")
        with pytest.raises(WatchError):
            await pipe.execute()
    assert await client.get("one") is None
    assert await write(client, "first") == [2, b"OK"]  # the connection watches nothing any more


async def test_a_transaction_that_is_left_watches_nothing(client: Client):
    async with client.pipeline(transaction=True) as pipe:
        await pipe.watched(["first"])
    await client.set("first", "other")
    assert await write(client, "second") == [2, b"OK"]


async def test_the_servers_refusal_is_raised_and_leaves_the_connection_in_step(client: Client):
    await client.set("sums", "no hash")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await write(client, "a")
    async with client.pipeline(transaction=True) as pipe:
        await pipe.watched(["a"])
        pipe.multi()  # type: ignore[no-untyped-call]  # not annotated in redis-py
        pipe.execute_command("NO-SUCH-COMMAND")
        with pytest.raises((ResponseError, ExecAbortError)):
            await pipe.execute()
    with pytest.raises(ResponseError):
        async with client.pipeline(transaction=True) as pipe:
            await pipe.watched([])  # of no keys
    await client.delete("sums")
    assert await write(client, "a") == [2, b"OK"]


class Cutting:
    """A way to a server that ends after so many bytes of the reply to a transaction."""

    def __init__(self, socket: Path, reply: int) -> None:
        self.socket = socket
        self.reply = reply

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(self.socket)
        while data := await reader.read(65536):
            to_server.write(data)
            answer = await from_server.read(65536)
            if b"MULTI" in data:
                writer.write(answer[: self.reply])
                break
            writer.write(answer)
        to_server.close()
        writer.close()


@pytest.mark.parametrize("reply", [0, 14, 30])
async def test_a_server_that_leaves_within_a_reply_is_away(shared_server: Server, client: Client, tmp_path: Path, reply: int):
    way = await asyncio.start_unix_server(Cutting(shared_server.socket, reply), tmp_path / "way")
    cut_off = connect(f"unix://{tmp_path / 'way'}")
    with pytest.raises(AWAY) as raised:
        await write(cut_off, "a")
    assert not isinstance(raised.value, WatchError)  # nobody knows whether it is written: that is no conflict
    assert await client.get("one") == b"\x00\xff"
    await cut_off.aclose()
    way.close()
    await way.wait_closed()


def turn(number: int, **more: Any) -> Turn:
    return Turn(id=f"t{number}", assistant="rh", at=BASE + number, result="ok", duration=1.0, **more)


async def test_a_commit_is_two_round_sent(client: Client, assistant: Assistant, sent: list[int]):
    """For a chat without an id as well, when it goes on where it was; a host that has not seen it takes a third."""
    applier, other = Applier(client, {"rh": assistant}, "one"), Applier(client, {"rh": assistant}, "two")
    first = turn(1, conversation="c", derived=True, later=("said1",))
    await applier.apply([(1, first)])
    await other.apply([(1, turn(2, conversation="d"))])
    sent.clear()
    await applier.apply([(2, turn(3, conversation="x", derived=True, sooner=("said1",), later=("said2",)))])
    assert len(sent) == 2
    sent.clear()
    await other.apply([(2, turn(4, conversation="y", derived=True, sooner=("said2",), later=("said3",)))])
    assert len(sent) == 3
    await applier.apply([(3, turn(5, conversation="z", derived=True, sooner=("said3",)))])
    assert await client.exists(Keys("rh").conversation("c")) == 1
    assert await client.exists(*map(Keys("rh").conversation, "xyz")) == 0


async def test_a_way_that_another_host_has_moved_is_followed(client: Client, assistant: Assistant):
    applier, other = Applier(client, {"rh": assistant}, "one"), Applier(client, {"rh": assistant}, "two")
    await applier.apply([(1, turn(1, conversation="c", derived=True, later=("said",)))])
    await other.apply([(1, turn(2, conversation="d", derived=True, later=("said",)))])
    await applier.apply([(2, turn(3, conversation="x", derived=True, sooner=("said",), messages=("m",)))])
    assert await client.get(Keys("rh").message("m")) == b"d"


class Waiting:
    """An outbox in memory, of one event more for each commit."""

    since: float | None = None

    def __init__(self) -> None:
        self.rows: list[tuple[int, Any]] = []

    def more(self) -> None:
        number = len(self.rows) + 1
        self.rows += numbered([turn(number, conversation=f"c{number // 3}", user="u")], number)
        self.told = number - 1

    def pending(self, limit: int) -> list[tuple[int, Any]]:
        return self.rows[self.told :][:limit]

    def applied(self, upto: int) -> None:
        self.told = upto

    def forget(self, upto: int) -> None:
        pass

    def rewind(self) -> None:
        pass

    def discard(self, numbers: object) -> None:
        raise AssertionError(numbers)


async def test_a_busy_second_of_an_observer_is_four_round_sent(client: Client, assistant: Assistant, sent: list[int]):
    """The budget for each assistant; looking for what is due and agreeing with other hosts do not grow with assistants."""
    outbox, now = Waiting(), [0.0]
    assistants = {
        "rh": assistant,
        **{f"quiet{number}": Assistant(upstream="http://a", name=f"quiet{number}") for number in range(9)},
    }

    def at_once(function: Any, *arguments: Any) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        future.set_result(function(*arguments))
        return future

    keeper = Keeper(
        outbox,
        Applier(client, assistants, "one"),
        Settler(client, assistants),
        Told(client, "one"),
        executor=at_once,
        changed=lambda _: None,
        assistants=assistants,
        clock=lambda: BASE + now[0],
        monotonic=lambda: now[0],
        earliest=lambda: None,
        ready=lambda: True,
        away=AWAY,
        unwritable=(),
    )
    outbox.more()
    await keeper.step()
    sent.clear()
    for _ in range(30):
        now[0] += 1.0
        outbox.more()
        await keeper.step()
    assert len(sent) <= 30 * 4


async def test_other_pipelines_are_redis_py_s(client: Client):
    await client.hset("h", mapping={"a": "1"})
    async with client.pipeline(transaction=True) as pipe:
        pipe.hgetall("h")
        assert await pipe.execute() == [{b"a": b"1"}]
