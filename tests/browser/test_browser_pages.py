"""Every page and every face of one, in both languages, both schemes and four widths: readable by everybody, light, at home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from proxy.access import tokens
from proxy.access.invitations import Invitations, invited
from proxy.console.app import make_app
from proxy.kpi.report import Completeness, Measure
from proxy.settings.model import Annotation
from proxy.settings.reviews import Reviews
from proxy.words.formats import LANGUAGES
from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page
from tests.console.conftest import NOW, World
from tests.kpi.worths import VALUED

pytestmark = pytest.mark.slow

PAGES: Final = (
    "/",
    "/?assistant=rh&audience=cfo",
    "/?assistant=rh&audience=manager&kpi=adoption",
    "/realtime?assistant=rh",
    "/quality?assistant=rh",
    "/strategic?assistant=rh",
    "/overview",
    "/groups?assistant=rh&by=department",
    "/compare?assistant=rh&by=period",
    "/value?assistant=rh",
    "/evidence?assistant=rh&session=00112233aabbccdd",
    "/report?assistant=rh&month=2026-10",
    "/workshop?assistant=rh",
    "/login",
    "/feedback?token=none",
    "/feedback?token={token}",
)
WIDTHS: Final = (1280, 768, 390, 320)
SEEN: Final = {"en": ((1280, False), (390, True)), "fr": ((1280, True), (390, False))}
"""Where axe looks: any two of language, width and scheme meet; all three would take twice as long and show nothing else."""
HEAVIEST: Final = 150_000
"""Bytes of a page with everything it loads."""
SAID: Final = """\
[...document.querySelectorAll('body *:not(script, style, code, pre, body [lang], body [lang] *)')].flatMap(node => [
  node.getAttribute('aria-label'), node.getAttribute('title'), node.getAttribute('placeholder'),
  ...[...node.childNodes].filter(each => each.nodeType === 3).map(each => each.data)
]).filter(Boolean).map(each => each.trim().replace(/\\s+/g, ' ')).filter(each => /[a-zé]{2,}[^a-zé]+[a-zé]{2,}/i.test(each))
"""
"""All that is said on a page in two words or more, but for what is of another language or a machine's."""
BROKEN: Final = """\
[...document.querySelectorAll('thead th')].map(cell => cell.firstChild).filter(each => each?.nodeType === 3).flatMap(node =>
  [...node.data.matchAll(/\\S+/g)].filter(word => {
    const range = document.createRange();
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map(word => word[0]))
"""
"""Words of headings of tables that stand on several lines."""
LETTERS: Final = """\
Math.min(99, ...[...document.querySelectorAll('svg text')].map(each => each.getBoundingClientRect().height).filter(Boolean))
"""
"""Pixels of the lowest line of text in a chart."""
LEGIBLE: Final = 10
SAME: Final = {"Net Promoter Score", "kpi-proxy"}
"""What both languages say in the same words."""
GIVEN: Final = (
    "alert(1)",
    "Finance | <b>",
    "EN, English",
    "thanks merci",
    "requested humain",
    "Session 0011",
    "conge · solde",
    "How many days?",
    "Twenty-five.",
)
"""Words of the settings and of the traffic, which are in nobody's language."""


async def looked_at(page: Page, axe: str, url: str, language: str) -> set[str]:
    """Look at a page in all its sizes; gives what it says."""
    page.complaints.clear()
    page.requests.clear()
    page.weight = 0
    await page.shape(width=SEEN[language][0][0], dark=SEEN[language][0][1])
    await page.open(url)
    for width, dark in SEEN[language]:
        await page.shape(width=width, dark=dark)
        assert await violations(page, axe) == [], (url, width, dark)
    for width in WIDTHS:
        await page.shape(width=width)
        assert await page.run("document.documentElement.scrollWidth") <= width, f"{url} is wider than {width}"
        assert await page.run(BROKEN) == [], (url, width)
        assert await page.run(LETTERS) >= LEGIBLE, (url, width)
    assert [each for each in page.complaints if "404" not in each and "410" not in each and "503" not in each] == [], url
    home = url.split("/", 3)[2]
    assert [each for each in page.requests if not each.startswith((f"http://{home}/", "data:"))] == [], url
    assert page.weight <= HEAVIEST, url
    assert await page.run("document.documentElement.lang") == language, url
    said: set[str] = set(await page.run(SAID))
    assert not [each for each in said if ("{" in each or "undefined" in each) and "alert(1)" not in each], url
    assert said, url
    return said


async def matrix(
    browser: Browser, axe: str, address: str, paths: tuple[str, ...], headers: Mapping[str, str] | None = None
) -> None:
    """Look at pages in both languages, and see that nothing is said in the same words in both."""
    async with browser.page() as page:
        await page.call("Network.setExtraHTTPHeaders", headers=headers or {})
        for path in paths:
            mark = "&" if "?" in path else "?"
            english, french = [await looked_at(page, axe, f"{address}{path}{mark}lang={each}", each) for each in LANGUAGES]
            both = {each for each in english & french - SAME if not any(word in each for word in GIVEN)}
            assert both == set(), f"{path} says this in English and French"


@pytest.fixture
def world(world: World) -> World:
    """With money: the assistant's costs and value are known."""
    first, *rest = world.settings.assistants
    valued = msgspec.structs.replace(first, value=VALUED)
    world.settings = msgspec.structs.replace(world.settings, assistants=(valued, *rest))
    return world


async def test_nobody_is_kept_out_and_nothing_comes_from_elsewhere(
    browser: Browser, address: str, world: World, axe: str
) -> None:
    world.ledger.notes = (Annotation(on="2026-11-02", text="Model", kind="deployment"),)
    until = int(NOW.timestamp()) + 60
    token = Invitations(b"a key of these tests").token(invited("rh", "hash", "five", until))
    await matrix(browser, axe, address, tuple(path.replace("{token}", token) for path in PAGES))


def away(world: World) -> None:
    world.ledger.state = "down"


def empty(world: World) -> None:
    world.ledger.outcomes, world.ledger.kpis = {}, {"turns": Measure(value=0.0)}


def hidden(world: World) -> None:
    world.ledger.kpis = {"turns": Measure(value=None, reason="small_group")}


def partial(world: World) -> None:
    world.ledger.completeness = Completeness(captured=0.5, decoded=0.6, attributed=0.2, dropped=1200)
    world.health = msgspec.structs.replace(
        world.health, relays=1, store_up=False, dropped=12, level=2, stale=("rh",), keyless=("rh",)
    )


@pytest.mark.parametrize("face", [away, empty, hidden, partial])
async def test_what_is_missing_is_said_to_everybody(
    browser: Browser, address: str, world: World, axe: str, face: Callable[[World], None]
) -> None:
    face(world)
    paths = (
        ("/?assistant=rh", "/groups?assistant=rh", "/value?assistant=rh", "/overview") if face is away else ("/?assistant=rh",)
    )
    await matrix(browser, axe, address, paths)


async def test_a_reviewer_is_kept_out_of_nothing(
    browser: Browser, world: World, aiohttp_server: Any, axe: str, tmp_path: Path
) -> None:
    token, kept = tokens.made("jeanne", "reviewer", NOW.date())
    tokens.add(tmp_path / tokens.FILE, kept)
    world.console(tokens=str(tmp_path / tokens.FILE))
    first, *rest = world.settings.assistants
    sampled = msgspec.structs.replace(first, reviews=Reviews(share=0.1))
    world.settings = msgspec.structs.replace(world.settings, assistants=(sampled, *rest))
    server = await aiohttp_server(make_app(world.sources()))
    headers = {"Authorization": f"Bearer {token}"}
    await matrix(browser, axe, f"http://127.0.0.1:{server.port}", ("/reviews?assistant=rh",), headers)
    world.reviews.sample = None
    await matrix(browser, axe, f"http://127.0.0.1:{server.port}", ("/reviews?assistant=rh",), headers)
