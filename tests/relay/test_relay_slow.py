"""slowhttptest against a relay, by head, body and reading at once, while others are served (cases 83, 84)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from proxy.settings.model import Limits
from tests.relay.conftest import Start
from tests.relay.observers import Observer
from tests.relay.origins import OK, Origin
from tests.relay.relays import Relay
from tests.relay.sockets import Wire, eventually

GET = b"GET /a HTTP/1.1\r\nHost: app.test\r\n\r\n"
LARGE = 1_000_000
SLOW = 100
"""Connections of each kind."""
MODES = {
    "head": ["-H", "-i", "2", "-x", "20", "-l", "60"],
    "body": ["-B", "-i", "10", "-s", "8192", "-x", "10", "-l", "60"],
    "read": ["-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "32", "-l", "5"],
}
"""With the seconds after which each gives up (-l): the relay ends all of a kind before, but for those who read a little."""


def tool() -> str:
    found = shutil.which("slowhttptest")
    if found is None:
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
            pytest.fail("slowhttptest is missing, and KPI_PROXY_REQUIRE_SERVICES is set")
        pytest.skip("slowhttptest is not installed")
    return found


def play(wire: Wire) -> None:
    """A large answer for those who read slowly, a small one for the others."""
    while head := wire.message()[0]:
        if head.startswith(b"GET /a "):
            wire.send(OK)
        else:
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % LARGE + b"x" * LARGE)


def attack(relay: Relay, mode: str, reports: Path) -> subprocess.Popen[str]:
    common = ["-c", str(SLOW), "-r", str(SLOW), "-p", "30", "-u", f"http://127.0.0.1:{relay.port}/large"]
    return subprocess.Popen(
        [tool(), *MODES[mode], *common], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=reports
    )


def test_83_84_who_is_slow_holds_up_nobody(start: Start, origin: Origin, observer: Observer, tmp_path: Path) -> None:
    origin.plays(play)
    relay = start(limits=Limits(head_time=2.0, stall=2.0, pool_idle=1.0, drain=1.0))
    client = relay.client(GET)
    assert client.exactly(len(OK)) == OK
    memory, descriptors = relay.memory(), relay.descriptors()
    growth = amid = 0
    attacks = [attack(relay, mode, tmp_path) for mode in MODES]
    while any(each.poll() is None for each in attacks):
        client.send(GET)
        assert client.exactly(len(OK)) == OK
        fresh = relay.client(GET)
        assert fresh.exactly(len(OK)) == OK
        fresh.finish()
        amid += relay.descriptors() - descriptors > SLOW
        growth = max(growth, relay.memory() - memory)
    heads, bodies, reads = (each.communicate()[0] for each in attacks)
    assert "No open connections left" in heads  # the relay ended them all; it lets those read on that take a little
    assert all("service available" in said and "NO" not in said for said in (heads, bodies, reads))
    assert amid  # answers came while the slow ones were still there: nobody waits for their limits
    assert growth < SLOW * 3 * 64 * 1024

    def ended(detail: str) -> int:
        return observer.counts[-1].values.get(("errors", "rh", f"refused_{detail}"), 0) if observer.counts else 0

    observer.wait_for(lambda: ended("head_time") >= SLOW)
    observer.wait_for(lambda: ended("stalled") >= SLOW)
    eventually(lambda: relay.descriptors() <= descriptors)
