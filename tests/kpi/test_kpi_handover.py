"""What is said of handovers: when, why, how it is known, what became of them."""

import pytest

from proxy.kpi.events import Turn
from proxy.kpi.handover import handover_measures, handovers
from proxy.kpi.session import sessions, settle
from proxy.kpi.sums import total
from tests.kpi.making import BASE, RULES, session_of, state_of, turn


def sums(*conversations: list[Turn]) -> dict[str, int]:
    found: dict[str, int] = {}
    for events in conversations:
        settled = settle(state_of(events), BASE + 9 * 86400, RULES)
        for (_, name, _), count in total(sessions(settled), RULES).items():
            found[name] = found.get(name, 0) + count
    return found


ASKED = [turn(0), turn(30), turn(60, "handover_requested", "handover_started", source="phrase_assistant")]
DESK = [turn(0), turn(9, "handover_started"), turn(99, "handover_accepted", aside=True, source="desk")]
REFUSED = [turn(0, "handover_requested"), turn(60)]
TICKET = [turn(0, "handover_requested"), turn(60, "ticket_created")]
FAILED = [turn(0, "handover_started"), turn(60, "handover_failed")]


def test_turns_and_seconds_before_a_handover():
    found = handover_measures(sums(ASKED, DESK))
    assert (found["handover_turns_before"].value, found["handover_turns_before"].n) == (2.5, 2)
    assert found["handover_time_before"].value == pytest.approx((61 + 10) / 2)
    assert found["handover_time_before"].p95 == pytest.approx(61, rel=0.02)


def test_time_to_a_human_is_from_the_handover_to_its_acceptance():
    found = handover_measures(sums(ASKED, DESK))["time_to_human"]
    assert found.value == pytest.approx(89.5)
    assert found.n == 1


def test_where_nothing_tells_of_acceptance_it_is_not_given():
    found = handover_measures(sums(ASKED))
    assert (found["time_to_human"].reason, found["handover_accepted_rate"].reason) == ("not_seen", "not_seen")
    none = handover_measures({})
    assert (none["time_to_human"].reason, none["handover_turns_before"].reason) == ("no_data", "no_data")


def test_requested_but_refused_and_started_but_not_accepted():
    found = handover_measures(sums(ASKED, DESK, REFUSED, TICKET, FAILED))
    assert (found["handover_refused_rate"].numerator, found["handover_refused_rate"].denominator) == (1, 3)
    assert (found["handover_accepted_rate"].numerator, found["handover_accepted_rate"].denominator) == (1, 3)
    assert found["handover_phrase_share"].numerator == 1


def test_a_ticket_meets_a_request():
    assert session_of(*REFUSED).judged == "abandoned"
    assert session_of(*TICKET).judged == "resolved_assumed"


def test_sources_and_reasons_are_those_of_the_first_handover():
    again = [*ASKED, turn(90, "handover_returned"), turn(120, "handover_started", source="tool_call")]
    found = handovers(sums(again, DESK))
    assert found.episodes == 3
    assert found.sources == {"phrase_assistant": 1, "protocol": 1}
    assert found.reasons == {"user_request": 1, "unknown": 1}
    assert handover_measures(sums(again))["handover_phrase_share"].numerator == 0  # the tool told of one of them


def test_open_sessions_are_in_none_of_it():
    cells = total(sessions(state_of(DESK)), RULES)
    assert not [name for _, name, _ in cells if name.startswith(("handover", "before", "waited"))]
