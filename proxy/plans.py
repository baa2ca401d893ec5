"""From settings to what each process is told."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from proxy.meaning import signs, synthetic
from proxy.meaning.named import chosen
from proxy.meaning.presets import Preset, compile_presets
from proxy.meaning.wanted import wanted
from proxy.observer.plan import ObserverPlan
from proxy.relay.plan import AssistantPlan, Entrance, RelayPlan, Upstream, Wanted
from proxy.settings.files import own_presets, raw_presets
from proxy.settings.model import Assistant, Settings

SOCKET = "run/observer.sock"
"""Where the observer listens, within the state directory."""


def presets_of(settings: Settings) -> Mapping[str, Preset]:
    """All presets, compiled: some tenths of a second, so once for all relays."""
    return compile_presets(raw_presets(own_presets(settings)))


def relay_plan(
    settings: Settings, presets: Mapping[str, Preset], state: Path, secret: bytes, listeners: Sequence[int]
) -> RelayPlan:
    """The plan of one relay; each start has an identity of its own, since its records count from 1."""
    return RelayPlan(
        relay=secrets.token_hex(12),
        observer=str(state / SOCKET),
        secret=secret.hex(),
        assistants=tuple(
            _assistant(each, listener, presets, traces=settings.export.traces)
            for each, listener in zip(settings.assistants, listeners, strict=True)
        ),
        capture=settings.capture,
        limits=settings.limits,
        log=settings.log,
    )


def observer_plan(settings: Settings, state: Path, secret: bytes, console: int) -> ObserverPlan:
    """The plan of the observer."""
    return ObserverPlan(settings=settings, state=str(state), secret=secret.hex(), console=console, relays=settings.workers)


def _assistant(settings: Assistant, listener: int, presets: Mapping[str, Preset], *, traces: bool) -> AssistantPlan:
    upstreams = tuple(_upstream(url, settings) for url in (settings.upstream, *settings.replicas))
    keep_host = settings.host == "preserve" or (settings.host == "auto" and not upstreams[0].tls)
    return AssistantPlan(
        name=settings.name,
        entrance=Entrance(listener=listener, certificate=settings.certificate, key=settings.key, proxied=settings.proxied),
        upstreams=upstreams,
        hosts=tuple(host.lower() for host in settings.hosts),
        prefix=settings.prefix,
        keep_host=keep_host,
        via=settings.via,
        append_forwarded=settings.forwarded == "append",
        wanted=msgspec.structs.replace(wanted_of(settings, presets, traces=traces), token_headers=_token_headers(settings)),
    )


def _token_headers(settings: Assistant) -> frozenset[str]:
    """The header whose tokens a relay ships whole. No part of `wanted_of`: what reads files has no keys to verify them with."""
    jwt = settings.identity.jwt
    return frozenset({jwt.header.lower()}) if jwt.on else frozenset()


def wanted_of(settings: Assistant, presets: Mapping[str, Preset], *, traces: bool) -> Wanted:
    """What the presets and the identity settings read of a head."""
    head = wanted(presets, chosen(settings), settings.identity)
    return Wanted(
        headers=head.headers | synthetic.header_names(settings.synthetic) | ({"traceparent"} if traces else set()),
        response_headers=head.response_headers | signs.header_names(settings.markers.http),
        query=head.query,
        hashed_headers=head.hashed_headers,
        cookies=head.cookies,
        jwt_headers=head.jwt_headers,
    )


def _upstream(address: str, settings: Assistant) -> Upstream:
    url = urlsplit(address)
    if url.scheme == "unix":
        return Upstream(host="", port=0, unix=unquote(url.path), authority="localhost")
    tls = url.scheme == "https"
    return Upstream(
        host=url.hostname or "",
        port=url.port or (443 if tls else 80),
        tls=tls,
        verify=settings.verify,
        ca_file=settings.ca_file,
        server_name=settings.server_name,
        certificate=settings.client_certificate,
        key=settings.client_key,
        authority=url.netloc.rpartition("@")[2],
    )
