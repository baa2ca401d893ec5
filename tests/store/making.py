"""Events of many conversations, and the ledger that they are worth."""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from types import MappingProxyType

from redis.asyncio import Redis

from proxy.kpi.events import Event, Mark, MarkKind, Rating, Skipped, Turn, TurnResult
from proxy.kpi.groups import Labels
from proxy.store.keys import Keys

BASE = 1792490400.0  # 2026-10-20 12:00 in Paris
RESULTS: tuple[TurnResult, ...] = ("ok", "ok", "ok", "error", "no_answer", "cancelled")
KINDS: tuple[MarkKind, ...] = ("handover_started", "handover_requested", "thanks", "no_answer", "closed")


class Fixed:
    """People who are the same in every week."""

    def __init__(self, heads: Mapping[Labels, int], present: Mapping[Labels, int] = MappingProxyType({})) -> None:
        self._heads = heads
        self._present = present

    def heads(self, week: date) -> Mapping[Labels, int]:
        return self._heads

    def present(self, week: date) -> Mapping[Labels, int]:
        return self._present


def traffic(n: int, seed: int = 1) -> list[Event]:
    """Random turns, ratings and skipped exchanges of some conversations."""
    random = Random(seed)
    events: list[Event] = []
    for number in range(n):
        conversation = f"c{random.randrange(n // 6 + 1)}"
        at = BASE + random.randrange(20) * 600.0
        kind = random.random()
        if kind < 0.7:
            marks = (Mark(random.choice(KINDS), "protocol", "rule"),) if random.random() < 0.3 else ()
            events.append(
                Turn(
                    id=f"{seed}-{number}",
                    assistant="rh",
                    at=at,
                    result=random.choice(RESULTS),
                    conversation=conversation if random.random() < 0.95 else None,
                    user=f"u{conversation}",
                    eligible=random.random() < 0.5,
                    duration=random.lognormvariate(0, 1),
                    messages=(f"m{seed}-{number}",),
                    marks=marks,
                )
            )
        elif kind < 0.9:
            events.append(
                Rating(
                    id=f"{seed}-{number}",
                    assistant="rh",
                    at=at + 60,
                    scale="binary",
                    satisfied=random.choice([True, False, None]),
                    conversation=conversation,
                    user=f"u{conversation}",
                )
            )
        else:
            events.append(Skipped(id=f"{seed}-{number}", assistant="rh", at=at, reason="probe"))
    return events


def numbered(events: Sequence[Event], start: int = 1) -> list[tuple[int, Event]]:
    return list(enumerate(events, start))


def text(name: object) -> str:
    assert isinstance(name, bytes)
    return name.decode()


async def ledger(client: Redis, assistant: str = "rh") -> dict[str, dict[str, int]]:
    """Everything in the days and hours of an assistant that is not zero, and its people."""
    found: dict[str, dict[str, int]] = {}
    start = Keys(assistant).day("")[:-2]
    async for key in client.scan_iter(f"{start}[dh]:*"):
        sums = {text(name): int(count) for name, count in (await client.hgetall(key)).items()}
        found[key.decode()] = {name: count for name, count in sums.items() if count}
    async for key in client.scan_iter(f"{start}[pe]:*"):
        found[key.decode()] = {text(name): 1 for name in await client.smembers(key)}
    for name in ("first", "last"):
        if users := await client.zrange(f"{start}{name}", 0, -1, withscores=True):
            found[name] = {text(user): int(at) for user, at in users}  # type: ignore[str-unpack]
    return found


def day_sums(found: dict[str, dict[str, int]]) -> dict[str, int]:
    """The sums of all days together, without those of groups."""
    sums: dict[str, int] = {}
    for key, cells in found.items():
        if ":d:" in key and "=" not in key:
            for name, count in cells.items():
                sums[name] = sums.get(name, 0) + count
    return sums
