"""Answers scored by a judge and by a person, through the whole product; no word of a user where it does not belong."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from proxy.access import tokens
from tests.e2e.conftest import Start
from tests.e2e.product import Product, fetch, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say

pytestmark = pytest.mark.e2e

KEPT = "canary-kept"
"""A word that no rule of redaction knows: reviewers and the judge read it, and nobody else."""
REMOVED = ("canary.person@example.org", "06 11 22 33 44", "sk-canary0123456789")
KEY = "canary-key-of-the-judge"
PEOPLE = 4


class JudgeServer:
    """Says that everything is correct, or breaks down."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.text())
        if self.broken:
            return web.Response(status=500)
        usage = {"prompt_tokens": 300, "completion_tokens": 8}
        return web.json_response({"choices": [{"message": {"content": '{"score": "correct"}'}}], "usage": usage})


class Reader:
    """Asks the console with a token of a role."""

    def __init__(self, product: Product, role: Any) -> None:
        self._product = product
        token, kept = tokens.made(role, role, datetime.now(UTC).date())
        tokens.add(product.state / tokens.FILE, kept)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self._product.figures_url(path), data, self._headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.loads(answer.read())


def metric(product: Product, name: str, **labels: str) -> float:
    """A line of /metrics."""
    told = ",".join([f'{key}="{value}"' for key, value in sorted(labels.items())])
    wanted = f"{name}{{{told}}} "
    found = [line for line in product.get("/metrics").decode().splitlines() if line.startswith(wanted)]
    return float(found[0].removeprefix(wanted)) if found else 0.0


def seen(look: Callable[[], bool], what: str) -> None:
    until(lambda: True if look() else None, what)


def kpi_proxy(product: Product, *arguments: str) -> str:
    command = [str(Path(sys.executable).parent / "kpi-proxy"), *arguments, "--config", str(product.config)]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=product.environment, timeout=120).stdout


def test_a_judge_and_a_reviewer_score_and_words_stay_where_they_belong(start: Start, tmp_path: Path) -> None:
    judge = JudgeServer()
    (tmp_path / "reviews.key").write_text("5a" * 32)
    (tmp_path / "judge.key").write_text(KEY)
    scored = {
        "reviews": {"share": 1, "key_file": str(tmp_path / "reviews.key")},
        "judge": {"share": 1, "model": "m", "key_file": str(tmp_path / "judge.key"), "attempts": 1},
    }
    with Server(chat) as upstream, Server(judge.answer) as other:
        scored["judge"]["url"] = f"{other.url}/v1"
        common = {"upstream": upstream.url, "session": {"idle": "1s", "settle": "1s"}}
        product = start(
            {"assistants": [{"name": "scored", **common, **scored}, {"name": "plain", **common}], "log": {"level": "debug"}}
        )
        text = f"{KEPT} {' '.join(REMOVED)}"
        for name in ("scored", "plain"):
            for person in range(PEOPLE):
                say(product.listen[name], text, user=f"person-{person}", conversation=f"c{person}")
        seen(lambda: metric(product, "proxy_judge_verdicts_total", assistant="scored", verdict="correct") == PEOPLE, "verdicts")
        judge.broken = True
        for name in ("scored", "plain"):
            say(product.listen[name], "one more", user="person-0", conversation="late")
        seen(lambda: metric(product, "proxy_judge_lost_total", assistant="scored", reason="broken") == 1, "what was lost")
        seen(lambda: sum(product.kpis("plain")["outcomes"].values()) == PEOPLE + 1, "sessions of the one")
        seen(lambda: sum(product.kpis("scored")["outcomes"].values()) == PEOPLE + 1, "sessions of the other")
        figures = {name: product.kpis(name) for name in ("scored", "plain")}
        shown = [product.get(path) for path in ("/metrics", "/quality?assistant=scored", "/api/v1/status")]
        precision = figures["scored"]["kpis"].pop("answer_precision_judge")
        assert (precision["numerator"], precision["denominator"]) == (PEOPLE, PEOPLE)
        assert figures["plain"]["kpis"].pop("answer_precision_judge")["reason"] == "unset"
        for name in ("turns", "sessions", "automation_rate", "failure_rate", "handover_rate", "availability"):
            assert figures["scored"]["kpis"][name] == figures["plain"]["kpis"][name], name
        assert figures["scored"]["outcomes"] == figures["plain"]["outcomes"]

        assert "1 texts that were kept to be scored" in kpi_proxy(product, "forget", "person-1")
        kpi_proxy(product, "backup", str(tmp_path / "backup.tar.gz"))
        reviewer, auditor = Reader(product, "reviewer"), Reader(product, "auditor")
        read = []
        while (session := reviewer.call("/api/v1/reviews?assistant=scored")["session"]) is not None:
            read += [each["question"] for each in session["answers"]]
            given = {each["id"]: "correct" for each in session["answers"]}
            assert reviewer.call("/api/v1/reviews", {"assistant": "scored", "session": session["id"], "scores": given})["taken"]
        assert sum(KEPT in each for each in read) == PEOPLE - 1, "the one who was forgotten is not among them"
        found = reviewer.call("/api/v1/kpis?assistant=scored")["kpis"]
        assert found["answer_precision_review"]["numerator"] == PEOPLE  # three of them and the late one
        assert (found["judge_agreement"]["reason"], found["judge_agreement"]["n"]) == ("few_pairs", PEOPLE - 1)
        looks = auditor.call("/api/v1/looks?assistant=scored")["looks"]
        assert {(look["reader"], look["action"]) for look in looks} == {("reviewer", "seen"), ("reviewer", "scored")}
        assert fetch(product.figures_url("/api/v1/reviews?assistant=scored"))[0] == 401
        product.stop()

    assert sum(KEPT in each for each in judge.asked) == PEOPLE
    everywhere = {str(path): path.read_bytes() for path in product.directory.rglob("*") if path.is_file()}
    everywhere |= {f"page {number}": content for number, content in enumerate(shown)}
    everywhere["backup"] = gzip.decompress((tmp_path / "backup.tar.gz").read_bytes())
    assert b":w:" in everywhere["backup"], "the backup has the texts, sealed"
    everywhere |= {f"call {number}": content.encode() for number, content in enumerate((*judge.asked, *read))}
    for word in REMOVED:
        assert [where for where, content in everywhere.items() if word.encode() in content] == [], word
    for word in (KEPT, KEY):
        found_in = [where for where, content in everywhere.items() if word.encode() in content and not where.startswith("call")]
        assert found_in == [], word
    assert any("aof" in where for where in everywhere), "the store's files were looked at"
