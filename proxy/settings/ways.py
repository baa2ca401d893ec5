"""What must hold of the ways to and from an assistant, and to the store.

Listeners, upstreams, certificates, and who shares an address.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from proxy.settings.address import Place, place
from proxy.settings.model import Assistant, Store
from proxy.settings.problem import Problem
from proxy.settings.store_url import store_url

_HOST: Final = re.compile(r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]", re.IGNORECASE)


def check_ways(assistant: Assistant, path: str) -> Iterator[Problem]:
    """Faults of one assistant's own settings."""
    if assistant.ca_file is not None:
        yield from readable(assistant.ca_file, f"{path}.ca_file")
    yield from _pair(assistant.certificate, assistant.key, path, ("certificate", "key"))
    yield from _pair(assistant.client_certificate, assistant.client_key, path, ("client_certificate", "client_key"))
    for at, network in enumerate(assistant.proxied):
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            yield Problem(f"{path}.proxied[{at}]", f'"{network[:80]}" is not a network', "write it as 10.0.0.0/8 or fd00::/8")
    for at, host in enumerate(assistant.hosts):
        if not _HOST.fullmatch(host):
            yield Problem(
                f"{path}.hosts[{at}]", f'"{host[:80]}" is not a host name', "write it without a port, as chat.example.org"
            )
    if assistant.prefix and (not assistant.prefix.startswith("/") or "?" in assistant.prefix or not assistant.prefix.isascii()):
        yield Problem(f"{path}.prefix", f'"{assistant.prefix[:80]}" is not the start of a path', "write it as /hr")
    seen = {assistant.upstream}
    for at, replica in enumerate(assistant.replicas):
        where = f"{path}.replicas[{at}]"
        if replica in seen:
            yield Problem(where, f"{replica} stands here twice")
        elif (replica.startswith("https:")) != assistant.upstream.startswith("https:"):
            yield Problem(where, "is reached another way than upstream", "use https for all of them, or for none")
        seen.add(replica)


def check_sharing(assistant: Assistant, others: Sequence[Assistant], path: str) -> Iterator[Problem]:
    """Faults of an assistant that listens where `others` do."""
    for other in others:
        same = [name for name in ("certificate", "key", "proxied") if getattr(assistant, name) != getattr(other, name)]
        for name in same:
            yield Problem(f"{path}.{name}", f"differs from that of {other.name}, which listens on {assistant.listen} too")
        mine, theirs = set(map(str.lower, assistant.hosts)), set(map(str.lower, other.hosts))
        if assistant.prefix == other.prefix and (mine & theirs or mine == theirs):
            what = f"{assistant.listen} is taken by {other.name}, and nothing tells their requests apart"
            yield Problem(f"{path}.listen", what, "give each its own port, or its own hosts or prefix")


def target(upstream: str) -> Place:
    """Where an upstream's URL leads."""
    if upstream.startswith("unix:"):
        return place(upstream)
    parts = urlsplit(upstream)
    return Place(host=parts.hostname or "", port=parts.port or (443 if parts.scheme == "https" else 80))


def check_store(store: Store) -> Iterator[Problem]:
    """Faults of the way to the store."""
    tls = False
    if store.url != "embedded":
        try:
            tls = store_url(store.url).tls
        except ValueError as error:
            yield Problem("store.url", str(error), 'did you mean "embedded"?' if str(error).endswith("word") else "")
    for name in ("ca_file", "client_certificate", "client_key"):
        if getattr(store, name) is not None and not tls:
            yield Problem(
                f"store.{name}", "is for a store that is reached by TLS", "write rediss:// in store.url, or leave it out"
            )
    if store.ca_file is not None:
        yield from readable(store.ca_file, "store.ca_file")
    yield from _pair(store.client_certificate, store.client_key, "store", ("client_certificate", "client_key"))


def _pair(certificate: str | None, key: str | None, path: str, names: tuple[str, str]) -> Iterator[Problem]:
    """A certificate and its key, each of no use alone."""
    if certificate is None and key is None:
        return
    problems: list[Problem] = []
    for file, name, other in ((certificate, names[0], names[1]), (key, names[1], names[0])):
        if file is None:
            problems.append(Problem(f"{path}.{name}", f"is missing beside {other}"))
        else:
            problems += readable(file, f"{path}.{name}")
    if not problems and certificate is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
        except ssl.SSLError as error:
            problems.append(
                Problem(f"{path}.{names[0]}", f"can't be used: {error.reason or error}", "PEM, and the key that fits")
            )
    yield from problems


def readable(name: str, path: str) -> Iterator[Problem]:
    """Faults of a file that a setting names."""
    file = Path(name)
    if not file.exists():
        yield Problem(path, f"there is no file {name}")
    elif not file.is_file() or not os.access(file, os.R_OK):
        yield Problem(path, f"{name} can't be read", "check its type, owner and mode")
    elif not file.stat().st_size:
        yield Problem(path, f"{name} is empty")
