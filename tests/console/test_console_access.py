"""Who may open which door: one table for every role and path, and the ways to show who one is."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from proxy.access import tokens
from proxy.access.roles import ROLES
from proxy.console import guard as guarding
from proxy.console.app import make_app
from proxy.console.attempts import FEW, WAIT, Attempts
from proxy.console.cookies import COOKIE, LASTS
from proxy.kpi.groups import Dimension, Scope
from proxy.kpi.report import Breakdown
from proxy.settings.model import Assistant, Console, SignOn
from tests.console.conftest import NOW, FakeLedger, World

TODAY = NOW.date()
READERS = ("nobody", "manager", "surveys", "viewer", "reviewer", "auditor", "admin")
"""`manager` is a viewer of one department."""

# What each reader gets: the status of a plain request, where it is not that of a handler that ran ("" below).
OPEN = ("", "", "", "", "", "", "")
PAGE = ("303", "", "403", "", "", "", "")
WHOLE_PAGE = ("303", "403", "403", "", "", "", "")
CALL = ("401", "", "403", "", "", "", "")
WHOLE = ("401", "403", "403", "", "", "", "")
REVIEWED_PAGE = ("303", "403", "403", "403", "", "403", "403")
REVIEWED = ("401", "403", "403", "403", "", "403", "403")
AUDITED_PAGE = ("303", "403", "403", "403", "403", "", "")
AUDITED = ("401", "403", "403", "403", "403", "", "")
ADMINS = ("401", "403", "403", "403", "403", "403", "")
ADMINS_PAGE = ("303", "403", "403", "403", "403", "403", "")
INVITING = ("401", "403", "", "403", "403", "403", "")

DOORS = {
    "GET /": PAGE,
    "GET /realtime": PAGE,
    "GET /quality": PAGE,
    "GET /strategic": PAGE,
    "GET /overview": PAGE,
    "GET /groups": PAGE,
    "GET /report": WHOLE_PAGE,
    "GET /value": WHOLE_PAGE,
    "GET /compare": WHOLE_PAGE,
    "GET /events": WHOLE,
    "GET /chart.svg": CALL,
    "GET /table.csv": CALL,
    "GET /metrics": WHOLE,
    "GET /api/v1/kpis": CALL,
    "GET /api/v1/assistants": CALL,
    "GET /api/v1/days": WHOLE,
    "GET /api/v1/retention": WHOLE,
    "GET /api/v1/rhythm": WHOLE,
    "GET /api/v1/topics": WHOLE,
    "GET /api/v1/hours": WHOLE,
    "GET /api/v1/labels": CALL,
    "GET /api/v1/value": WHOLE,
    "GET /api/v1/compare": WHOLE,
    "GET /api/v1/status": WHOLE,
    "GET /api/v1/evidence": AUDITED,
    "GET /api/v1/session": AUDITED,
    "GET /api/v1/what-if": AUDITED,
    "POST /api/v1/invitations": INVITING,
    "GET /api/v1/openapi.json": CALL,
    "GET /widget.js": OPEN,
    "GET /feedback": OPEN,
    "POST /feedback": OPEN,
    "POST /feedback/offer": OPEN,
    "OPTIONS /feedback": OPEN,
    "OPTIONS /feedback/offer": OPEN,
    "GET /api/v1/exchanges": ADMINS,
    "POST /api/v1/try": ADMINS,
    "GET /workshop": ADMINS_PAGE,
    "GET /reviews": REVIEWED_PAGE,
    "POST /reviews": REVIEWED_PAGE,
    "GET /api/v1/reviews": REVIEWED,
    "POST /api/v1/reviews": REVIEWED,
    "GET /api/v1/looks": AUDITED,
    "GET /evidence": AUDITED_PAGE,
    "POST /workshop": ADMINS_PAGE,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /login": OPEN,
    "GET /static/{name}": OPEN,
    "POST /login": OPEN,
    "POST /logout": OPEN,
}


class Tokens:
    """Tokens by reader, in the file that the command writes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.of: dict[str, str] = {}

    def add(self, name: str, role: Any, **more: Any) -> str:
        token, kept = tokens.made(name, role, TODAY, **more)
        tokens.add(self.file, kept)
        self.of[name] = token
        return token

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.of[name]}"} if name in self.of else {}


@pytest.fixture
def made(tmp_path: Path) -> Tokens:
    found = Tokens(tmp_path / tokens.FILE)
    found.add("manager", "viewer", department="HR")
    for role in ROLES:
        found.add(role, role)
    return found


@pytest.fixture
def off_loopback(world: World, made: Tokens) -> None:
    world.console(listen="0.0.0.0:8081", tokens=str(made.file))


class Departments(FakeLedger):
    """Of all departments at once there is only what tells the small ones from the others: what of it is shown is looked at."""

    async def breakdown(self, assistant: Assistant, by: Dimension, first: date, last: date, within: Scope = ()) -> Breakdown:
        found = await super().breakdown(assistant, by, first, last, within)
        if by == "department":
            self.scopes.pop()
        elif by == "profile":
            found = msgspec.structs.replace(found, groups=[])
        return found


async def signed_in(client: Any, token: str) -> dict[str, str]:
    """The cookie of a sign-in, kept by nobody else."""
    answer = await client.post("/login", data={"token": token}, allow_redirects=False)
    client.session.cookie_jar.clear()
    return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}


def routes(world: World) -> set[str]:
    resources = make_app(world.sources()).router.routes()
    return {f"{route.method} {route.resource.canonical}" for route in resources if route.resource and route.method != "HEAD"}


def test_the_table_names_every_door(world: World) -> None:
    assert routes(world) == set(DOORS)


@pytest.mark.usefixtures("off_loopback")
@pytest.mark.parametrize("at", range(len(READERS)), ids=READERS)
async def test_each_reader_opens_the_doors_of_the_table_and_no_other(start: Any, made: Tokens, at: int) -> None:
    client = await start()
    for door, readers in DOORS.items():
        method, path = door.split()
        path = path.replace("{name}", "console.css")
        response = await client.request(
            method, f"{path}?assistant=rh", headers=made.bearer(READERS[at]), allow_redirects=False, data=None
        )
        wanted = readers[at]
        if door in ("POST /login", "POST /logout"):
            assert response.status in (303, 401), door  # signed out; the empty token is wrong
        elif wanted:
            assert str(response.status) == wanted, door
        else:
            assert response.status not in (303, 401, 403), door
        response.close()
    for path in ("/nothing", "/api/v1/nothing"):
        response = await client.get(path, headers=made.bearer(READERS[at]))
        assert response.status == (404 if at else 401), path  # what there is, is nobody's business


@pytest.mark.usefixtures("off_loopback")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/kpis?assistant=rh", 200),
        ("/api/v1/kpis?assistant=rh&department=HR", 200),
        ("/api/v1/kpis?assistant=rh&profile=staff", 200),
        ("/api/v1/kpis?assistant=rh&by=profile", 200),
        ("/api/v1/kpis?assistant=rh&by=department", 200),
        ("/api/v1/kpis?assistant=rh&interval=week", 200),
        ("/api/v1/kpis?assistant=rh&department=Law", 403),
        ("/api/v1/kpis?assistant=rh&channel=web", 403),
        ("/api/v1/kpis?assistant=rh&by=channel", 403),
        ("/api/v1/kpis?assistant=rh&by=profile&department=Law", 403),
        ("/api/v1/kpis?assistant=rh&by=department&profile=staff", 403),
        ("/api/v1/kpis?assistant=rh&interval=day", 403),
        ("/?assistant=rh", 200),
        ("/realtime?assistant=rh", 200),
        ("/quality?assistant=rh", 200),
        ("/strategic?assistant=rh", 200),
        ("/quality?assistant=rh&profile=staff", 200),
        ("/quality?assistant=rh&department=Law", 403),
        ("/overview", 200),
        ("/groups?assistant=rh&by=department", 200),
        ("/groups?assistant=rh&by=profile", 200),
        ("/groups?assistant=rh&by=channel", 403),
        ("/table.csv?assistant=rh", 200),
        ("/table.csv?assistant=rh&department=Law", 403),
        ("/table.csv?assistant=rh&panel=assistants", 200),
        ("/table.csv?assistant=rh&panel=groups&by=department", 200),
        ("/table.csv?assistant=rh&panel=groups&by=channel", 403),
        ("/table.csv?assistant=rh&view=strategic&panel=departments", 200),
        ("/table.csv?assistant=rh&view=strategic&panel=rhythm", 404),
        ("/table.csv?assistant=rh&view=quality&panel=topics", 404),
        ("/chart.svg?assistant=rh&kpi=handover_rate", 200),
        ("/chart.svg?assistant=rh&view=strategic&panel=cohorts", 404),
    ],
)
async def test_a_managers_token_reads_one_department_at_the_source(
    start: Any, world: World, made: Tokens, path: str, status: int
) -> None:
    world.ledger = ledger = Departments()
    response = await (await start()).get(path, headers=made.bearer("manager"))
    assert response.status == status
    text = await response.text()
    assert "Law" not in text
    assert "HR" in text or "by=department" not in path or status == 403
    assert all(("department", "HR") in scope for scope in ledger.scopes), ledger.scopes
    if path.startswith("/api/"):
        assert response.content_type == "application/json"
        assert status == 403 or "by=department" in path or (await response.json())["department"] == "HR"
    assert 'class="card live"' not in text


@pytest.mark.usefixtures("off_loopback")
async def test_a_manager_may_narrow_to_profiles_alone(start: Any, made: Tokens) -> None:
    answer = await (await start()).get("/api/v1/labels?assistant=rh", headers=made.bearer("manager"))
    labels = (await answer.json())["labels"]
    assert {name: found for name, found in labels.items() if found} == {"profile": ["Manager"]}


@pytest.mark.usefixtures("off_loopback")
async def test_a_change_of_the_file_is_known_at_once(start: Any, made: Tokens) -> None:
    client = await start()
    late = made.add("late", "viewer", until=TODAY)
    cookie = await signed_in(client, late)
    assert (await client.get("/api/v1/assistants", headers=cookie)).status == 200
    tokens.revoke(made.file, "late")
    assert (await client.get("/api/v1/assistants", headers=cookie)).status == 401
    assert (await client.get("/api/v1/assistants", headers=made.bearer("late"))).status == 401
    made.file.write_text("{")
    assert (await client.get("/api/v1/assistants", headers=made.bearer("admin"))).status == 401


@pytest.mark.usefixtures("off_loopback")
async def test_a_token_and_its_sign_in_run_out(start: Any, made: Tokens, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    made.add("short", "viewer", until=TODAY)
    client = await start()
    cookies = {name: await signed_in(client, made.of[name]) for name in ("short", "viewer")}
    world.now = NOW + timedelta(seconds=LASTS - 60)  # past midnight, within the sign-in
    assert (await client.get("/api/v1/assistants", headers=cookies["short"])).status == 401
    assert (await client.get("/api/v1/assistants", headers=cookies["viewer"])).status == 200
    world.now = NOW + timedelta(seconds=LASTS)
    assert (await client.get("/api/v1/assistants", headers=cookies["viewer"])).status == 401


@pytest.mark.usefixtures("off_loopback")
async def test_a_cookie_that_was_touched_is_none(start: Any, made: Tokens) -> None:
    client = await start()
    value = (await signed_in(client, made.of["viewer"]))["Cookie"].partition("=")[2]
    mark, until, signature = value.split(".")
    admin = tokens.digest(made.of["admin"])[:32]
    for touched in (f"{admin}.{until}.{signature}", f"{mark}.{int(until) + 1}.{signature}", f"{mark}.{until}", "", ".", "é"):
        headers = {"Cookie": f"{COOKIE}={touched}"}
        assert (await client.get("/api/v1/assistants", headers=headers)).status == 401, touched


@pytest.mark.usefixtures("off_loopback")
async def test_wrong_tokens_make_an_address_wait_and_a_sign_in_goes_on(start: Any, made: Tokens) -> None:
    client = await start()
    cookie = await signed_in(client, made.of["viewer"])
    for _ in range(FEW):
        assert (await client.get("/api/v1/assistants", headers={"Authorization": "Bearer x"})).status == 401
    refused = await client.get("/api/v1/assistants", headers=made.bearer("viewer"))
    assert (refused.status, refused.headers["Retry-After"]) == (429, str(int(WAIT)))
    form = await client.post("/login", data={"token": made.of["viewer"]}, headers={"Accept-Language": "fr"})
    assert form.status == 429
    assert "Trop de jetons" in await form.text()
    assert (await client.get("/api/v1/assistants", headers=cookie)).status == 200


def test_attempts_are_counted_by_subscriber_and_forgotten() -> None:
    attempts = Attempts()
    for at in range(FEW):
        attempts.failed(f"2001:db8::{at + 1:x}", 0.0)
        attempts.failed("192.0.2.1", 0.0)
    assert attempts.wait("2001:db8::ffff", 10.0) == WAIT - 10.0
    assert attempts.wait("2001:db8:0:1::1", 10.0) == 0.0
    assert attempts.wait("::ffff:192.0.2.1", 10.0) > 0.0
    assert attempts.wait("192.0.2.1", WAIT) == 0.0
    attempts.failed("192.0.2.1", WAIT)
    assert attempts.wait("192.0.2.1", WAIT) == 0.0


def test_addresses_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.console.attempts.ADDRESSES", 3)
    attempts = Attempts()
    for at in range(10):
        attempts.failed(f"192.0.2.{at}", 0.0)
    assert len(attempts._counted) == 3


@pytest.mark.usefixtures("off_loopback")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://console.example"}, 303),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_what_is_posted_from_elsewhere_is_refused(start: Any, headers: dict[str, str], status: int) -> None:
    client = await start()
    answer = await client.post("/logout", headers={"Host": "console.example", **headers}, allow_redirects=False)
    assert answer.status == status


@pytest.fixture
def gateway(world: World, made: Tokens) -> None:
    sign_on = SignOn(
        header="X-Forwarded-User",
        trusted=("127.0.0.0/8",),
        admins=("ada",),
        auditors=("aude",),
        department_header="X-Department",
    )
    world.settings = msgspec.structs.replace(
        world.settings, console=Console(listen="0.0.0.0:8081", tokens=str(made.file), sign_on=sign_on)
    )


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ([("X-Forwarded-User", "ada")], "/api/v1/what-if", 503),
        ([("X-Forwarded-User", "aude")], "/api/v1/evidence", 503),
        ([("X-Forwarded-User", "vic"), ("X-Department", "HR")], "/api/v1/evidence", 403),
        ([("X-Forwarded-User", "vic"), ("X-Department", "HR")], "/api/v1/kpis", 200),
        ([("X-Forwarded-User", "vic"), ("X-Department", "HR")], "/api/v1/days", 403),
        ([("X-Forwarded-User", "vic")], "/api/v1/kpis", 401),
        ([("X-Forwarded-User", "")], "/api/v1/kpis", 401),
        ([("X-Forwarded-User", "vic"), ("X-Forwarded-User", "ada")], "/api/v1/kpis", 401),
        ([("X-Forwarded-User", "vic"), ("X-Department", "HR"), ("X-Department", "Law")], "/api/v1/kpis", 401),
        ([], "/api/v1/kpis", 401),
    ],
)
async def test_a_gateway_signs_people_in(start: Any, headers: list[tuple[str, str]], path: str, status: int) -> None:
    assert (await (await start()).get(f"{path}?assistant=rh", headers=headers)).status == status


async def test_nobody_elses_word_is_taken(start: Any, world: World, made: Tokens) -> None:
    sign_on = SignOn(header="X-Forwarded-User", trusted=("192.0.2.0/24",), admins=("ada",))
    world.settings = msgspec.structs.replace(
        world.settings, console=Console(listen="0.0.0.0:8081", tokens=str(made.file), sign_on=sign_on)
    )
    assert (await (await start()).get("/api/v1/kpis?assistant=rh", headers={"X-Forwarded-User": "ada"})).status == 401


@pytest.mark.usefixtures("gateway")
async def test_behind_the_gateway_attempts_are_those_of_the_client_and_cookies_are_secure(start: Any, made: Tokens) -> None:
    client = await start()
    wrong = {"Authorization": "Bearer x", "X-Forwarded-For": "203.0.113.9, 198.51.100.1, 127.0.0.2"}
    for _ in range(FEW):
        await client.get("/api/v1/assistants", headers=wrong)
    assert (await client.get("/api/v1/assistants", headers=wrong)).status == 429
    other = {**made.bearer("viewer"), "X-Forwarded-For": "198.51.100.2"}
    assert (await client.get("/api/v1/assistants", headers=other)).status == 200
    headers = {"X-Forwarded-Proto": "https"}
    answer = await client.post("/login", data={"token": made.of["viewer"]}, headers=headers, allow_redirects=False)
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_on_loopback_the_first_token_closes_the_console(start: Any, world: World, tmp_path: Path) -> None:
    kept = Tokens(tmp_path / tokens.FILE)
    world.console(tokens=str(kept.file))
    client = await start()
    assert (await client.get("/api/v1/assistants")).status == 200
    kept.add("first", "viewer")
    assert (await client.get("/api/v1/assistants")).status == 401
    assert (await client.get("/api/v1/assistants", headers=kept.bearer("first"))).status == 200


async def test_off_loopback_without_tokens_nobody_reads(start: Any, world: World, tmp_path: Path) -> None:
    world.console(listen=":8081", tokens=str(tmp_path / "none"))
    assert (await (await start()).get("/api/v1/assistants")).status == 401


@pytest.mark.parametrize(
    ("listen", "loopback"),
    [("unix:/run/x", True), ("[::1]:80", True), ("localhost:80", True), ("0.0.0.0:80", False), ("kpi.example:80", False)],
)
def test_what_is_loopback(listen: str, loopback: bool) -> None:
    assert guarding.on_loopback(listen) is loopback


def test_nothing_that_is_kept_opens_a_door(made: Tokens) -> None:
    text = made.file.read_text()
    assert not [token for token in made.of.values() if token in text or token[4:] in text]
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert len(set(re.findall(r'"digest": ?"([0-9a-f]{64})"', text))) == len(made.of)
    assert tokens.read(made.file)[0].good(date(9999, 1, 1))
    assert datetime.fromisoformat(tokens.read(made.file)[0].made).replace(tzinfo=UTC).date() == TODAY


@pytest.mark.usefixtures("off_loopback")
@pytest.mark.parametrize("path", ["/", "/realtime", "/quality", "/strategic", "/overview", "/groups"])
async def test_a_manager_finds_no_link_to_what_is_not_theirs(start: Any, world: World, made: Tokens, path: str) -> None:
    world.ledger = Departments()
    client = await start()
    page = await (await client.get(f"{path}?assistant=rh", headers=made.bearer("manager"))).text()
    links = {html.unescape(link) for link in re.findall(r'<a href="(/[^"]*)"', page)}
    assert len(links) > 8
    refused = [link for link in links if (await client.get(link, headers=made.bearer("manager"))).status == 403]
    assert refused == []


@pytest.mark.usefixtures("off_loopback")
async def test_the_reader_of_a_department_is_told_where_its_costs_are(start: Any, made: Tokens) -> None:
    client = await start()
    answer = await client.get("/api/v1/value?assistant=rh", headers=made.bearer("manager"))
    error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (403, "department")
    path = re.findall(r"/api/\S*(?=\?)", error["hint"])[0]
    assert (await client.get(f"{path}?assistant=rh&department=HR", headers=made.bearer("manager"))).status == 200
    page = await client.get("/value?assistant=rh&lang=en", headers=made.bearer("manager"))
    assert (page.status, "your token of a department" in await page.text()) == (403, True)
    page = await client.get("/evidence?assistant=rh&lang=en", headers=made.bearer("viewer"))
    assert (page.status, "readers of another role" in await page.text()) == (403, True)
