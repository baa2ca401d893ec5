"""The console in a real browser: alive, quiet when nobody looks, on paper, and usable without a mouse."""

from __future__ import annotations

import msgspec
import pytest

from proxy.console import stream
from proxy.kpi.report import Measure
from tests.browser.chromium import Browser, Page
from tests.console.conftest import World

pytestmark = pytest.mark.slow


async def test_the_page_can_be_used_without_a_mouse(browser: Browser, address: str) -> None:
    async with browser.page() as page:
        await page.open(f"{address}/?assistant=rh&lang=en")
        await page.press("Tab")
        assert await page.run("document.activeElement.textContent") == "Skip to the figures"
        stops: list[str] = []
        while not stops or "kpi=handover_rate" not in stops[-1]:
            await page.press("Tab")
            stops.append(await page.run("document.activeElement.getAttribute('href') || ''"))
            assert len(stops) < 40
            assert await page.run("getComputedStyle(document.activeElement).outlineStyle") != "none", stops[-1]
        await page.press("Enter")
        assert await page.until("document.querySelector('#chart h3')?.textContent.startsWith('Handover to a human')")
        assert await page.run("document.querySelector('.tile[aria-current]').href.includes('handover_rate')")


async def test_figures_change_on_an_open_page_without_loading_it_again(browser: Browser, address: str, world: World) -> None:
    async with browser.page() as page:
        await page.open(f"{address}/?assistant=rh&lang=en")
        await page.run("window.stayed = true")
        measure = world.ledger.kpis["automation_rate"]
        world.ledger.kpis["automation_rate"] = msgspec.structs.replace(measure, value=0.71)
        await page.until("document.querySelector('main').textContent.includes('71.0%')")
        assert await page.run("window.stayed")
        assert page.complaints == []


async def test_on_paper_there_are_figures_and_no_buttons(browser: Browser, address: str, world: World) -> None:
    world.ledger.kpis["nps"] = Measure(value=12.0, n=30)
    async with browser.page(width=794) as page:  # A4 at 96 dots an inch
        await page.open(f"{address}/quality?assistant=rh")
        await page.call("Emulation.setEmulatedMedia", media="print")
        shown = "[...document.querySelectorAll('{}')].some(each => each.getBoundingClientRect().height)"
        for name in ("nav", "details:not(.more)", "footer", ".files"):
            assert not await page.run(shown.format(name)), name
        for name in (".tile", ".trend", ".flow", ".columns", ".more td"):
            assert await page.run(shown.format(name)), name
        assert await page.run("document.documentElement.scrollWidth <= innerWidth")


async def test_who_wants_no_motion_gets_none(browser: Browser, address: str) -> None:
    async with browser.page(calm=True) as page:
        await page.open(f"{address}/?assistant=rh")
        assert await page.run("getComputedStyle(document.querySelector('.beat')).animationName") == "none"
    async with browser.page() as page:
        await page.open(f"{address}/?assistant=rh")
        assert await page.run("getComputedStyle(document.querySelector('.beat')).animationName") == "beat"


WATCHED = """\
const Own = EventSource;
window.streams = [];
window.EventSource = class extends Own {
  constructor(url) {super(url); this.told = 0; this.addEventListener("message", () => this.told++); streams.push(this)}
};
"""


async def shown(page: Page, hidden: bool) -> None:
    """Put the tab behind another, or in front."""
    await page.run(f"Object.defineProperty(document, 'hidden', {{value: {str(hidden).lower()}, configurable: true}})")
    await page.run("document.dispatchEvent(new Event('visibilitychange'))")


async def test_a_hidden_tab_is_quiet_and_comes_back_to_what_it_knows(browser: Browser, address: str, world: World) -> None:
    async with browser.page() as page:
        await page.call("Page.addScriptToEvaluateOnNewDocument", source=WATCHED)
        await page.open(f"{address}/?assistant=rh&lang=en")
        assert await page.until("streams[0]?.told")  # so it knows what came last
        world.ledger.kpis["automation_rate"] = msgspec.structs.replace(world.ledger.kpis["automation_rate"], value=0.72)
        await shown(page, hidden=True)
        assert await page.run("streams.length === 1 && streams[0].readyState === 2")
        world.ledger.kpis["automation_rate"] = msgspec.structs.replace(world.ledger.kpis["automation_rate"], value=0.73)
        await shown(page, hidden=False)
        assert await page.run("streams.length === 2 && /&last=[0-9a-f]{18}$/.test(streams[1].url)")
        assert page.complaints == []


async def test_a_page_that_was_refused_comes_back_by_itself(
    browser: Browser, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "STREAMS", 0)
    async with browser.page() as page:
        await page.call("Page.addScriptToEvaluateOnNewDocument", source=WATCHED)
        await page.open(f"{address}/?assistant=rh&lang=en")
        assert await page.until("streams.length >= 2 && streams[0].readyState === 2")
        monkeypatch.setattr(stream, "STREAMS", 1)
        assert await page.until("streams.at(-1).readyState === 1")
