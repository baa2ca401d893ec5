"""What waits: the newest of it, in order, for whoever takes it."""

from __future__ import annotations

import asyncio

from proxy.observer.backlog import Backlog


async def test_the_oldest_is_taken_first_and_given_up_first() -> None:
    backlog = Backlog[int](2)
    assert [backlog.put(each) for each in (1, 2, 3)] == [None, None, 1]
    assert (await backlog.take(), len(backlog)) == (2, 1)


async def test_who_takes_waits_for_what_comes() -> None:
    backlog = Backlog[int](2)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        takers = [group.create_task(backlog.take()) for _ in range(2)]
        for each in (1, 2):
            await asyncio.sleep(0)
            backlog.put(each)
    assert [taker.result() for taker in takers] == [1, 2]


async def test_what_is_put_back_comes_first_where_there_is_room() -> None:
    backlog = Backlog[int](2)
    backlog.put(1)
    first = await backlog.take()
    backlog.put(2)
    assert backlog.back(first)
    assert not backlog.back(0)
    assert [await backlog.take(), await backlog.take()] == [1, 2]
