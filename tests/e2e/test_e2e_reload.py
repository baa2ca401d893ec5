"""SIGHUP: new settings in a running product, and no connection of a client that notices."""

from __future__ import annotations

import os
import signal
import socket

import pytest
import yaml

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.ports import free_port
from tests.relay.origins import OK, Origin
from tests.relay.sockets import PATIENCE, Wire

pytestmark = pytest.mark.e2e

GET = b"GET /a HTTP/1.1\r\nHost: app.test\r\n\r\n"


def client(product: Product, name: str) -> Wire:

    return Wire(socket.create_connection(("127.0.0.1", product.listen[name]), PATIENCE))


def url(origin: Origin) -> str:
    return f"http://127.0.0.1:{origin.port}"


def rewritten(product: Product, assistants: list[dict[str, object]], **more: object) -> None:
    product.config.write_text(yaml.safe_dump({**product.settings, "assistants": assistants, **more}))
    assert product.process is not None
    os.kill(product.process.pid, signal.SIGHUP)


def test_settings_are_read_again_without_ending_a_connection(start: Start) -> None:
    old, new = Origin(), Origin()
    product = start({"assistants": [{"name": "a", "upstream": url(old)}], "workers": 2})
    wire = client(product, "a")
    wire.send(GET)
    assert wire.exactly(len(OK)) == OK
    (one,) = product.settings["assistants"]
    observer = product.part("proxy.observer")
    relay = product.part("proxy.relay")

    rewritten(product, [{**one, "upstream": "nonsense"}])
    until(lambda: "the old ones stay" in product.log.read_text() or None, "the fault is told")
    rewritten(product, [one], workers=3)
    until(lambda: "can't change while" in product.log.read_text() or None, "what is fixed is told")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        rewritten(product, [one, {**one, "name": "b", "listen": f"127.0.0.1:{taken.getsockname()[1]}"}])
        until(lambda: "can't listen on" in product.log.read_text() or None, "an address in use is told")
    wire.send(GET)
    assert wire.exactly(len(OK)) == OK
    assert new.connections == []

    rewritten(product, [one, {**one, "name": "b", "prefix": "/a", "upstream": url(new)}])

    def reaches_the_new() -> bool | None:
        wire.send(GET)
        assert wire.exactly(len(OK)) == OK
        return bool(new.connections) or None

    until(reaches_the_new, "the new settings are in use")
    until(lambda: product.part("proxy.observer") != observer or None, "the observer was started anew")
    until(product._ready, "the console is back")
    assert product.part("proxy.relay") == relay
    assert "ended with status" not in product.log.read_text()
    turns = product.kpis("b")
    assert turns["assistant"] == "b"
    wire.finish()
    product.stop()
    old.close()
    new.close()


def reached(port: int) -> bytes | None:
    """The answer on a connection of its own; None where nobody listens."""
    try:
        wire = Wire(socket.create_connection(("127.0.0.1", port), PATIENCE))
    except ConnectionRefusedError:
        return None
    wire.send(GET)
    answer = wire.exactly(len(OK))
    wire.finish()
    return answer


def test_a_listener_is_added_and_another_taken_away(start: Start) -> None:
    old, new = Origin(), Origin()
    product = start({"assistants": [{"name": "a", "upstream": url(old)}], "workers": 2})
    (one,) = product.settings["assistants"]
    port = free_port()
    rewritten(product, [one, {"name": "b", "listen": f"127.0.0.1:{port}", "upstream": url(new)}])
    assert until(lambda: reached(port), "the new address answers") == OK
    os.kill(product.part("proxy.relay"), signal.SIGKILL)  # the one after it inherits both
    until(lambda: "relay 1 ended" in product.log.read_text() or None, "a relay was started anew")
    assert [reached(port) for _ in range(8)] == [OK] * 8

    rewritten(product, [{"name": "b", "listen": f"127.0.0.1:{port}", "upstream": url(new)}])
    until(lambda: True if reached(product.listen["a"]) is None else None, "the old address is gone")
    assert [reached(port) for _ in range(8)] == [OK] * 8
    assert len(new.connections) >= 1
    product.stop()
    assert "did not come" not in product.log.read_text()
    old.close()
    new.close()
