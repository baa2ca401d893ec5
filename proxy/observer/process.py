"""The observer process: put together here, and nowhere else."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, time
from typing import Any, Final

import uvloop
from aiohttp import web

from proxy.console.app import make_app
from proxy.console.live import Rolling
from proxy.console.sources import Sources
from proxy.console.unanswered import Unavailable
from proxy.export.telemetry import Telemetry
from proxy.kpi.changes import Change
from proxy.kpi.uptime import Attempt, Uptime
from proxy.meaning.hashing import Keyed
from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.presets import compile_presets
from proxy.meaning.understanding import Understanding
from proxy.observer.baselines import Baselines
from proxy.observer.caughtup import CaughtUp
from proxy.observer.commits import Commits
from proxy.observer.directories import Directories
from proxy.observer.fleet import Fleet
from proxy.observer.intake import Intake
from proxy.observer.keeper import Keeper
from proxy.observer.listprices import ListPrices
from proxy.observer.monthly import Monthly
from proxy.observer.people import Known
from proxy.observer.pipeline import Pipeline
from proxy.observer.plan import ObserverPlan
from proxy.observer.proofs import Proofs
from proxy.observer.reading import Reading
from proxy.observer.scorers import scorers
from proxy.observer.scoring import Scoring
from proxy.observer.surveys import Surveys
from proxy.observer.suspects import Suspects
from proxy.observer.tap import Tap
from proxy.observer.tokens import Tokens
from proxy.observer.trimming import trimming
from proxy.observer.vitals import Vitals
from proxy.observer.workshop import Workshop
from proxy.parent import finish, on_stop
from proxy.probes.rounds import Prober
from proxy.settings.files import own_presets, raw_markers, raw_presets
from proxy.store.activity import Activity
from proxy.store.apply import Applier
from proxy.store.connect import AWAY, connect
from proxy.store.embedded import Embedded, EmbeddedError
from proxy.store.figures import Ledger
from proxy.store.lease import Lease
from proxy.store.once import Once
from proxy.store.outbox import UNWRITABLE, Outbox
from proxy.store.settle import Settler
from proxy.store.told import Told
from proxy.store.topics import Themes
from proxy.store.traces import Traces
from proxy.tasks import Tasks

log = logging.getLogger(__name__)

FINISH: Final = 8.0
"""Seconds that the end of the process gives to what waits for the store."""
EMBEDDED: Final = "embedded"
COLLECT: Final = (100_000, 20, 50)
"""Allocations between collections: events and states hold no cycles, and what is in work would be gone through in vain. At 10,000
that took 12 us of a turn. What does go round in circles is collected by the clock (proxy.observer.trimming)."""

SWITCH: Final = 0.0005
"""Seconds after which a thread that works (the text of a scrape) lets the event loop in. A round trip to the store takes 0.15 ms,
beside such a thread 0.6; by Python's default of 5 ms it took 1.7."""


class Observer:
    """Intake, pipeline, keeper, console and export of one host."""

    def __init__(self, plan: ObserverPlan) -> None:
        settings = plan.settings
        self._plan = plan
        self._settings = settings
        state = Path(plan.state)
        secret = bytes.fromhex(plan.secret)
        presets = compile_presets(raw_presets(own_presets(settings)))
        markers = compile_markers(raw_markers({name for each in settings.assistants for name in each.markers.named}))
        self._directories = Directories(settings.assistants, secret)
        judges = scorers(settings.assistants)
        self._readers = {
            each.name: Understanding(each, presets, markers, {}, secret, judges.get(each.name)) for each in settings.assistants
        }
        for name, known in self._directories.known.items():
            self._known(name, known)
        self._tasks = Tasks()
        self._thread = ThreadPoolExecutor(1, "outbox")
        self._outbox = Outbox.open(state / "outbox.sqlite", settings.store.outbox_limit)
        self._suspects = Suspects(state / "run")
        self._pipeline = Pipeline(self._readers, Commits(self._outbox, self._in_thread, UNWRITABLE), self._suspects)
        self._intake = Intake(state / "run" / "observer.sock", self._pipeline)
        self._pipeline.pause = lambda busy: self._intake.pause(busy=busy)
        self._tokens = Tokens(settings.assistants)
        self._pipeline.admit = self._tokens.admit
        self._pipeline.acknowledge = self._intake.acknowledge
        self._tap = Tap(state)
        self._pipeline.tap = self._tap.hand
        self._workshop = Workshop(settings, monotonic)
        self._pipeline.see = self._workshop.see
        self._embedded = Embedded(state) if settings.store.url == EMBEDDED else None
        self._redis = connect(self._embedded.url if self._embedded is not None else settings.store.url, settings.store)
        listed = ListPrices()
        self._scoring = Scoring(settings.assistants, self._redis, listed, time)
        for name in self._scoring.wanted:
            self._readers[name].hear = self._scoring.sampling.hear
        self._telemetry = Telemetry(settings)
        self._live = Rolling({each.name: each.session.idle for each in settings.assistants}, time)
        assistants = {each.name: each for each in settings.assistants}
        self._keeper = Keeper(
            self._outbox,
            Applier(self._redis, assistants, self._outbox.observer, self._directories.rolls),
            Settler(self._redis, assistants),
            Told(self._redis, self._outbox.observer),
            executor=self._in_thread,
            changed=self._changed,
            assistants=assistants,
            clock=time,
            monotonic=monotonic,
            earliest=lambda: self._pipeline.earliest,
            ready=CaughtUp(lambda: len(self._pipeline.relays), plan.relays, monotonic),
            away=AWAY,
            unwritable=UNWRITABLE,
        )
        self._reading = Reading(
            Ledger(self._redis, listed, Baselines().contacts),
            Activity(self._redis),
            Themes(self._redis),
            self._directories.rolls,
            time,
        )
        self._monthly = Monthly(
            settings.assistants, settings.reports, self._reading, state / "reports", lambda: datetime.now(UTC)
        )
        self._uptime = Uptime()
        self._prober = Prober(settings.assistants, self._probed, time)
        self._fleet = Fleet(
            Lease(self._redis, self._outbox.observer),
            functools.partial(self._reading.snapshots, settings.assistants),
            self._telemetry.figures,
            clock=monotonic,
            away=(*AWAY, Unavailable),
        )
        self._vitals = Vitals(
            readers=self._readers,
            pipeline=self._pipeline,
            keeper=self._keeper,
            outbox=self._outbox,
            fleet=self._fleet,
            directories=self._directories,
            tokens=self._tokens,
            scoring=self._scoring,
            relays=plan.relays,
            clock=time,
        )

    def _in_thread(self, function: Callable[..., object], *arguments: object) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._thread, functools.partial(function, *arguments))

    def _changed(self, changes: Sequence[Change]) -> None:
        if changes:
            self._telemetry.record(changes)
            self._live.apply(changes)

    def _probed(self, attempts: Sequence[Attempt]) -> None:
        self._uptime.add(attempts)
        self._telemetry.probed(attempts)

    def _known(self, assistant: str, known: Known) -> None:
        self._readers[assistant].know(known.people, known.aliases)

    async def run(self) -> None:
        """Observe until told to stop; then put away what is known."""
        stop = asyncio.Event()
        on_stop(stop.set)
        runner = await self._serve_console()
        if self._embedded is not None:
            await self._start_embedded(self._embedded)
        await self._tap.start()
        await self._intake.start()
        self._tasks.start(self._pipeline.run(), "pipeline")
        self._tasks.start(self._directories.watch(self._known), "directories")
        for name, ring in self._tokens.rings.items():
            self._tasks.start(ring.watch(), f"keys of {name}")
        keeping = self._tasks.start(self._keeper.run(), "keeper")
        self._tasks.start(self._fleet.run(), "fleet")
        self._tasks.start(self._prober.run(), "probes")
        self._tasks.start(self._monthly.run(), "reports")
        self._tasks.start(self._vitals.tell(self._telemetry), "vitals")
        self._tasks.start(self._scoring.sampling.run(), "samples")
        self._tasks.start(trimming(), "free room")
        for name, judge in self._scoring.judges.items():
            self._tasks.start(judge.run(), f"judge of {name}")
        await stop.wait()
        await self._intake.stop()
        await self._pipeline.drained()
        await self._tap.stop()
        keeping.cancel()
        await asyncio.wait({keeping})
        await self._keeper.finish(FINISH)
        await runner.cleanup()
        await self._tasks.stop()
        await self._fleet.finish()
        await self._telemetry.shutdown()
        await self._redis.aclose()
        if self._embedded is not None:
            await self._embedded.stop()
        self._suspects.close()
        await self._in_thread(self._outbox.close)
        self._thread.shutdown()
        finish()

    async def _start_embedded(self, embedded: Embedded) -> None:
        """Start the store; when it can't be, figures wait in the outbox and the traffic knows nothing of it."""
        try:
            await embedded.start()
        except EmbeddedError as error:
            log.error("the embedded store can't be started, figures wait in the outbox: %s", error)  # noqa: TRY400

    async def _serve_console(self) -> web.AppRunner:
        application = make_app(
            Sources(
                settings=self._settings,
                key=bytes.fromhex(self._plan.secret),
                ledger=self._reading,
                live=self._live,
                health=self._vitals.health,
                scrape=self._telemetry.scrape,
                now=lambda: datetime.now(UTC),
                surveys=Surveys(
                    Keyed(bytes.fromhex(self._plan.secret)),
                    Once(self._redis),
                    lambda rating: self._in_thread(self._outbox.commit, (rating,), {}, {}),
                    away=AWAY,
                    unwritable=UNWRITABLE,
                ),
                proofs=Proofs(self._reading, Traces(self._redis), time),
                workshop=self._workshop,
                reviews=self._scoring.reviewing,
                judge=self._scoring.state,
                uptime=lambda assistant: self._uptime.strips(assistant, time()),
            )
        )
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.SockSite(runner, socket.socket(fileno=self._plan.console)).start()
        return runner


async def _serve(plan: ObserverPlan) -> None:
    observer = Observer(plan)
    gc.freeze()  # presets, rules and what was imported stay for good: collections look only at what came after
    gc.set_threshold(*COLLECT)
    sys.setswitchinterval(SWITCH)
    await observer.run()


def main(plan: ObserverPlan) -> None:
    """Run an observer until it is told to stop."""
    uvloop.run(_serve(plan))
