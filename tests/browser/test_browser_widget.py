"""The rating widget in a real browser, on a page of another origin with a strict content policy of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from aiohttp import web

from proxy.access.invitations import Invitations, Scale, invited
from proxy.console.app import make_app
from proxy.settings.model import Survey
from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page
from tests.console.conftest import NOW, World

pytestmark = pytest.mark.slow

PAGE = """<!doctype html><html lang="{lang}"><head><title>Intranet</title></head>
<body><main><h1>Intranet</h1><div id="here"></div>
<script src="{console}/widget.js" data-assistant="rh" data-conversation="c1" data-target="here" {more} async></script>
</main></body></html>"""
BUTTONS = "[...document.querySelector('#here').shadowRoot.querySelectorAll('button')]"
READY = "document.querySelector('#here').shadowRoot?.querySelector('button') ? 1 : 0"
SAID = "document.querySelector('#here').shadowRoot.querySelector('[role=status]').textContent"

Show = Callable[..., Awaitable[str]]


@pytest.fixture
def show(world: World, aiohttp_server: Any) -> Show:
    """Give the address of a page elsewhere (another port is another origin) that has the widget of a console."""

    async def showing(lang: str = "en", more: str = "", *, allowed: bool = True, scale: Scale = "five") -> str:
        console = ""

        async def page(_: web.Request) -> web.Response:
            policy = f"default-src 'none'; script-src {console}; connect-src {console}"
            body = PAGE.format(lang=lang, console=console, more=more)
            return web.Response(text=body, content_type="text/html", headers={"Content-Security-Policy": policy})

        app = web.Application()
        app.router.add_get("/", page)
        elsewhere = await aiohttp_server(app)
        origin = f"http://127.0.0.1:{elsewhere.port}"
        first, *rest = world.settings.assistants
        survey = Survey(origins=(origin,) if allowed else (), scale=scale)
        asking = msgspec.structs.replace(first, survey=survey)
        world.settings = msgspec.structs.replace(world.settings, assistants=(asking, *rest))
        server = await aiohttp_server(make_app(world.sources()))
        console = f"http://127.0.0.1:{server.port}"
        return origin

    return showing


async def press(page: Page, name: str) -> None:
    await page.run(f"{BUTTONS}.find(each => each.getAttribute('aria-label') == {json.dumps(name)}).click()")


def quiet(page: Page) -> bool:
    return [each for each in page.complaints if "favicon" not in each and "404" not in each] == []


@pytest.mark.parametrize(
    ("lang", "more", "scale", "answer", "score", "thanks"),
    [
        ("en", "", "five", "4 of 5", 4, "Thank you."),
        ("fr", 'data-look="emoji"', "five", "Très bon", 5, "Merci."),
        ("fr", "", "binary", "Non", 0, "Merci."),
        ("de", 'data-lang="fr"', "nps", "9 sur 10", 9, "Merci."),
    ],
)
async def test_a_rating_from_another_origin(
    browser: Browser, world: World, show: Show, lang: str, more: str, scale: str, answer: str, score: float, thanks: str
) -> None:
    address = await show(lang, more, scale=scale)
    async with browser.page(width=390) as page:
        await page.open(address)
        await page.until(READY)
        await press(page, answer)
        assert await page.until(SAID) == thanks
        assert await page.run(f"{BUTTONS}.every(each => each.disabled)")
        assert quiet(page), page.complaints
    ((invitation, given),) = world.surveys.given
    assert (invitation.conversation, given) == ("hash of rh/c1", score)


async def test_the_widget_can_be_used_without_a_mouse(browser: Browser, world: World, show: Show) -> None:
    address = await show()
    async with browser.page() as page:
        await page.open(address)
        await page.until(READY)
        await page.press("Tab", "Tab", "Tab", "Enter")
        assert await page.until(SAID) == "Thank you."
    assert [score for _, score in world.surveys.given] == [3]


async def test_nobody_is_kept_out_by_the_widget(browser: Browser, show: Show, axe: str) -> None:
    address = await show("fr", 'data-look="emoji"')
    async with browser.page(dark=True) as page:
        await page.open(address)
        await page.until(READY)
        assert await violations(page, axe) == []


async def test_a_second_answer_to_one_invitation_is_told(browser: Browser, world: World, show: Show) -> None:
    address = await show()
    async with browser.page() as page:
        await page.open(address)
        await page.until(READY)
        world.surveys.state = "used"
        await press(page, "1 of 5")
        assert await page.until(SAID) == "You have answered already. Thank you."


async def test_where_nothing_can_be_kept_nothing_is_asked(browser: Browser, world: World, show: Show) -> None:
    address = await show(allowed=False)
    async with browser.page() as page:
        await page.open(address)
        await page.until("window.kpiProxy ? 1 : 0")
        asked = "kpiProxy.ask({}, document.querySelector('#here'))"
        assert await page.run(asked) is False
        assert not await page.run(READY)
    assert world.surveys.given == []


async def test_a_link_leads_to_a_page_that_asks(browser: Browser, world: World, address: str, axe: str) -> None:
    until = int(NOW.timestamp()) + 60
    token = Invitations(b"a key of these tests").token(invited("rh", "hash", "nps", until))
    async with browser.page(width=390, dark=True) as page:
        await page.open(f"{address}/feedback?token={token}&lang=fr")
        assert await violations(page, axe) == []
        assert await page.run("document.documentElement.scrollWidth <= innerWidth")
        await page.run("document.querySelector('[aria-label=\"10 sur 10\"]').click()")
        assert await page.until("document.querySelector('h1')?.textContent.startsWith('Merci') || null")
        assert quiet(page), page.complaints
    assert [score for _, score in world.surveys.given] == [10]
