"""The addresses of one assistant, and which of them gets a request.

A request goes to the address with the fewest requests on their way, of those that are well. An address that can't be
connected to, or answers nothing several times in a row, is left out; it comes back when a connection to it, made without
a request, succeeds. When none is well all are tried, so that a single address behaves as if there were no choice.
Names are resolved anew after `dns_time`; each of their addresses counts as one.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Sequence
from functools import partial
from ipaddress import ip_address
from time import monotonic
from typing import Final

import msgspec

from proxy.records import EndReason
from proxy.relay.counters import Counters
from proxy.relay.dial import Address
from proxy.relay.plan import Upstream as Plan
from proxy.relay.pool import Pool
from proxy.relay.upstream import Upstream
from proxy.relay.watch import Watch
from proxy.settings.model import Limits
from proxy.tasks import Tasks

log = logging.getLogger(__name__)

ADDRESSES: Final = 256
"""Addresses taken of one name: more are a mistake, and each costs a pool."""


class Failure(msgspec.Struct, frozen=True):
    """Why there is no connection to an assistant, and how that is told."""

    status: int
    why: str
    reason: EndReason
    detail: str


class Upstreams:
    """Pools of one assistant, by address."""

    def __init__(self, plans: Sequence[Plan], limits: Limits, tasks: Tasks, counters: Counters, watch: Watch) -> None:
        self._plans = [(plan, _context(plan) if plan.tls else None) for plan in plans]
        self._limits = limits
        self._tasks = tasks
        self._watch = watch
        self._count = partial(counters.add, "connections", "upstream")
        self._named = not all(plan.unix or _is_numeric(plan.host) for plan in plans)
        self._resolved_at = 0.0
        self._resolving = asyncio.Lock()
        self._turns = 0
        self._closed = False
        self._pools: dict[tuple[int, Address], Pool] = {}
        self._order: list[Pool] = []
        self._nowhere = Pool(
            Address(), None, "", self._count, watch, size=0, idle=0.0, connect_time=0.0
        )  # until a name has been resolved
        if not self._named:
            self._set({(at, _fixed(plan)) for at, (plan, _) in enumerate(self._plans)})

    def choose(self) -> Pool:
        """Where a request goes. While no name has been resolved that is an empty pool, which `connect` replaces."""
        order = self._order
        if len(order) == 1:
            return order[0]
        return self._best(order) or self._nowhere

    def _best(self, pools: Sequence[Pool]) -> Pool | None:
        if not pools:
            return None
        best = min(pools, key=_rank)
        best.turn = self._turns = self._turns + 1
        return best

    def open(self, pool: Pool) -> Upstream | None:
        """Open a connection at `pool`, if that can be done at once."""
        return None if self._stale(monotonic()) else pool.open()

    async def connect(self, first: Pool) -> tuple[Pool, Upstream] | Failure:
        """Open a connection at `first`, else at another address: no byte has been sent, so any will do."""
        if self._stale(monotonic()):
            try:
                await self._resolve()
            except OSError:
                return _failure("DNS")
        tried: list[Pool] = []
        pool = first if first is not self._nowhere else self._best(self._order)
        what = "DNS"
        while pool is not None:
            try:
                return pool, await pool.connect()
            except TimeoutError:
                what = ""
            except ssl.SSLError:
                what = "TLS"
            except OSError:
                what = "connect"
            pool.failed(monotonic(), surely=True)
            tried.append(pool)
            pool = self._best([each for each in self._order if each not in tried])
        return _failure(what)

    # -- names ----------------------------------------------------------------------------------------------------

    def _stale(self, now: float) -> bool:
        return self._named and (not self._order or now - self._resolved_at > self._limits.dns_time)

    async def _resolve(self) -> None:
        """Look all names up; what is known stays in use when that fails. Raises gaierror when nothing is known."""
        async with self._resolving:
            if not self._stale(monotonic()):
                return
            found: set[tuple[int, Address]] = set()
            for at, (plan, _) in enumerate(self._plans):
                if plan.unix:
                    found.add((at, _fixed(plan)))
                    continue
                try:
                    found |= {(at, address) for address in await _addresses(plan)}
                except OSError as error:
                    found |= {key for key in self._pools if key[0] == at}
                    if not found and at == len(self._plans) - 1:
                        raise
                    log.warning("the name %s of an assistant was not resolved: %s", plan.host, error)
            self._resolved_at = monotonic()
            self._set(found)
            if self._closed:
                self.close()

    def _set(self, found: set[tuple[int, Address]]) -> None:
        for key in self._pools.keys() - found:
            self._pools.pop(key).close()
        for key in sorted(found - self._pools.keys()):
            plan, context = self._plans[key[0]]
            limits = self._limits
            self._pools[key] = Pool(
                key[1],
                context,
                plan.server_name or plan.host,
                self._count,
                self._watch,
                size=limits.pool,
                idle=limits.pool_idle,
                connect_time=limits.connect_time,
            )
        self._order = list(self._pools.values())

    # -- once a second --------------------------------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Close idle connections, resolve names that are in use, try addresses that were left out."""
        for pool in self._order:
            pool.sweep(now)
            if pool.ejected and now >= pool.retry_at and len(self._order) > 1:
                pool.retry_at = now + 3600.0  # until the attempt has ended
                self._tasks.start(self._probe(pool), "probe")
        if self._stale(now) and any(pool.used for pool in self._order):
            self._tasks.start(self._resolve(), "resolve")

    async def _probe(self, pool: Pool) -> None:
        try:
            upstream = await pool.connect()
        except OSError:
            pool.failed(monotonic(), surely=True)
        else:
            pool.answered()
            pool.release(upstream, monotonic())

    def close(self) -> None:
        """Close all idle connections, and each busy one when its exchange has ended."""
        self._closed = True
        for pool in self._order:
            pool.close()


def _failure(what: str) -> Failure:
    if not what:
        return Failure(504, "no connection to the assistant within the limit", "timeout", "connect")
    return Failure(502, f"no connection to the assistant ({what})", "upstream_unreachable", what.lower())


def _rank(pool: Pool) -> tuple[bool, bool, int, int]:
    return pool.ejected, pool.address.second, pool.busy, pool.turn


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _fixed(plan: Plan) -> Address:
    return Address(unix=plan.unix) if plan.unix else Address(plan.host, plan.port)


async def _addresses(plan: Plan) -> set[Address]:
    """What a name stands for, without those whose family the system puts behind another (RFC 6724)."""
    if _is_numeric(plan.host):
        return {_fixed(plan)}
    found = await asyncio.get_running_loop().getaddrinfo(plan.host, plan.port, type=socket.SOCK_STREAM)
    return {Address(str(where[0]), int(where[1]), second=family != found[0][0]) for family, _, _, _, where in found[:ADDRESSES]}


def _context(plan: Plan) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=plan.ca_file)
    if plan.certificate is not None:
        context.load_cert_chain(plan.certificate, plan.key, password="")
    if not plan.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
