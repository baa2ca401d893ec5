"""No text of a message, no raw identity and no credential stays anywhere but in the traffic."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.product import until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import post, say

pytestmark = pytest.mark.e2e

CANARY = "canari7f3a"
THEME = "canariquetzal"
"""A word of letters alone, of which themes are made."""
FEW = 4
"""People who use it: one less than may be shown."""
SHOWN = (
    "/",
    "/?lang=fr",
    "/metrics",
    "/api/v1/kpis?assistant=chat",
    "/readyz",
    "/workshop?assistant=chat",
    "/api/v1/exchanges?assistant=chat",
    "/api/v1/evidence?assistant=chat&kpi=csat",
    "/api/v1/topics?assistant=chat",
    "/quality?assistant=chat",
)
PLACES = ("text", "user", "conversation", "bearer", "key", "cookie", "header", "feedback", "query", "path")


def canary(place: str) -> str:
    return f"{CANARY}-{place}"


def test_no_content_and_no_identity_is_kept(start: Start) -> None:
    with Server(chat) as upstream:
        product = start(
            {
                "assistants": [
                    {
                        "name": "chat",
                        "upstream": upstream.url,
                        "session": {"idle": "1s", "settle": "1s"},
                        "identity": {"user": ["header:x-forwarded-user", "cookie:sid", "jwt:authorization#sub"]},
                        "opinions": {"sentiment": True},
                        "topics": {"kept": True, "people": FEW + 1},
                    }
                ],
                "log": {"level": "debug"},
            }
        )
        headers = {
            "Authorization": f"Bearer {canary('bearer')}",
            "X-Api-Key": canary("key"),
            "Cookie": f"sid={canary('cookie')}; other={canary('cookie')}",
            "X-Other": canary("header"),
        }
        port = product.listen["chat"]
        say(port, canary("text"), user=canary("user"), conversation=canary("conversation"), headers=headers)
        say(port, canary("text"), user=canary("user"), headers={"X-Forwarded-User": canary("user")}, stream=True)
        for person in range(FEW):
            say(port, f"Le {THEME} du conseiller technique", user="", headers={"X-Forwarded-User": f"few{person}"})
        body = {"message_id": f"chatcmpl-{canary('text')}", "rating": "up", "comment": canary("feedback"), "user": canary("user")}
        assert post(port, f"/v1/feedback?token={canary('query')}", body, headers)[0] == 200
        assert post(port, f"/{canary('path')}/chat?key={canary('query')}", {"question": canary("text")}, headers)[0] >= 200
        until(lambda: True if product.kpis("chat")["kpis"]["turns"]["value"] >= 2 + FEW else None, "the turns are counted")
        until(lambda: True if sum(product.kpis("chat")["outcomes"].values()) >= 1 else None, "the sessions are settled")
        shown = [product.get(path) for path in SHOWN]
        product.stop()
        assert b'"place":"messages[*].content"' in shown[SHOWN.index("/api/v1/exchanges?assistant=chat")]
        kept = {str(path): path.read_bytes() for path in Path(product.directory).rglob("*") if path.is_file()}
        kept.update({f"page {number}": content for number, content in enumerate(shown)})
        assert b'"topics":[],"hidden":1' in shown[SHOWN.index("/api/v1/topics?assistant=chat")]
        found = {where for where, content in kept.items() if CANARY.encode() in content or THEME.encode() in content}
        assert not found
        assert any("outbox" in where or "aof" in where for where in kept), "the store's files were looked at"
