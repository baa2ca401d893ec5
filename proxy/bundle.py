"""`kpi-proxy bundle`: what helps to find a fault, in one archive that may be sent to others.

It holds how the proxy is set up, what it runs on, and what its console says of itself: no message, no identity, no credential.
Settings that may hold one, or that quote what people or operators wrote, are there as "(given)"; files are named with size and
mode, and never read. What the console answers is free of them by its own rules; a test plants secrets everywhere and looks.
"""

from __future__ import annotations

import io
import json
import os
import platform
import re
import resource
import stat
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from proxy import __version__
from proxy.kpis import STATUS, Asker, AskError
from proxy.settings.model import Assistant, Settings
from proxy.settings.problem import Problem
from proxy.settings.summary import values
from proxy.settings.written import spelled

ANSWERS: Final[Mapping[str, str]] = {
    "status.json": STATUS,
    "ready.json": "/readyz",
    "metrics.txt": "/metrics",
    "assistants.json": "/api/v1/assistants",
}

_QUOTED: Final = re.compile(
    r"(^|\.)(question|expect|exclude|handover_tools|headers_file|token_file|auditors|admins|client_key|key)$"
)
"""Settings whose value stays here: credentials, the ways to them, and what quotes people or names accounts."""

_VARIABLES: Final = re.compile(r"^(KPI_PROXY_|OTEL_)")


def write(path: Path, settings: Settings | None, problems: list[Problem], asker: Asker) -> list[str]:
    """Write the archive (.tar.gz, mode 0600); gives the names of what is in it. Raises OSError."""
    files = dict(_files(settings, problems, asker))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"kpi-proxy-bundle/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
            archive.addfile(entry, io.BytesIO(content))
    return list(files)


def _files(settings: Settings | None, problems: list[Problem], asker: Asker) -> Iterator[tuple[str, bytes]]:
    yield "about.json", json.dumps(_about(), indent=1).encode()
    faults = [f"fault: {problem.path}: its value does not fit" for problem in problems]  # a value might be quoted in the text
    yield "settings.txt", "\n".join([*faults, *(_settings(settings) if settings is not None else ())]).encode()
    if settings is not None:
        yield "state.txt", "\n".join(_state(Path(settings.state).expanduser())).encode()
    for name, address in ANSWERS.items():
        try:
            yield name, asker.get(address)
        except AskError as error:
            yield f"{name}.missing", str(error).encode()


def _about() -> dict[str, object]:
    return {
        "kpi-proxy": __version__,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version,
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "open files": resource.getrlimit(resource.RLIMIT_NOFILE),
        "user id is root": os.geteuid() == 0,
        "variables set": sorted(name for name in os.environ if _VARIABLES.match(name)),
        "packages": {each.name: each.version for each in sorted(distributions(), key=lambda each: each.name.lower())},
    }


def _settings(settings: Settings) -> Iterator[str]:
    for at, assistant in enumerate(settings.assistants):
        yield from _section(assistant, Assistant, f"assistants[{at}].")
    yield from _section(settings, Settings, "")


def _section(section: object, model: type[object], prefix: str) -> Iterator[str]:
    for path, written, _, value in values(section, model):
        if path == "assistants":
            continue
        if path == "probes" and isinstance(value, tuple):
            for at, probe in enumerate(value):
                yield from _section(probe, type(probe), f"{prefix}probes[{at}].")
            continue
        yield f"{prefix}{path} = {_shown(path, value, spelled(value, written))}"


def _shown(path: str, value: object, text: str) -> str:
    if _QUOTED.search(path):
        return "(given)" if value else "(none)"
    if path in ("upstream", "replicas", "url") or path.endswith((".url", ".upstream")):
        return ", ".join(_address(each) for each in (value if isinstance(value, tuple) else (str(value),)))
    return text


def _address(url: str) -> str:
    """An address without user, password, query."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _state(directory: Path) -> Iterator[str]:
    """Names, modes, sizes and ages of what is in the state directory; nothing is read."""
    for path in sorted([directory, *directory.rglob("*")]) if directory.exists() else ():
        try:
            found = path.lstat()
        except OSError as error:
            yield f"? {path.relative_to(directory.parent)} {error.strerror}"
            continue
        age = max(0, round(time.time() - found.st_mtime))
        yield f"{stat.filemode(found.st_mode)} {found.st_size:>12} B {age:>9} s ago {path.relative_to(directory.parent)}"
