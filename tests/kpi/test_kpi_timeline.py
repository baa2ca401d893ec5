"""One session as it went: its own moments in order, and nothing that anybody said."""

from __future__ import annotations

from datetime import date

import msgspec

from proxy.kpi.again import Remade, Span, remade
from proxy.kpi.events import Mark, Rating, Turn
from proxy.kpi.evidence import session_name
from proxy.kpi.rules import Rules
from proxy.kpi.timeline import MOST, Timeline, timeline
from proxy.kpi.trace import Trace, TracedRating, TracedTurn

AT = 1792490400.0  # 2026-10-20 12:00 in Paris
ZONE = "Europe/Paris"
RULES = Rules(zone=ZONE)


def turn(number: int, at: float, conversation: str = "secret-conversation", **more: object) -> TracedTurn:
    fields = {"id": f"t{number}", "assistant": "rh", "at": at, "result": "ok", "conversation": conversation, "user": "somebody"}
    return TracedTurn.of(msgspec.convert({**fields, **more}, Turn), conversation)


def rating(at: float, satisfied: bool) -> TracedRating:
    given = Rating(id=f"r{at}", assistant="rh", at=at, scale="binary", satisfied=satisfied, user="somebody")
    return TracedRating.of(given, "secret-conversation")


def found(traces: list[Trace]) -> list[Remade]:
    return remade(traces, RULES, Span(date(2026, 10, 20), date(2026, 10, 20), AT + 10 * 86400))


def told(traces: list[Trace], number: int = 0) -> Timeline:
    return timeline("rh", found(traces)[number], traces, ZONE)


TRACES: list[Trace] = [
    turn(1, AT, duration=2.0, first_text=0.5, channel="web"),
    turn(2, AT + 60, duration=4.0, marks=[Mark("thanks", "phrase_user", "merci")]),
    rating(AT + 90, satisfied=True),
    turn(3, AT + 3 * 3600),  # after the idle time: another session
    turn(4, AT + 30, conversation="another"),
]


def test_a_session_is_told_in_order_and_alone() -> None:
    shown = told(TRACES)
    assert (shown.begins, shown.turns, shown.channel) == ("2026-10-20T12:00:00+02:00", 2, "web")
    assert shown.outcome == "resolved_confirmed"
    assert [(moment.kind, moment.after, moment.result) for moment in shown.moments] == [
        ("turn", 0.0, "ok"),
        ("turn", 60.0, "ok"),
        ("rating", 90.0, "good"),
    ]
    assert (shown.moments[0].duration, shown.moments[0].first_text) == (2.0, 0.5)
    assert shown.moments[1].rules == ("thanks merci",)


def test_its_name_leads_nowhere_else() -> None:
    body = msgspec.json.encode(told(TRACES)).decode()
    assert session_name(found(TRACES)[0]) in body
    assert "secret-conversation" not in body
    assert "somebody" not in body


def test_a_very_long_session_is_cut_and_says_so() -> None:
    shown = told([turn(number, AT + number) for number in range(MOST + 3)])
    assert (len(shown.moments), shown.left_out) == (MOST, 3)
