"""Evidence and what-if by the API: what may be asked, and what is passed on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from proxy.kpi.evidence import Evidence, Line, Page
from proxy.kpi.report import Completeness, Measure
from proxy.kpi.timeline import Moment, Timeline
from proxy.kpi.whatif import Column, Comparison, Terms
from proxy.settings.model import Assistant
from proxy.words.catalogue import CATALOGUE
from tests.console.conftest import NoProofs
from tests.console.test_console_app import page

SESSION = "00112233aabbccdd"


class SeenProofs:
    """Answers anything, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.lines = (
            Line(
                session=SESSION,
                day="2026-11-23",
                outcome="handed_over",
                hits=0,
                n=1,
                turns=2,
                rules=("requested humain",),
            ),
        )

    async def evidence(self, assistant: Assistant, kpi: str, first: date, last: date, page: Page) -> Evidence:
        self.asked.append((assistant.name, kpi, first, last))
        return Evidence(
            assistant=assistant.name, kpi=kpi, from_="a", to="b", time_zone="UTC", definition="d", figure=Measure(value=0.5),
            hits=1, n=2, agrees=True, counted=1, considered=2, excluded=0, rules={"thanks merci": 1},
            unknown_users=0, traced_from=None,
            completeness=Completeness(captured=None, decoded=None, attributed=None, dropped=0), sessions=self.lines, left_out=3,
        )  # fmt: skip

    async def timeline(self, assistant: Assistant, session: str, first: date, last: date) -> Timeline | None:
        self.asked.append((assistant.name, session, first, last))
        if session != SESSION:
            return None
        moments = (
            Moment(kind="turn", after=0.0, result="ok", duration=2.5, first_text=0.5),
            Moment(kind="turn", after=65.0, result="error", rules=("requested humain",)),
            Moment(kind="rating", after=70.0, result="bad"),
        )
        return Timeline(
            assistant=assistant.name, session=session, begins="2026-11-23T10:00:00+01:00", outcome="handed_over", turns=2,
            channel="web", moments=moments, left_out=0,
        )  # fmt: skip

    async def what_if(self, assistant: Assistant, first: date, last: date, terms: Terms) -> Comparison:
        self.asked.append(terms)
        column = Column(terms=terms, kpis={}, outcomes={}, open_sessions=0)
        return Comparison(
            assistant=assistant.name, from_="a", to="b", time_zone="UTC", traced_from=None, settings=column, instead=column
        )


@pytest.fixture
def proofs(world: Any) -> SeenProofs:
    world.proofs = seen = SeenProofs()
    return seen


async def test_evidence_of_a_figure(start: Any, proofs: SeenProofs) -> None:
    client = await start()
    answer = await client.get("/api/v1/evidence?assistant=rh&kpi=csat&from=2026-10-01&to=2026-10-31")
    assert (await answer.json())["kpi"] == "csat"
    assert proofs.asked == [("rh", "csat", date(2026, 10, 1), date(2026, 10, 31))]


async def test_terms_are_laid_over_the_settings(start: Any, proofs: SeenProofs) -> None:
    client = await start()
    terms = "idle=1h&settle=72h&assumed=no&returns=Anywhere&without=thanks,%20no-answer/pas-compris,&trial=yes"
    answer = await client.get(f"/api/v1/what-if?assistant=rh&{terms}")
    assert answer.status == 200
    assert (await client.get("/api/v1/what-if?assistant=rh")).status == 200
    without = ("thanks", "no-answer/pas-compris")
    assert proofs.asked[0] == Terms(idle=3600.0, settle=259200.0, assumed=False, returns="anywhere", without=without, trial=True)
    assert proofs.asked[1] == Terms.of(Assistant(upstream="http://a"))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("evidence?assistant=rh&kpi=adoption", 404, "kpi_unknown"),
        ("evidence?assistant=rh&from=2026-01-01&to=2026-10-01", 400, "period"),
        ("evidence?assistant=rh&from=2026-01-01", 400, "period"),
        ("evidence?assistant=rh&idle=1h", 400, "parameter_unknown"),
        ("what-if?assistant=rh&idle=soon", 400, "term"),
        ("what-if?assistant=rh&idle=0", 400, "term"),
        ("what-if?assistant=rh&settle=300d", 400, "term"),
        ("what-if?assistant=rh&assumed=perhaps", 400, "term"),
        ("what-if?assistant=rh&returns=yes", 400, "term"),
    ],
)
async def test_what_makes_no_sense_is_told(start: Any, proofs: SeenProofs, path: str, status: int, code: str) -> None:
    answer = await (await start()).get(f"/api/v1/{path}")
    assert answer.status == status
    assert (await answer.json())["error"]["code"] == code
    assert proofs.asked == []


async def test_a_store_that_is_away(start: Any) -> None:
    client = await start()
    for path in ("evidence", "what-if"):
        assert (await client.get(f"/api/v1/{path}?assistant=rh")).status == 503


async def test_both_ask_for_the_token(start: Any, world: Any, tmp_path: Any) -> None:
    token = tmp_path / "token"
    token.write_text("a-token-of-some-length")
    world.console(listen="0.0.0.0:1", token_file=str(token))
    client = await start()
    for path in ("evidence", "what-if"):
        assert (await client.get(f"/api/v1/{path}?assistant=rh")).status == 401


async def test_the_page_of_evidence_leads_from_a_figure_to_its_sessions(start: Any, proofs: SeenProofs) -> None:
    client = await start()
    text, elements = await page(await client.get("/quality?assistant=rh&kpi=csat&lang=en"))
    link = next(each["href"] or "" for each in elements.all("a") if (each.get("href") or "").startswith("/evidence"))
    assert "kpi=csat" in link
    text, elements = await page(await client.get(link))
    for said in (CATALOGUE["about.csat"][0], CATALOGUE["evidence.same"][0], "thanks merci", "Handed to a human", "3 older ones"):
        assert said in text
    assert proofs.asked[-1] == ("rh", "csat", date(2026, 10, 27), date(2026, 11, 23))
    session = next(each["href"] or "" for each in elements.all("a") if "session=" in (each.get("href") or ""))
    text, _ = await page(await client.get(session))
    text = text.replace("\u00a0", " ")
    for said in (f"Session {SESSION}", "23 Nov 2026, 10:00", "+65.0 s", "first text 500 ms", "bad"):
        assert said in text


async def test_what_the_page_of_evidence_can_not_show_is_said(start: Any, proofs: SeenProofs, world: Any) -> None:
    client = await start()
    assert CATALOGUE["session.missing"][0] in (await page(await client.get("/evidence?lang=en&session=" + "0" * 16)))[0]
    asked = len(proofs.asked)
    text, elements = await page(await client.get("/evidence?lang=en&assistant=rh&kpi=automation_rate&days=396"))
    assert CATALOGUE["evidence.long.title"][0] in text
    assert "October 2025" in text.replace("\u00a0", " ")
    assert "620 / 1,000" in text.replace("\u00a0", " ")
    links = [each["href"] or "" for each in elements.all("a") if "kpi=automation_rate" in (each.get("href") or "")]
    months = [link for link in links if "from=" in link]
    assert [link.partition("from=")[2][:10] for link in months] == ["2026-11-01", "2026-10-01", "2026-09-01", "2026-08-01"]
    assert len(proofs.asked) == asked, "no turn was read"
    await page(await client.get(months[1]))
    assert proofs.asked[-1] == ("rh", "automation_rate", date(2026, 10, 1), date(2026, 10, 31))
    assert "/evidence" not in (await page(await client.get("/quality?assistant=rh&channel=web")))[0], "of the whole only"
    world.proofs = NoProofs()
    text, _ = await page(await (await start()).get("/evidence?lang=en"), 503)
    assert CATALOGUE["down.title"][0] in text


@pytest.mark.parametrize(("query", "status"), [(f"session={SESSION}", 200), ("session=" + "0" * 16, 404), ("session=x", 404)])
async def test_one_session_by_the_api(start: Any, proofs: SeenProofs, query: str, status: int) -> None:
    answer = await (await start()).get(f"/api/v1/session?assistant=rh&{query}")
    assert answer.status == status
    if status == 200:
        assert (await answer.json())["moments"][0] == {
            "kind": "turn", "after": 0.0, "result": "ok", "duration": 2.5, "first_text": 0.5, "rules": [],
        }  # fmt: skip
