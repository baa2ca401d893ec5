"""Traffic that no person makes: probes, monitors, tests, service accounts."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.kpi.events import Skipped, Turn
from proxy.settings.people import Identity, Synthetic

CHAT = "/v1/chat/completions"
ASKED = {"messages": [{"role": "user", "content": "Bonjour"}], "user": "svc-load", "conversation_id": "c1"}
ANSWER = {"choices": [{"message": {"content": "Bonsoir"}, "finish_reason": "stop"}]}
RULES = Synthetic(agents=("*Checkly*", "load-test/*"), headers=("x-test", "X-Env: stag*"), paths=("/internal/*",))

MADE_BY_NOBODY: list[dict[str, Any]] = [
    {"headers": {"user-agent": "kube-probe/1.30"}},
    {"headers": {"x-synthetic": "1"}},
    {"headers": {"user-agent": "Mozilla/5.0 (checkly, 2.0)"}},
    {"headers": {"user-agent": "Load-Test/3"}},
    {"headers": {"x-test": ""}},
    {"headers": {"x-env": "Staging"}},
    {"path": f"/internal{CHAT}"},
]
MADE_BY_SOMEBODY: list[dict[str, Any]] = [
    {},
    {"headers": {"x-synthetic": "false"}},
    {"headers": {"user-agent": "curl/8 (load-test/3)"}},
    {"headers": {"x-env": "production"}},
    {"path": "/api/internal/v1/chat/completions"},
]


@pytest.mark.parametrize("head", MADE_BY_NOBODY)
def test_a_turn_of_nobody_is_excluded_and_has_no_user(head, understanding, exchange):
    (turn,) = understanding(synthetic=RULES).read(exchange(head.pop("path", CHAT), ASKED, ANSWER, **head))
    assert isinstance(turn, Turn)
    assert (turn.excluded, turn.user) == (True, None)


@pytest.mark.parametrize("head", MADE_BY_SOMEBODY)
def test_a_turn_of_somebody_is_not(head, understanding, exchange):
    (turn,) = understanding(synthetic=RULES).read(exchange(head.pop("path", CHAT), ASKED, ANSWER, **head))
    assert isinstance(turn, Turn)
    assert not turn.excluded
    assert turn.user is not None


def test_service_accounts_are_excluded_by_their_names(understanding, exchange):
    (turn,) = understanding(identity=Identity(exclude=("svc-*",))).read(exchange(CHAT, ASKED, ANSWER))
    assert isinstance(turn, Turn)
    assert (turn.excluded, turn.user) == (True, None)


def test_a_rating_of_nobody_is_none(understanding, exchange):
    (event,) = understanding(synthetic=RULES).read(exchange("/feedback", {"rating": "up"}, {}, headers={"x-test": "1"}))
    assert isinstance(event, Skipped)
    assert event.reason == "synthetic"


def test_unknown_traffic_is_counted_by_shape_without_a_name_from_it(understanding, exchange):
    reader = understanding()
    reader.read(exchange("/odd", {"marie": "a question of some words"}, events=[{"piece": "well"}] * 12))
    reader.read(exchange("/odd", {"sku": 1}, {"ok": True}))
    shapes = {shape: count for (what, shape), count in reader.counts().items() if what == "shape"}
    assert shapes == {"object with text -> events with text": 1, "object -> object": 1}
