"""Traces: a period made again from them has the sums of the ledger, on a real Redis and a real Valkey."""

from datetime import date

import msgspec

from proxy.kpi.again import Span, remade, total
from proxy.kpi.events import Event, Mark, Rating, Turn
from proxy.kpi.evidence import FORMULAS, Page, evidence
from proxy.kpi.report import Completeness
from proxy.kpi.rules import Rules
from proxy.kpi.whatif import Terms, column
from proxy.settings.model import Assistant, Session
from proxy.store.apply import Applier
from proxy.store.figures import Ledger
from proxy.store.keys import Keys, expiry
from proxy.store.settle import Settler
from proxy.store.traces import Traces
from proxy.store.transaction import Client
from tests.store.conftest import AGES
from tests.store.making import BASE, day_sums, ledger, numbered, traffic

FIRST, LAST = date(2026, 10, 19), date(2026, 10, 25)
LATER = BASE + 10 * 86400
SPAN = Span(FIRST, LAST, LATER)
UNTRACED = ("skipped:", "rating:unmatched", "rating:refused", "turn:unattributed")


async def counted(client: Client, assistant: Assistant, events: list[Event]) -> None:
    await Applier(client, {"rh": assistant}, "one").apply(numbered(events))
    while await Settler(client, {"rh": assistant}).settle(LATER, 1000):
        pass


def settled(events: list[Event]) -> list[Event]:
    """Those of known conversations: the ledger alone knows of the others."""
    return [event for event in events if isinstance(event, Turn | Rating) and event.conversation is not None]


async def test_what_is_made_again_is_what_was_counted(client: Client, assistant: Assistant):
    await counted(client, assistant, settled(traffic(600)))
    traces = await Traces(client).of(assistant, Rules.of(assistant), FIRST, LAST, LATER)
    again = total(remade(traces, Rules.of(assistant), SPAN))
    sums = {name: count for name, count in day_sums(await ledger(client)).items() if not name.startswith(UNTRACED)}
    sums = {name.partition("&")[0]: count for name, count in sums.items()}
    assert {name: count for name, count in again.items() if count} == sums


async def test_every_figure_has_evidence_that_agrees(client: Client, assistant: Assistant):
    await counted(client, assistant, settled(traffic(600)))
    rules = Rules.of(assistant)
    figures = await Ledger(client).figures(assistant, None, FIRST, LAST, LATER)
    found = remade(await Traces(client).of(assistant, rules, FIRST, LAST, LATER), rules, SPAN)
    complete = Completeness(captured=1.0, decoded=1.0, attributed=1.0, dropped=0)
    for kpi in FORMULAS:
        said = evidence(
            "rh", kpi, figures.kpis[kpi], found, zone=rules.zone, days=("a", "b"), assumed=True, completeness=complete,
            unknown=0, traced_from=None, page=Page(),
        )  # fmt: skip
        assert said.agrees, (kpi, said.figure, said.hits, said.n)
        assert said.considered + said.excluded == len(found)
        assert sum(line.hits for line in said.sessions) == said.hits
        rest = evidence(
            "rh", kpi, figures.kpis[kpi], found, zone=rules.zone, days=("a", "b"), assumed=True, completeness=complete,
            unknown=0, traced_from=None, page=Page(skip=2, limit=3),
        )  # fmt: skip
        assert rest.sessions == said.sessions[-5:-2]
        assert rest.left_out == len(found) - 5
    assert {rule.partition(" ")[0] for rule in said.rules} >= {"handover_started", "thanks"}
    text = msgspec.json.encode(said).decode()
    assert not [event for event in traffic(600) if isinstance(event, Turn) and f'"{event.conversation}"' in text]


def turn(number: int, at: float, conversation: str = "c", **more: object) -> Turn:
    return msgspec.convert(
        {"type": "turn", "id": f"t{number}", "assistant": "rh", "at": BASE + at, "result": "ok", "conversation": conversation,
         "duration": 1.0, **more}, Turn
    )  # fmt: skip


async def test_other_terms_give_other_figures(client: Client, assistant: Assistant):
    phrase = Mark("no_answer", "phrase_assistant", "no-answer/pas-compris")
    events: list[Event] = [
        turn(1, 0.0),
        turn(2, 2400.0),  # after 40 minutes: a session of its own, or with an idle timeout of an hour the same
        turn(3, 0.0, "d", result="no_answer", marks=[phrase]),
        turn(4, 0.0, "e", trial=[Mark("no_answer", "phrase_assistant", "mine/later")]),
        Rating(id="r", assistant="rh", at=BASE + 9000, scale="binary", satisfied=False, conversation="e"),
    ]
    await counted(client, assistant, events)
    rules = Rules.of(assistant)
    traces = await Traces(client).of(assistant, rules, FIRST, LAST, LATER)
    own = Terms.of(assistant)

    def under(**terms: object) -> dict[str, int]:
        changed = msgspec.structs.replace(own, **terms)
        made = column(traces, rules, SPAN, changed, assistant.targets)
        rate = made.kpis["automation_rate"]
        counts = {name: count for name, count in made.outcomes.items() if count}
        return {**counts, "automated": rate.numerator or 0}

    assert under() == {"resolved_assumed": 2, "abandoned": 1, "no_answer": 1, "automated": 2}
    assert under(trial=True) == {"resolved_assumed": 1, "abandoned": 1, "no_answer": 2, "automated": 1}
    assert under(trial=True, without=("mine",)) == under()
    assert under(idle=3600.0) == {"resolved_assumed": 2, "no_answer": 1, "automated": 2}
    assert under(assumed=False)["automated"] == 0
    assert under(returns="no") == {"resolved_assumed": 3, "no_answer": 1, "automated": 3}  # the return after 40 minutes
    assert under(settle=9600.0)["abandoned"] == 2  # the bad rating after two and a half hours
    assert under(without=("no-answer",)) == under(without=("no-answer/pas-compris",)) != under()
    assert "no_answer" not in under(without=("no-answer",))


async def test_traces_end_and_may_be_left_out(client: Client, assistant: Assistant):
    await counted(client, assistant, [turn(1, 0.0)])
    key = Keys("rh").traces("2026-10-20")
    assert await client.expiretime(key) == expiry("2026-10-20", 92 + AGES)
    assert await Traces(client).since(assistant, FIRST, LAST) == date(2026, 10, 20)
    await client.delete(key)
    none = msgspec.structs.replace(assistant, session=Session(traces=0.0))
    await counted(client, none, [turn(2, 0.0, "d")])
    assert await Traces(client).since(assistant, FIRST, LAST) is None


async def test_what_another_version_wrote_is_passed_over(client: Client, assistant: Assistant):
    await counted(client, assistant, [turn(1, 0.0)])
    await client.hset(Keys("rh").traces("2026-10-20"), "x", b"\xc1")
    assert len(await Traces(client).of(assistant, Rules.of(assistant), FIRST, LAST, LATER)) == 1
