"""The list of who has told what: the one that is behind decides, a silent one not for ever."""

from redis.asyncio import Redis

from proxy.store.told import PATIENCE, Told

NOW = 1e9


async def test_the_one_that_is_behind_decides(client: Redis):
    one, two = Told(client, "one"), Told(client, "two")
    assert await one.agree(NOW, NOW) == NOW
    assert await two.agree(NOW - 60, NOW) == NOW - 60
    assert await one.agree(NOW + 5, NOW + 5) == NOW - 60
    await two.leave()
    assert await one.agree(NOW + 6, NOW + 6) == NOW + 6


async def test_a_silent_one_is_waited_for_no_longer_than_patience(client: Redis):
    one, two = Told(client, "one"), Told(client, "two")
    await two.agree(NOW, NOW)
    assert await one.agree(NOW + PATIENCE - 1, NOW + PATIENCE - 1) == NOW
    assert await one.agree(NOW + PATIENCE, NOW + PATIENCE) == NOW + PATIENCE


async def test_own_history_holds_nobody_else_up(client: Redis):
    one, two = Told(client, "one"), Told(client, "two")
    assert await two.agree(NOW - 1e6, NOW) == NOW - 1e6
    assert await one.agree(NOW, NOW) == NOW
