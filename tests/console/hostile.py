"""A console of which every name that traffic or settings give is an attack: labels, rules, fields, probes, reasons, ids."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from proxy.console.status import Health
from proxy.console.trials import Attempt, Tried
from proxy.kpi.baseline import Effect
from proxy.kpi.books import Books
from proxy.kpi.evidence import Evidence, Line, Page
from proxy.kpi.groups import DIMENSIONS, WHOLE, Dimension, Scope
from proxy.kpi.report import Breakdown, Completeness, Group, Measure
from proxy.kpi.timeline import Moment, Timeline
from proxy.kpi.uptime import Attempt as Probed
from proxy.kpi.value import ValueReport
from proxy.kpi.whatif import Column, Comparison, Terms
from proxy.meaning.outlines import Counted, Field, Outline
from proxy.settings.model import Annotation, Assistant, Probe
from tests.console.conftest import NOW, FakeLedger, FakeWorkshop, World, measures
from tests.kpi.worths import VALUED

ATTACKS: Final = (
    "<script>window.hacked=1</script>",
    '"><img src=x onerror=window.hacked=1>',
    "' onmouseover='window.hacked=1' x='",
    "</textarea></pre></svg><svg onload=window.hacked=1>",
    "javascript:window.hacked=1",
    "{{ 7*7 }}{% raw %}",
)
ATTACK: Final = "".join(ATTACKS)


class HostileLedger(FakeLedger):
    """Every label, annotation, model, version and source is an attack, and every reason why there is no figure."""

    def __init__(self) -> None:
        super().__init__()
        self.notes = (Annotation(on="2026-11-02", text=ATTACK),)

    async def value(self, assistant: Assistant, first: date, last: date) -> ValueReport:
        found = await super().value(msgspec.structs.replace(assistant, value=VALUED), first, last)
        models = tuple([msgspec.structs.replace(each, model=ATTACK) for each in found.models])
        assumed = tuple([msgspec.structs.replace(each, version=ATTACK, source=ATTACK) for each in found.assumptions])
        phase = Effect(
            from_="2026-09-07", departments=(ATTACK,), weeks_before=8, weeks_since=8, expected=10.0, since=8.0, change=-2.0,
            interval=(-3.0, -1.0),
        )  # fmt: skip
        return msgspec.structs.replace(found, models=models, assumptions=assumed, phases=(phase,))

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date, within: Scope = WHOLE) -> Breakdown:
        found = await super().breakdown(assistant, by, first, last, within)
        groups = [Group(label=attack, hidden=False, kpis=measures()) for attack in (*ATTACKS, ATTACK)]
        return msgspec.structs.replace(found, by=by, groups=groups)

    async def labels(self, assistant: Assistant) -> dict[Dimension, list[str]]:
        return {name: [*ATTACKS, ATTACK] for name in DIMENSIONS}


class HostileProofs:
    """Sessions and rules are attacks."""

    async def evidence(self, assistant: Assistant, kpi: str, first: date, last: date, page: Page) -> Evidence:
        line = Line(session=ATTACK, day="2026-11-01", outcome=ATTACK, hits=0, n=1, turns=2, rules=(ATTACK,))
        complete = Completeness(captured=1.0, decoded=1.0, attributed=None, dropped=0)
        return Evidence(
            assistant=assistant.name, kpi=kpi, from_="2026-11-01", to="2026-11-02", time_zone="UTC", definition=ATTACK,
            figure=Measure(value=0.5, reason=ATTACK), hits=1, n=2, agrees=True, counted=1, considered=2, excluded=0,
            rules={ATTACK: 1}, unknown_users=0, traced_from=None, completeness=complete, sessions=(line,), left_out=0,
        )  # fmt: skip

    async def timeline(self, assistant: Assistant, session: str, first: date, last: date) -> Timeline | None:
        moment = Moment(kind="turn", after=0.0, result="ok", rules=(ATTACK,))
        return Timeline(
            assistant=assistant.name, session=ATTACK, begins="2026-11-01T10:00:00+01:00", outcome=ATTACK, turns=1, channel=ATTACK,
            moments=(moment,), left_out=0,
        )  # fmt: skip

    async def what_if(self, assistant: Assistant, first: date, last: date, terms: Terms) -> Comparison:
        column = Column(terms=terms, kpis={}, outcomes={ATTACK: 1}, open_sessions=0)
        return Comparison(
            assistant=assistant.name, from_="a", to="b", time_zone="UTC", traced_from=None, settings=column, instead=column
        )


class HostileWorkshop(FakeWorkshop):
    """Routes, fields, marks and results are attacks."""

    def __init__(self) -> None:
        super().__init__()
        field = Field(place=ATTACK, kind="text", count=1, least=1, most=2)
        outline = Outline(
            at=NOW.timestamp(), route=("POST", (ATTACK,)), status=200, outcome=ATTACK, preset=ATTACK, marks=(ATTACK,),
            request=(field,), request_size=1, answer=(field,), answer_size=1, stream=False,
        )  # fmt: skip
        self.seen = [(ATTACK, outline)]
        self.unknown = [Counted(route=ATTACK, count=1)]
        self.result = Tried(lines=ATTACKS, problem=ATTACK)

    async def attempt(self, attempt: Attempt) -> Tried:
        return self.result


def hostile_world() -> World:
    """Two assistants; the second is called an attack, which no settings file could."""
    world = World()
    world.ledger = HostileLedger()
    world.proofs = HostileProofs()
    world.workshop = HostileWorkshop()
    world.health = Health(
        relays=1, relays_wanted=2, store_up=True, books=Books(seen=1, counted=1, pending=0), lag=0.1, dropped=0, level=0,
        stale=(ATTACK,), keyless=(ATTACK,),
    )  # fmt: skip
    own: dict[str, Any] = {"upstream": "http://127.0.0.1:1", "listen": ATTACK, "channel": ATTACK, "probes": (Probe(name=ATTACK),)}
    world.settings = msgspec.structs.replace(
        world.settings, assistants=(Assistant(name="rh", **own), Assistant(name=world.settings.assistants[2].name, **own))
    )
    for name in ("rh", world.settings.assistants[1].name):
        world.uptime.add([Probed(assistant=name, probe=ATTACK, replica=0, at=NOW.timestamp(), verdict="ok")])
    return world
