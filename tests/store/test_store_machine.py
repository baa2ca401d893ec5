"""Any interleaving of hosts, repetition, restart and crash between steps ends in the ledger of the plain order.

Hypothesis plays two observers that share conversations on a real server, and a settler. Events come up to LATE seconds late,
commits are repeated, cut short before or after the store has them, and hosts start anew; what is due settles at some time, as in
the product never before what is older has been told. In the end the ledger is that of one host that was told every event in
order and settled on time.
"""

import asyncio
import os
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from proxy.kpi.events import Event, Mark, MarkKind, Rating, Skipped, Turn, TurnResult
from proxy.kpi.groups import Labels
from proxy.settings.model import Assistant, Session
from proxy.store.apply import Applier
from proxy.store.connect import connect
from proxy.store.settle import Settler
from tests.store.conftest import Server
from tests.store.making import BASE, Fixed, ledger, numbered

HOSTS = 2
LATE = 600.0
ASSISTANT = Assistant(upstream="http://127.0.0.1:1", name="rh", session=Session(idle=1800.0, settle=3600.0))
HEADS = {"rh": Fixed({Labels(department="HR"): 20, Labels(department="IT", profile="lead"): 7})}

CONVERSATIONS = st.sampled_from(["c0", "c1", "c2"])
USERS = st.sampled_from(["u0", "u1"])
KINDS: list[MarkKind] = ["handover_requested", "handover_started", "handover_accepted", "no_answer", "thanks", "closed"]
RESULTS: list[TurnResult] = ["ok", "ok", "error", "no_answer", "cancelled"]


class CrashError(Exception):
    """The host ends here."""


class Dying:
    """A client with which a host ends at its first transaction that writes: before the store has it, or after."""

    def __init__(self, client: Any, *, after: bool) -> None:
        self._real = client
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def pipeline(self, **options: Any) -> Any:
        pipe = self._real.pipeline(**options)
        execute = pipe.execute

        async def dying() -> Any:
            if not options.get("transaction"):
                return await execute()
            if self._after:
                await execute()
            raise CrashError

        pipe.execute = dying
        return pipe


class Hosts(RuleBasedStateMachine):
    """Two outboxes on one store."""

    server: Server

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.client: Any = connect(self.server.url)
        self.do(self.emptied())
        self.outboxes: list[list[Event]] = [[] for _ in range(HOSTS)]
        self.applied = [0] * HOSTS
        self.appliers = [self.start(host) for host in range(HOSTS)]
        self.settler = Settler(self.client, {"rh": ASSISTANT})
        self.clock = 0.0
        self.count = 0

    async def emptied(self) -> None:
        await self.client.flushall()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def start(self, host: int, client: Any = None) -> Applier:
        return Applier(client or self.client, {"rh": ASSISTANT}, f"host{host}", HEADS)

    def tell(self, host: int, event: Event) -> None:
        self.outboxes[host].append(event)

    def name(self) -> str:
        self.count += 1
        return f"e{self.count}"

    @rule(
        host=st.integers(0, HOSTS - 1),
        conversation=CONVERSATIONS,
        user=USERS,
        age=st.floats(0, LATE - 1),
        kinds=st.lists(st.sampled_from(KINDS), max_size=2, unique=True),
        result=st.sampled_from(RESULTS),
        department=st.sampled_from(["", "HR", "IT"]),
        eligible=st.booleans(),
        seconds=st.sampled_from([0.5, 12.0]),
    )
    def turn(
        self,
        host: int,
        conversation: str,
        user: str,
        age: float,
        kinds: list[MarkKind],
        result: TurnResult,
        department: str,
        eligible: bool,
        seconds: float,
    ) -> None:
        name = self.name()
        marks = tuple(Mark(kind, "protocol", "rule") for kind in kinds)
        turn = Turn(
            id=name,
            assistant="rh",
            at=BASE + self.clock - age,
            result=result,
            conversation=conversation,
            user=user,
            duration=seconds if result == "ok" else None,
            marks=marks,
            messages=(f"m{name}",),
            department=department,
            eligible=eligible,
        )
        self.tell(host, turn)

    @rule(
        host=st.integers(0, HOSTS - 1),
        conversation=CONVERSATIONS,
        user=USERS,
        age=st.floats(0, LATE - 1),
        satisfied=st.sampled_from([True, False, None]),
        message=st.integers(1, 20),
    )
    def rating(self, host: int, conversation: str, user: str, age: float, satisfied: bool | None, message: int) -> None:
        at = BASE + self.clock - age
        target = f"me{message}" if message % 2 else None
        values: Any = {"scale": "binary", "satisfied": satisfied, "conversation": conversation, "user": user, "message": target}
        self.tell(host, Rating(id=self.name(), assistant="rh", at=at, **values))

    @rule(host=st.integers(0, HOSTS - 1))
    def skip(self, host: int) -> None:
        self.tell(host, Skipped(id=self.name(), assistant="rh", at=BASE + self.clock, reason="probe"))

    @rule(seconds=st.sampled_from([60.0, 1000.0, 2500.0, 6000.0]))
    def wait(self, seconds: float) -> None:
        self.clock += seconds

    def batch(self, host: int, length: int, again: int) -> list[tuple[int, Event]]:
        first = max(0, self.applied[host] - again)
        return numbered(self.outboxes[host][first : first + again + length], first + 1)

    @rule(host=st.integers(0, HOSTS - 1), length=st.integers(1, 9), again=st.integers(0, 4))
    def apply(self, host: int, length: int, again: int) -> None:
        if batch := self.batch(host, length, again):
            self.do(self.appliers[host].apply(batch))
            self.applied[host] = max(self.applied[host], batch[-1][0])

    @rule(host=st.integers(0, HOSTS - 1), length=st.integers(1, 9), after=st.booleans())
    def crash(self, host: int, length: int, after: bool) -> None:
        """The host ends in a commit, and the next one does not know whether the store has it."""
        if batch := self.batch(host, length, 0):
            with suppress(CrashError):
                self.do(self.start(host, Dying(self.client, after=after)).apply(batch))
            self.appliers[host] = self.start(host)

    def told(self) -> float:
        waiting = [event.at for host in range(HOSTS) for event in self.outboxes[host][self.applied[host] :]]
        return min([BASE + self.clock - LATE, *waiting])

    @rule()
    def settle(self) -> None:
        self.do(self.settler.settle(self.told(), 100))

    @precondition(lambda self: self.count > 0)
    @rule(after=st.booleans())
    def crash_settling(self, after: bool) -> None:
        with suppress(CrashError):
            self.do(Settler(Dying(self.client, after=after), {"rh": ASSISTANT}).settle(self.told(), 100))  # type: ignore[arg-type]

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        try:
            found, expected = self.do(self.finished()), self.do(self.plain())
        finally:
            self.do(self.client.aclose())
            self.runner.close()
        assert found == expected

    async def finished(self) -> dict[str, dict[str, int]]:
        """The ledger after everything is told and settled."""
        for host in range(HOSTS):
            if rest := numbered(self.outboxes[host][self.applied[host] :], self.applied[host] + 1):
                await self.appliers[host].apply(rest)
        while await self.settler.settle(BASE + 1e7, 100):
            pass
        return await ledger(self.client)

    async def plain(self) -> dict[str, dict[str, int]]:
        """The ledger of one host that was told everything in order, and settled on time."""
        await self.client.flushall()
        applier, settler = self.start(0), Settler(self.client, {"rh": ASSISTANT})
        ordered = sorted((event for outbox in self.outboxes for event in outbox), key=lambda event: event.at)
        for number, event in enumerate(ordered, 1):
            await settler.settle(event.at, 100)
            await applier.apply([(number, event)])
        while await settler.settle(BASE + 1e7, 100):
            pass
        return await ledger(self.client)


def test_any_order_of_steps_gives_the_ledger_of_the_plain_order(shared_server: Server):
    class OnServer(Hosts):
        server = shared_server

    machine = settings(
        max_examples=8 * int(os.environ.get("FUZZ", "1")),
        stateful_step_count=30,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(OnServer, settings=machine)
