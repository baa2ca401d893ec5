"""From settings to what each process is told."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from proxy.observer.plan import ObserverPlan
from proxy.relay.plan import AssistantPlan, RelayPlan, Upstream
from proxy.settings.model import Assistant, Settings

SOCKET = "run/observer.sock"
"""Where the observer listens, within the state directory."""


def relay_plan(settings: Settings, state: Path, secret: bytes, listeners: Sequence[int]) -> RelayPlan:
    """The plan of one relay; each start has an identity of its own, since its records count from 1."""
    return RelayPlan(
        relay=secrets.token_hex(12),
        observer=str(state / SOCKET),
        secret=secret.hex(),
        assistants=tuple(_assistant(each, listener) for each, listener in zip(settings.assistants, listeners, strict=True)),
        capture=settings.capture,
        limits=settings.limits,
        log=settings.log,
    )


def observer_plan(settings: Settings, state: Path, secret: bytes, console: int) -> ObserverPlan:
    """The plan of the observer."""
    return ObserverPlan(settings=settings, state=str(state), secret=secret.hex(), console=console, relays=settings.workers)


def _assistant(settings: Assistant, listener: int) -> AssistantPlan:
    upstream = _upstream(settings)
    keep_host = settings.host == "preserve" or (settings.host == "auto" and not upstream.tls)
    return AssistantPlan(
        name=settings.name,
        listener=listener,
        upstream=upstream,
        keep_host=keep_host,
        via=settings.via,
        append_forwarded=settings.forwarded == "append",
        wanted=_wanted(settings),
    )


def _upstream(settings: Assistant) -> Upstream:
    url = urlsplit(settings.upstream)
    if url.scheme == "unix":
        return Upstream(host="", port=0, unix=unquote(url.path), authority="localhost")
    tls = url.scheme == "https"
    return Upstream(
        host=url.hostname or "",
        port=url.port or (443 if tls else 80),
        tls=tls,
        verify=settings.verify,
        ca_file=settings.ca_file,
        authority=url.netloc.rpartition("@")[2],
    )
