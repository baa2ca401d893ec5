"""The review page in a real browser: readable by everybody, and scored by keys alone."""

from __future__ import annotations

import msgspec
import pytest

from proxy.settings.model import SignOn
from proxy.settings.reviews import Reviews
from tests.browser.chromium import Browser, Page
from tests.browser.test_browser_pages import looked_at
from tests.console.conftest import World

pytestmark = pytest.mark.slow

CHECKED = "[...document.querySelectorAll('.review input:checked')].map(each => each.value).join()"


@pytest.fixture
def world(world: World) -> World:
    """A gateway names a reviewer; two answers of `rh` wait, and nothing of `it` is reviewed."""
    world.console(sign_on=SignOn(header="X-User", trusted=("127.0.0.0/8",), reviewers=("anna",)))
    first, *others = world.settings.assistants
    reviewed = msgspec.structs.replace(first, reviews=Reviews(share=0.1))
    world.settings = msgspec.structs.replace(world.settings, assistants=(reviewed, *others))
    sample = world.reviews.sample
    assert sample is not None
    second = msgspec.structs.replace(sample.answers[0], id="a2", turn="t2", question="And in a part-time job? " * 30)
    world.reviews.sample = msgspec.structs.replace(sample, answers=(*sample.answers, second))
    return world


async def known(page: Page) -> None:
    await page.call("Network.setExtraHTTPHeaders", headers={"X-User": "anna"})


async def test_everybody_can_read_it(browser: Browser, address: str, axe: str) -> None:
    async with browser.page() as page:
        await known(page)
        for language in ("en", "fr"):
            said = await looked_at(page, axe, f"{address}/reviews?assistant=rh&lang={language}", language)
            assert any("Twenty-five" in each or "part-time" in each for each in said)
            await looked_at(page, axe, f"{address}/reviews?assistant=it&lang={language}", language)


async def test_keys_score_and_lead_on(browser: Browser, address: str, world: World) -> None:
    async with browser.page() as page:
        await known(page)
        await page.open(f"{address}/reviews?assistant=rh&lang=en")
        await page.press("1")
        assert await page.run(CHECKED) == "correct"
        assert await page.run("document.activeElement.name") == "score.a2"
        await page.press("3")
        assert await page.run(CHECKED) == "correct,wrong"
        await page.press("Enter")
        assert await page.until("document.querySelector('[role=status]')?.textContent") == "Your scores are counted."
        assert world.reviews.taken == [("anna", "conversation.a1", {"a1": "correct", "a2": "wrong"})]
        assert page.complaints == []
