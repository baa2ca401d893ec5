"""How it goes now, in one answer: what `kpi-proxy status` shows and what a script may ask for. Of this host alone."""

from __future__ import annotations

import msgspec

from proxy import __version__
from proxy.console.sources import Health, Live, Sources
from proxy.records import LEVELS


class ProbeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A probe: its last answer, and the share of good rounds of the last 24 hours."""

    name: str
    up: bool
    share: float


class AssistantStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The last hour of an assistant."""

    name: str
    live: Live
    probes: tuple[ProbeStatus, ...]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Everything. `captures` is one of `records.LEVELS`."""

    version: str
    at: str  # ISO 8601, UTC
    health: Health
    captures: str
    assistants: tuple[AssistantStatus, ...]


def status(sources: Sources) -> Status:
    """Look at everything once; nothing of it asks the store."""
    health = sources.health()
    return Status(
        version=__version__,
        at=sources.now().isoformat(timespec="seconds"),
        health=health,
        captures=LEVELS[health.level],
        assistants=tuple(
            AssistantStatus(
                name=each.name,
                live=sources.live.snapshot(each.name),
                probes=tuple(
                    ProbeStatus(name=strip.probe, up=strip.up, share=strip.share) for strip in sources.uptime(each.name)
                ),
            )
            for each in sources.settings.assistants
        ),
    )
