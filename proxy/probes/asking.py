"""One question to one address, by aiohttp: never raises, whatever comes back."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

import aiohttp
import msgspec
from yarl import URL

from proxy import __version__
from proxy.kpi.uptime import Verdict
from proxy.settings.model import Assistant, Probe

BODY: Final = 256 * 1024
"""Bytes of an answer that are looked at: a canary's answer has some hundred."""

HEADERS: Final = {"User-Agent": f"kpi-proxy-probe/{__version__}", "X-Synthetic": "1", "Accept": "*/*"}


class Answer(msgspec.Struct, frozen=True):
    """What came back: a status with the beginning of its body, or why there is none."""

    status: int = 0
    body: bytes = b""
    failure: Verdict | None = None


class Asker:
    """Asks the addresses of one assistant, each over a connection of its own: a probe also asks whether one can be made."""

    def __init__(self, assistant: Assistant) -> None:
        self._addresses = (assistant.upstream, *assistant.replicas)
        self._tls = _tls(assistant) if assistant.upstream.startswith("https:") else None
        self._name = assistant.server_name or None

    @property
    def addresses(self) -> int:
        """How many addresses there are."""
        return len(self._addresses)

    async def ask(self, replica: int, probe: Probe, headers: Mapping[str, str]) -> Answer:
        """Ask one address."""
        url = urlsplit(self._addresses[replica])
        unix = url.scheme == "unix"
        connector = aiohttp.UnixConnector(unquote(url.path)) if unix else aiohttp.TCPConnector(force_close=True)
        target = URL(("http://localhost" if unix else self._addresses[replica]) + probe.path, encoded=True)
        try:
            async with (
                asyncio.timeout(probe.timeout),
                aiohttp.ClientSession(connector=connector, headers={**HEADERS, **headers}) as session,
                session.request(
                    "POST" if probe.question else "GET",
                    target,
                    data=probe.question.encode() or None,
                    allow_redirects=False,
                    ssl=self._tls if self._tls is not None else True,
                    server_hostname=self._name if self._tls is not None else None,
                ) as response,
            ):
                return Answer(response.status, await _beginning(response))
        except TimeoutError:
            return Answer(failure="timeout")
        except aiohttp.ClientConnectorError:
            return Answer(failure="unreachable")
        except (aiohttp.ClientError, OSError, ValueError):
            return Answer(failure="broken")


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """Read to the end, so that a stream that breaks is seen; keep the first BODY bytes."""
    kept = bytearray()
    async for piece in response.content.iter_any():
        kept += piece[: BODY - len(kept)]
    return bytes(kept)


def _tls(assistant: Assistant) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=assistant.ca_file)
    if not assistant.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if assistant.client_certificate is not None:
        context.load_cert_chain(assistant.client_certificate, assistant.client_key)
    return context
