"""Names that are attacks, from traffic and settings, on every page of a real browser: they are read, and nothing runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from proxy.access import tokens
from proxy.console.app import make_app
from tests.browser.chromium import Browser, Page
from tests.browser.test_browser_pages import PAGES
from tests.console.conftest import NOW
from tests.console.hostile import ATTACK, ATTACKS, hostile_world

pytestmark = pytest.mark.slow

SHOWN: Final = ("/realtime", "/quality", "/strategic", "/groups", "/value", "/evidence", "/report", "/workshop")
"""Pages that say such a name; the others have none to say."""
FOREIGN: Final = """\
[...document.querySelectorAll('*')].filter(node =>
  [...node.attributes].some(each => each.name.startsWith('on') || each.name === 'x' && !(node instanceof SVGElement))
  || node.tagName === 'IMG' || (node.tagName === 'SCRIPT' && !node.src)
  || /^\\s*javascript:/i.test(node.getAttribute('href') || '')).map(node => node.outerHTML)
"""
"""Markup that an attack would have made."""
HOVER: Final = "document.querySelectorAll('body *').forEach(node => node.dispatchEvent(new Event('mouseover')))"


async def unharmed(page: Page, path: str) -> None:
    """Nothing ran, and nothing is there that could."""
    await page.run(HOVER)
    assert await page.run("typeof window.hacked") == "undefined", path
    assert await page.run(FOREIGN) == [], path
    assert [each for each in page.complaints if "404" not in each and "410" not in each] == [], path


async def test_attacks_in_names_do_nothing_in_a_browser(browser: Browser, aiohttp_server: Any) -> None:
    server = await aiohttp_server(make_app(hostile_world().sources()))
    address = f"http://127.0.0.1:{server.port}"
    async with browser.page() as page:
        for path in (
            *PAGES,
            f"/?{urlencode({'assistant': ATTACK})}",
            f"/strategic?{urlencode({'assistant': 'rh', 'channel': ATTACK})}",
        ):
            await page.open(address + path)
            if path == "/realtime?assistant=rh":  # what the stream puts there is text, too
                await page.until("document.querySelector('[data-text=\"live.state\"]').textContent.includes('onerror')")
            await unharmed(page, path)
            if path.startswith(SHOWN):
                said = await page.run("document.documentElement.outerHTML + document.body.textContent")
                assert ATTACKS[1] in said, path
        await page.open(f"{address}/workshop?assistant=rh&lang=en")
        await page.run(f"document.querySelector('#rule').value = document.querySelector('#sample').value = {json.dumps(ATTACK)}")
        await page.follow("document.querySelector('.bench form').submit()")
        assert await page.run("document.querySelector('#result') !== null")
        await unharmed(page, "what was tried")


async def test_the_name_of_a_department_does_nothing_either(browser: Browser, aiohttp_server: Any, tmp_path: Path) -> None:
    world = hostile_world()
    token, kept = tokens.made("manager", "viewer", NOW.date(), department=ATTACK)
    tokens.add(tmp_path / tokens.FILE, kept)
    world.console(tokens=str(tmp_path / tokens.FILE))
    server = await aiohttp_server(make_app(world.sources()))
    async with browser.page() as page:
        await page.call("Network.setExtraHTTPHeaders", headers={"Authorization": f"Bearer {token}"})
        for path in ("/strategic?assistant=rh", "/groups?assistant=rh&by=profile"):
            await page.open(f"http://127.0.0.1:{server.port}{path}")
            await unharmed(page, path)
            assert await page.run("document.querySelectorAll('.tile, td').length")
