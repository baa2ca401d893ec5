"""Pages, guard and health as a browser and a probe see them."""

from __future__ import annotations

import html
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import ClientResponse

from proxy.console import crowds, overview, reading
from proxy.console.app import make_app
from proxy.console.cookies import COOKIE
from proxy.console.guard import GuardError
from proxy.kpi.books import Books
from proxy.kpi.report import Breakdown, Completeness, Day, Figures, Group, Measure
from proxy.kpi.uptime import Attempt
from proxy.words.catalogue import CATALOGUE, Words
from tests.console.conftest import NOW

TOKEN = "a-token-of-some-length"


VIEWS = ("/", "/realtime", "/quality", "/strategic")


class Elements(HTMLParser):
    """Collects start tags with their attributes, and checks that each is closed in order."""

    VOID = frozenset({"meta", "link", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


async def page(response: ClientResponse, status: int = 200) -> tuple[str, Elements]:
    text = await response.text()
    assert response.status == status, text
    assert response.content_type == "text/html"
    return html.unescape(text), Elements(text)


async def test_first_page_shows_the_five_with_what_they_rest_on(start: Any) -> None:
    client = await start()
    text, elements = await page(await client.get("/?lang=en"))
    assert len([tile for tile in elements.all("a") if tile.get("class") == "tile"]) == 5
    for said in (
        "62.0%",
        "620 of 1,000 sessions",
        "interval 59.0–65.0%",
        "target 50–80%",
        "31.0% confirmed",
        "60.0% with open ones",
        "on target",
        "3.2\u00a0s",
        "target 10\u00a0s or less",
        "50% in 2.6\u00a0s, 95% in 8.1\u00a0s",
        "off target",
        "below the band",
        "not enough data",
        "4 test sessions left out.",
        "27\u00a0Oct to 23\u00a0Nov\u00a02026",
    ):
        assert said in text


async def test_probes_have_a_strip_in_words_and_cells(start: Any, world: Any) -> None:
    client = await start()
    assert 'class="strip"' not in await (await client.get("/?assistant=rh")).text()
    at = NOW.timestamp()
    for verdict in ("ok", "status", "ok"):
        world.uptime.add([Attempt(assistant="rh", probe="home", replica=0, at=at, verdict=verdict)])
    page = await (await client.get("/?assistant=rh&lang=fr")).text()
    assert "home\u202f: répond\u202f; 66,67" in page
    assert page.count('class="fault"') == 1
    assert page.count('class="blank"') == 95
    assert 'class="strip"' not in await (await client.get("/?assistant=it")).text()


async def test_numbers_are_written_as_the_language_writes_them(start: Any) -> None:
    client = await start()
    text, _ = await page(await client.get("/", headers={"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.8"}))
    for said in ("62,0\u202f%", "620 sur 1\u202f000 sessions", "3,2\u00a0s", "objectif 50–80\u202f%", "du 27\u00a0oct."):
        assert said in text


async def test_language_of_the_address_wins_over_settings_and_browser(start: Any, world: Any) -> None:
    world.console(language="fr")
    client = await start()
    _, elements = await page(await client.get("/?lang=en", headers={"Accept-Language": "fr"}))
    assert elements.all("html")[0]["lang"] == "en"
    _, elements = await page(await client.get("/", headers={"Accept-Language": "en"}))
    assert elements.all("html")[0]["lang"] == "fr"


async def test_links_are_permanent_and_choices_show(start: Any) -> None:
    client = await start()
    text, elements = await page(await client.get("/?assistant=it&days=7&kpi=response_time&lang=en"))
    assert "Mean response time, day by day" in text
    current = [link["href"] for link in elements.all("a") if link.get("aria-current")]
    assert len(current) == 6  # assistant, view, language, period, audience, tile
    assert all("assistant=it" in (href or "") and "days=7" in (href or "") for href in current)


@pytest.mark.parametrize("path", ["/?days=1e9&kpi=<script>&lang=xx", "/?days=%00", "/?kpi=../../etc&kpi=2"])
async def test_choices_that_do_not_exist_are_the_defaults(start: Any, path: str) -> None:
    text, _ = await page(await (await start()).get(path, headers={"Accept-Language": "*;q=x"}))
    assert "Automation, day by day" in text


async def test_unknown_assistant_is_a_404_page(start: Any) -> None:
    text, _ = await page(await (await start()).get("/?assistant=nobody"), 404)
    assert "There is no assistant of this name." in text


async def test_a_hostile_name_stays_text(start: Any, world: Any) -> None:
    client = await start()
    name = world.settings.assistants[-1].name
    response = await client.get("/", params={"assistant": name})
    raw = await response.text()
    assert response.status == 200
    assert "<script>alert" not in raw
    assert "49" not in re.findall(r"<p class=\"only\">.*?</p>", raw)
    elements = Elements(raw)
    assert [script.get("src", "")[:16] for script in elements.all("script")] == ["/static/live.js?"]  # type: ignore[index]
    assert name in html.unescape(raw)


@pytest.mark.parametrize("path", ["/", "/login", "/nothing", "/?assistant=nobody", "/api/v1/kpis", "/metrics", "/healthz"])
async def test_every_answer_has_the_strict_policy(start: Any, path: str) -> None:
    response = await (await start()).get(path)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in response.headers


@pytest.mark.parametrize("path", [*VIEWS, "/groups", "/overview", "/login", "/nothing"])
async def test_pages_obey_the_policy(start: Any, path: str) -> None:
    """No inline script, style or handler, nothing from elsewhere; names and labels where a reader needs them."""
    response = await (await start()).get(path)
    elements = Elements(await response.text())
    for tag, attributes in elements.found:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert not [value for name in ("src", "href", "action") if (value := attributes.get(name) or "").startswith("http")]
    assert all(script["src"] for script in elements.all("script"))
    assert elements.all("html")[0]["lang"]
    assert len(elements.all("main")) == 1
    assert len(elements.all("h1")) == 1
    for svg in elements.all("svg"):
        assert svg.get("aria-hidden") == "true" or (svg["role"] == "img" and svg["aria-label"])
    assert all(nav["aria-label"] for nav in elements.all("nav"))
    labels = {label["for"] for label in elements.all("label")}
    fields = [field for tag in ("input", "select") for field in elements.all(tag) if field.get("type") != "hidden"]
    assert all(field["id"] in labels for field in fields)


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("state", ["down", "hung"])
async def test_a_store_that_is_away_is_said(
    start: Any, world: Any, monkeypatch: pytest.MonkeyPatch, lang: str, state: str
) -> None:
    monkeypatch.setattr(reading.Patient.__init__, "__defaults__", (0.01,))
    world.ledger.state = state
    text, elements = await page(await (await start()).get(f"/?lang={lang}"), 503)
    assert CATALOGUE["down.title"][lang == "fr"] in text
    assert elements.all("main")[0]["data-face"] == "down"


async def test_before_the_first_turn_the_page_says_what_to_do(start: Any, world: Any) -> None:
    world.ledger.kpis, world.ledger.outcomes = {}, {}
    text, _ = await page(await (await start()).get("/"))
    assert "Point the clients of rh at 127.0.0.1:8080" in text


async def test_a_fault_is_logged_and_told_without_its_details(
    start: Any, world: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = await start()
    monkeypatch.setattr(world.ledger, "figures", None)
    text, _ = await page(await client.get("/"), 500)
    assert "NoneType" not in text
    assert "NoneType" in caplog.text
    response = await client.get("/api/v1/kpis?assistant=rh")
    assert response.status == 500
    assert (await response.json())["error"]["code"] == "fault"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8081", "127.0.0.1.evil.example", "169.254.169.254"])
async def test_a_rebound_name_is_refused(start: Any, host: str) -> None:
    client = await start()
    assert (await client.get("/", headers={"Host": host})).status == 421
    assert (await client.get("/metrics", headers={"Host": host})).status == 421


@pytest.mark.parametrize("host", ["localhost:8081", "127.0.0.1", "[::1]:8081", "LOCALHOST"])
async def test_loopback_names_are_answered(start: Any, host: str) -> None:
    assert (await (await start()).get("/", headers={"Host": host})).status == 200


def token_file(folder: Path, token: str = TOKEN) -> str:
    path = folder / "token"
    path.write_text(token + "\n")
    return str(path)


async def test_a_token_guards_everything_but_the_probes(start: Any, world: Any, tmp_path: Path) -> None:
    world.console(listen="0.0.0.0:8081", token_file=token_file(tmp_path))
    client = await start()
    for path in ("/api/v1/kpis", "/api/v1/assistants", "/events", "/metrics", "/nothing"):
        response = await client.get(path)
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    for path in ("/healthz", "/readyz", "/login", "/static/console.css"):
        assert (await client.get(path)).status == 200
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert (await client.get("/metrics", headers=bearer)).status == 200
    assert (await client.get("/", headers={**bearer, "Host": "kpi.example"})).status == 200
    assert (await client.get("/metrics", headers={"Authorization": "Bearer wrong"})).status == 401
    assert (await client.get("/metrics", cookies={COOKIE: TOKEN})).status == 401


async def test_signing_in_and_out(start: Any, world: Any, tmp_path: Path) -> None:
    world.console(listen="0.0.0.0:8081", token_file=token_file(tmp_path))
    client = await start()
    answer = await client.get("/?lang=fr", allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"] == "/login?lang=fr"
    assert (await client.get("/overview", allow_redirects=False)).status == 303
    text, _ = await page(await client.post("/login", data={"token": "wrong"}), 401)
    assert "This is no token that is good." in text
    answer = await client.post("/login?lang=fr", data={"token": TOKEN}, allow_redirects=False)
    assert answer.headers["Location"] == "/?lang=fr"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    text, elements = await page(await client.get("/", headers={"Cookie": cookie.split(";")[0]}))
    assert [form["action"] for form in elements.all("form")] == ["/logout", "/"]
    out = await client.post("/logout", headers={"Cookie": cookie.split(";")[0]}, allow_redirects=False)
    assert "Max-Age=0" in out.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"listen": "127.0.0.1:8081", "token_file": "/nonexistent/token"}, "/nonexistent/token"),
    ],
)
async def test_an_open_console_is_not_started(world: Any, fields: dict[str, str], said: str) -> None:
    world.console(**fields)
    with pytest.raises(GuardError, match=said):
        make_app(world.sources())


async def test_a_short_token_is_refused(world: Any, tmp_path: Path) -> None:
    world.console(token_file=token_file(tmp_path, "short"))
    with pytest.raises(GuardError, match="16 characters"):
        make_app(world.sources())


async def test_health(start: Any, world: Any) -> None:
    client = await start()
    assert await (await client.get("/healthz")).json() == {"status": "alive"}
    ready = await (await client.get("/readyz")).json()
    assert ready["store"] == "up"
    world.health = type(world.health)(
        relays=1, relays_wanted=2, store_up=False, books=Books(seen=109, counted=100, pending=9), lag=0.0, dropped=0, level=0
    )
    response = await client.get("/readyz")
    assert response.status == 200
    assert await response.json() == {
        "status": "ready",
        "relays": {"connected": 1, "wanted": 2},
        "store": "down, outbox in use",
        "outbox": {"seen": 109, "counted": 100, "pending": 9, "dropped": 0},
    }
    world.health = type(world.health)(
        relays=0, relays_wanted=2, store_up=True, books=Books(seen=100, counted=100, pending=0), lag=0.0, dropped=0, level=0
    )
    assert (await client.get("/readyz")).status == 503


async def test_a_directory_that_can_not_be_used_is_on_the_page(start: Any, world: Any) -> None:
    world.health = msgspec.structs.replace(world.health, stale=("rh",))
    text = await (await (await start()).get("/?lang=en")).text()
    assert "directory of rh can&#39;t be read, the one before is in use" in text


async def test_assets_are_kept_by_hash_and_checked_by_tag(start: Any) -> None:
    client = await start()
    _, elements = await page(await client.get("/"))
    for address in [script["src"] for script in elements.all("script")] + [link["href"] for link in elements.all("link")]:
        response = await client.get(address)
        assert response.status == 200
        assert "immutable" in response.headers["Cache-Control"]
        again = await client.get(address, headers={"If-None-Match": response.headers["ETag"]})
        assert again.status == 304
    assert (await client.get("/static/console.css")).headers["Cache-Control"] == "no-cache"
    assert (await client.get("/static/..%2fapp.py")).status == 404


async def test_metrics_are_what_the_scrape_gives(start: Any) -> None:
    response = await (await start()).get("/metrics")
    assert await response.text() == "up 1\n"
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")


async def test_the_report_of_last_month_is_a_page_with_its_own_policy(start: Any, world: Any) -> None:
    client = await start()
    answer = await client.get("/report?assistant=rh&lang=fr")
    assert answer.status == 200
    assert "rh\u202f: le service rendu en octobre\u00a02026" in await answer.text()
    assert world.ledger.asked[-2:] == [
        ("rh", date(2026, 10, 1), date(2026, 10, 31)),
        ("rh", date(2026, 9, 1), date(2026, 9, 30)),
    ]
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("form", "starts"), [("md", b"# rh"), ("csv", b"assistant,month"), ("xlsx", b"PK")])
async def test_the_report_as_a_file(start: Any, form: str, starts: bytes) -> None:
    client = await start()
    answer = await client.get(f"/report?assistant=rh&month=2026-10&format={form}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="report-2026-10.{form}"'
    assert (await answer.read()).startswith(starts)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("assistant=rh&month=2026-13", 400, "month"),
        ("assistant=rh&month=2027-01", 400, "month"),
        ("assistant=rh&format=pdf", 400, "format"),
        ("assistant=hr", 404, "assistant_unknown"),
        ("assistant=rh&moth=2026-10", 400, "parameter_unknown"),
    ],
)
async def test_a_report_that_can_not_be_given_says_why(start: Any, query: str, status: int, code: str) -> None:
    client = await start()
    answer = await client.get(f"/report?{query}")
    assert answer.status == status
    assert (await answer.json())["error"]["code"] == code


async def test_without_the_store_there_is_no_report(start: Any, world: Any) -> None:
    client = await start()
    world.ledger.state = "down"
    assert (await client.get("/report?assistant=rh")).status == 503


async def test_all_assistants_at_a_glance_the_one_that_misses_targets_first(start: Any, world: Any) -> None:
    client = await start()
    text, elements = await page(await client.get("/overview?days=7&lang=fr"))
    rows = [link for link in elements.all("a") if "assistant=it" in (link.get("href") or "")]
    assert rows
    assert "62,0" in text
    assert elements.all("script") == []
    assert {name for name, first, _ in world.ledger.asked if first == date(2026, 11, 17)} >= {"rh", "it"}
    world.ledger.state = "down"
    assert (await client.get("/overview")).status == 503


def test_who_misses_a_target_comes_first() -> None:
    def figures(name: str, status: Any) -> Any:
        measure = Measure(value=0.5, status=status)
        return Figures(
            assistant=name,
            from_="2026-11-01",
            to="2026-11-02",
            time_zone="Europe/Paris",
            kpis={"csat": measure},
            provisional={},
            outcomes={},
            open_sessions=0,
            completeness=Completeness(captured=None, decoded=None, attributed=None, dropped=0),
        )

    judged = [("fine", "met"), ("near", "inconclusive"), ("bad", "not_met")]
    found: list[tuple[Figures, list[Day]]] = [(figures(name, status), []) for name, status in judged]
    rows = overview.rows(found, {"fine": 0, "near": 0, "bad": 7}, Words("en"))
    assert [(row["name"], row["rate"]) for row in rows] == [("bad", "7"), ("near", "0"), ("fine", "0")]


async def test_an_assistant_by_group_small_ones_hidden(start: Any, world: Any) -> None:
    client = await start()
    text, elements = await page(await client.get("/groups?assistant=rh&by=department&days=28"))
    assert "HR" in text
    assert "62.0%" in text
    assert "hidden: too few people" in text
    assert "groups hidden: 1" in text
    assert [link for link in elements.all("a") if "by=channel" in (link.get("href") or "")]
    assert [
        link
        for link in elements.all("a")
        if (link.get("href") or "").endswith("by=department") and "/api/" in (link.get("href") or "")
    ]
    world.ledger.state = "down"
    assert (await client.get("/groups?assistant=rh")).status == 503


def test_groups_are_ordered_by_size_and_what_has_no_label_comes_last() -> None:
    def group(label: str, turns: float, hidden: bool = False) -> Group:
        return Group(label=label, hidden=hidden, kpis={"turns": Measure(value=None if hidden else turns)})

    found = Breakdown(
        assistant="rh",
        by="channel",
        from_=None,
        to=None,
        time_zone="Europe/Paris",
        groups=[group("", 50.0), group("mail", 3.0), group("few", 0.0, hidden=True), group("web", 40.0)],
        suppressed_groups=1,
    )
    assert [row["label"] for row in crowds.rows(found, Words("en"))] == ["web", "mail", "not known", "few"]
    assert crowds.period(found, Words("en")) == "no whole week yet"
