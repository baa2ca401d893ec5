"""How the observer itself is: for its health on the page and in the API, and for the metrics of the proxy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proxy.console.status import Health
from proxy.export.condition import Condition
from proxy.export.telemetry import Telemetry
from proxy.meaning.understanding import Understanding
from proxy.observer.directories import Directories
from proxy.observer.fleet import Fleet
from proxy.observer.keeper import Keeper
from proxy.observer.pipeline import Pipeline
from proxy.observer.scoring import Scoring
from proxy.observer.tokens import Tokens
from proxy.store.outbox import Outbox

PACE = 1.0
"""Seconds between two looks for the metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """Looks at the parts of an observer, and changes none. `relays` is how many there should be, `clock` gives Unix seconds."""

    readers: Mapping[str, Understanding]
    pipeline: Pipeline
    keeper: Keeper
    outbox: Outbox
    fleet: Fleet
    directories: Directories
    tokens: Tokens
    scoring: Scoring
    relays: int
    clock: Callable[[], float]

    @property
    def lag(self) -> float:
        """Seconds for which the first exchange that is not in the figures is over, as far as it has come here."""
        since = self.pipeline.since
        return max(self.keeper.lag, 0.0 if since is None else self.clock() - since)

    def health(self) -> Health:
        """What the page and the API say."""
        relays = self.pipeline.relays.values()
        dropped = [count for counts in relays for (name, _, _), count in counts.values.items() if name == "dropped"]
        return Health(
            relays=len(relays),
            relays_wanted=self.relays,
            store_up=self.keeper.store_up,
            books=self.outbox.books,
            lag=self.lag,
            leading=self.fleet.leading,
            dropped=sum(dropped) + sum(self.pipeline.unreadable.values()),
            stale=tuple(sorted(self.directories.stale)),
            keyless=self.tokens.stale,
            level=max((counts.level for counts in relays), default=0),
        )

    def condition(self) -> Condition:
        """What the metrics say."""
        reading = {
            (name, what, word): count for name, reader in self.readers.items() for (what, word), count in reader.counts().items()
        }
        return Condition(
            lag=self.lag,
            books=self.outbox.books,
            store_up=self.keeper.store_up,
            leading=self.fleet.leading,
            unreadable=dict(self.pipeline.unreadable),
            held=self.pipeline.assembly.held,
            unheld=self.pipeline.assembly.unheld,
            reading=reading,
            people={name: len(known.people) for name, known in self.directories.known.items()},
            stale=frozenset(self.directories.stale),
            tokens=dict(self.tokens.refused),
            samples=dict(self.scoring.sampling.kept),
            judges=self.scoring.judged(),
            keys={name: name not in self.tokens.stale for name in self.tokens.rings},
        )

    async def tell(self, telemetry: Telemetry) -> None:
        """Keep the metrics told, for ever."""
        while True:
            await asyncio.sleep(PACE)
            telemetry.relay(self.pipeline.relays)
            telemetry.condition(self.condition())
