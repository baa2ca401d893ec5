"""What a person says through the widget, and what an assistant costs, in the figures of the whole product."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.clocks import Clock
from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import post, say

pytestmark = pytest.mark.e2e

PAGE = "https://intranet.example.org"
VALUE = {
    "prices": [{"from": "2026-01-01", "model": "echo", "input": 10000, "output": 20000}],
    "costs": [{"from": "2026-01-01", "monthly": 0, "per_session": 0.5}],
    "assumptions": [{"from": "2026-01-01", "displacement": 0.5, "contact_cost": 6, "handling": "6m"}],
}


def offered(product: Product, conversation: str, origin: str = PAGE) -> tuple[int, dict[str, Any]]:
    asked = {"assistant": "chat", "conversation": conversation}
    status, body = post(product.console, "/feedback/offer", asked, {"Origin": origin})
    return status, json.loads(body)


def given(product: Product, token: str, score: float) -> int:
    return post(product.console, "/feedback", {"token": token, "score": score}, {"Origin": PAGE})[0]


def kpis(product: Product) -> dict[str, Any]:
    found: dict[str, Any] = product.kpis("chat")["kpis"]
    return found


def test_ratings_by_invitation_and_costs_reach_the_figures(start: Start, tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    with Server(chat) as upstream:
        settings = {
            "name": "chat",
            "upstream": upstream.url,
            "survey": {"origins": [PAGE]},
            "value": VALUE,
        }
        product = start({"assistants": [settings]}, clock.environment)
        port = product.listen["chat"]
        for name in ("a", "b", "c", "d"):  # 5 tokens in, "Vous avez dit : X" are 5 out
            say(port, name, user=f"user-{name}", conversation=f"conversation-{name}")
        until(lambda: kpis(product)["turns"]["value"] == 4 or None, "the turns")
        tokens = {name: offered(product, f"conversation-{name}")[1]["token"] for name in ("a", "b")}
        assert [given(product, tokens["a"], 5), given(product, tokens["b"], 1)] == [202, 202]
        assert offered(product, "conversation-a", "https://evil.example.org")[0] == 403
        assert given(product, f"{tokens['a'][:-2]}xx", 5) == 403
        os.kill(product.part("proxy.observer"), signal.SIGKILL)
        until(lambda: kpis(product), "the next observer with its store")
        assert given(product, tokens["a"], 1) == 409, "what was used stays used"
        until(lambda: kpis(product)["csat"]["denominator"] == 2 or None, "the ratings")
        clock.set(3 * 86400.0)  # past the end of each session, and of the day in which it settles
        found = until(lambda: found if (found := kpis(product))["sessions"]["value"] == 4 else None, "the sessions")
        assert (found["csat"]["numerator"], found["csat"]["denominator"]) == (1, 2)
        assert found["csat_response_rate"]["value"] == 0.5
        # of each: 5 tokens at 0.01, 5 at 0.02, and 0.5 a session
        assert found["cost"]["value"] == pytest.approx(4 * (0.05 + 0.10 + 0.5))
        automated = found["automation_rate"]["numerator"]
        assert found["cost_avoided"]["value"] == pytest.approx(automated * 3.0)
        assert found["roi"]["value"] == pytest.approx((automated * 3.0 - 2.6) / 2.6)
