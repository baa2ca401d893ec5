"""The product, a Redis, LiteLLM's proxy and a Prometheus, each as a process of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.product import Product

Start = Callable[..., Product]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts products; all are ended after the test."""
    started: list[Product] = []

    def begin(settings: dict[str, object], environment: dict[str, str] | None = None, name: str = "product") -> Product:
        directory = tmp_path / name
        directory.mkdir(exist_ok=True)
        product = Product(directory, settings, environment)
        started.append(product)
        return product.start()

    yield begin
    for product in started:
        product.stop()


def _tool(name: str, found: str | None) -> str:
    if found is None:
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
            pytest.fail(f"{name} is missing, and KPI_PROXY_REQUIRE_SERVICES is set")
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture(scope="session")
def redis_server() -> str:
    return _tool("redis-server", shutil.which("redis-server"))


@pytest.fixture(scope="session")
def prometheus() -> str:
    return _tool("prometheus", shutil.which("prometheus"))


@pytest.fixture(scope="session")
def victoria() -> str:
    found = os.environ.get("KPI_PROXY_VICTORIA") or shutil.which("victoria-metrics")
    return _tool("victoria-metrics (KPI_PROXY_VICTORIA)", found)


@pytest.fixture(scope="session")
def litellm() -> str:
    return _tool("litellm (KPI_PROXY_LITELLM)", os.environ.get("KPI_PROXY_LITELLM"))
