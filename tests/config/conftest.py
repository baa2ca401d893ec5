"""Tools of the operations team, as Debian packages them."""

from __future__ import annotations

import os
import shutil

import pytest


def tool(name: str) -> str:
    """Where a program is; without it the test is skipped, or fails where services are insisted on."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
            pytest.fail(f"{name} is missing, and KPI_PROXY_REQUIRE_SERVICES is set")
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture(scope="session")
def promtool() -> str:
    return tool("promtool")


@pytest.fixture(scope="session")
def prometheus() -> str:
    return tool("prometheus")


@pytest.fixture(scope="session")
def alertmanager() -> str:
    return tool("prometheus-alertmanager")


@pytest.fixture(scope="session")
def amtool() -> str:
    return tool("amtool")
