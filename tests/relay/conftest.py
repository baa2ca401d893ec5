"""A relay between a raw origin and an observer, one per module; each test finds them empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proxy.relay.plan import Upstream
from tests.relay.observers import Observer
from tests.relay.origins import Origin
from tests.relay.relays import Relay

Start = Callable[..., Relay]


@pytest.fixture(scope="module")
def module_origin() -> Iterator[Origin]:
    origin = Origin()
    yield origin
    origin.close()


@pytest.fixture(scope="module")
def observer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observer]:
    observer = Observer(tmp_path_factory.mktemp("o") / "s")
    yield observer
    observer.close()


@pytest.fixture(scope="module")
def module_relay(module_origin: Origin, observer: Observer) -> Iterator[Relay]:
    relay = Relay(here(module_origin), observer.path)
    yield relay
    relay.close()


@pytest.fixture
def origin(module_origin: Origin) -> Iterator[Origin]:
    """The module's origin without connections, answering `OK`."""
    yield module_origin
    module_origin.reset()


@pytest.fixture
def relay(origin: Origin, module_relay: Relay) -> Iterator[Relay]:
    """The module's relay without clients."""
    yield module_relay
    module_relay.hang_up()


@pytest.fixture
def start(origin: Origin, observer: Observer) -> Iterator[Start]:
    """Start a relay of the test's own: `start(path=OF AN OBSERVER, **what Relay takes)`."""
    relays: list[Relay] = []

    def begin(upstream: Upstream | tuple[Upstream, ...] | None = None, path: Path | None = None, **options: Any) -> Relay:
        relays.append(Relay(upstream or here(origin), path or observer.path, **options))
        return relays[-1]

    yield begin
    for relay in relays:
        relay.close()


def here(origin: Origin) -> Upstream:
    """The origin as a plan names it."""
    return Upstream(host="127.0.0.1", port=origin.port, authority=f"127.0.0.1:{origin.port}")
