"""Counters of several relays, some of which die, are one set of counters that never go down."""

from __future__ import annotations

import msgspec
import pytest

from proxy.export.telemetry import Telemetry
from proxy.records import OVERHEAD_BOUNDS, Counts
from tests.export.telling import counts, scraped, value


async def test_relay_counters_never_go_down(telemetry: Telemetry) -> None:
    telemetry.relay({"a1": counts(10), "b1": counts(5)})
    telemetry.relay({"a1": counts(12), "b1": counts(6)})
    telemetry.relay({"b1": counts(7)})  # a1 died
    telemetry.relay({"b1": counts(7), "a2": counts(1, open_now=4)})  # its successor starts at zero
    samples = await scraped(telemetry)
    assert value(samples, "proxy_requests_total", assistant="rh", status="2xx") == 12 + 7 + 1
    assert value(samples, "proxy_errors_total", assistant="rh", reason="timeout") == 3
    assert value(samples, "proxy_bytes_total", assistant="rh", direction="in") == 300
    assert value(samples, "proxy_capture_dropped_total", stage="body", reason="ring_full") == 6
    assert value(samples, "proxy_connections", side="client", state="open") == 5
    assert value(samples, "proxy_overhead_seconds_count") == 20
    assert value(samples, "proxy_overhead_seconds_bucket", le="2.5e-05") == 20
    assert value(samples, "proxy_overhead_seconds_sum") == pytest.approx(0.0004)


async def test_a_relay_without_clients_shows_its_connections_and_no_relay_shows_none(telemetry: Telemetry) -> None:
    telemetry.relay({"a": Counts({}, (0,) * (len(OVERHEAD_BOUNDS) + 1), 0.0, 0, 0)})
    assert value(await scraped(telemetry), "proxy_connections", side="client", state="open") == 0
    telemetry.relay({})
    assert value(await scraped(telemetry), "proxy_connections", side="client", state="open") is None


async def test_what_captures_hold_is_told_of_the_worst_relay(telemetry: Telemetry) -> None:
    names = ("proxy_capture_level", "proxy_capture_pending", "proxy_capture_held_bytes")

    async def told(**relays: Counts) -> list[float | None]:
        telemetry.relay(relays)
        samples = await scraped(telemetry)
        return [value(samples, name) for name in names]

    behind = msgspec.structs.replace(counts(1), level=2, pending=40, pending_bytes=9_000)
    wide = msgspec.structs.replace(counts(1), pending=3, pending_bytes=70_000)
    assert await told(a=behind, b=wide) == [2, 40, 70_000]
    assert await told(b=wide, c=counts(1)) == [0, 3, 70_000]
    assert await told(c=counts(1)) == [0, 0, 0]
    assert await told() == [None, None, None]


async def test_relays_beyond_memory_are_folded_and_one_that_was_away_counts_once(telemetry: Telemetry) -> None:
    for start in range(200):
        telemetry.relay({f"r{start}": counts(1)})
    telemetry.relay({"r199": counts(3)})
    telemetry.relay({})
    telemetry.relay({"r199": counts(4)})
    samples = await scraped(telemetry)
    assert value(samples, "proxy_requests_total", assistant="rh", status="2xx") == 199 + 4
