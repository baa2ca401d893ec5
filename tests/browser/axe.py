"""What axe-core finds on a page."""

from __future__ import annotations

import json

from tests.browser.chromium import Page


async def violations(page: Page, axe: str) -> list[str]:
    """In words: the rule, and where. `axe` is its source."""
    await page.run(f"window.axe || eval({json.dumps(axe)});0")
    found = json.loads(await page.run("axe.run(document).then(found => JSON.stringify(found.violations))"))
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]
