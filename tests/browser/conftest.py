"""A browser, and the console on fakes for it to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from proxy.console.app import make_app
from proxy.meaning.outlines import Counted, Field, Outline
from tests.browser.chromium import Browser, chromium
from tests.console.conftest import FakeWorkshop, World
from tests.console.test_console_proofs import SeenProofs


def missing(what: str) -> None:
    if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
        pytest.fail(f"{what} is missing, and KPI_PROXY_REQUIRE_SERVICES is set")
    pytest.skip(f"{what} is not installed")


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    command = shutil.which("chromium")
    if command is None:
        missing("chromium")
    async with chromium(str(command), tmp_path / "profile") as found:
        yield found


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which judges accessibility."""
    home = os.environ.get("KPI_PROXY_VENDORS")
    if home is None:
        missing("axe-core (KPI_PROXY_VENDORS)")
    return (Path(str(home)) / "node/node_modules/axe-core/axe.min.js").read_text()


@pytest.fixture
def world() -> World:
    found = World()
    found.proofs = SeenProofs()
    found.settings = msgspec.structs.replace(found.settings, assistants=found.settings.assistants[:2])
    found.workshop = FakeWorkshop()
    field = Field(place="messages[*].content", kind="text", count=2, least=4, most=1200)
    outline = Outline(
        at=1_795_000_000.0, route=("POST", ("chat",)), status=200, outcome="turn", preset="generic", marks=("no_answer x/y",),
        request=(field,), request_size=1300, answer=(field,), answer_size=900, stream=True,
    )  # fmt: skip
    found.workshop.seen = [("POST /chat", outline)]
    found.workshop.unknown = [Counted(route="POST /api/*", count=1234)]
    return found


@pytest.fixture
async def address(world: World, aiohttp_server: Any) -> str:
    server = await aiohttp_server(make_app(world.sources()))
    return f"http://127.0.0.1:{server.port}"
