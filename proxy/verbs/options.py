"""Options that several verbs have, and the settings they make."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.settings.load import load
from proxy.settings.model import Settings
from proxy.settings.problem import Problem, SettingsError
from proxy.settings.readers import readable_by_somebody

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

CONSOLE = "127.0.0.1:8081"


def places(verb: argparse.ArgumentParser) -> None:
    """Where a product listens and keeps its state."""
    verb.add_argument("--listen", metavar="HOST:PORT", help="where clients come (default: 127.0.0.1:8080)")
    verb.add_argument("--console", metavar="HOST:PORT", help=f"page, API and /metrics (default: {CONSOLE})")
    verb.add_argument("--state", metavar="DIR", help="directory of secret, outbox and embedded store")
    verb.add_argument("--store", metavar="URL", help="redis:// or rediss:// URL (default: an embedded store)")


def console(verb: argparse.ArgumentParser) -> None:
    """Which running product is asked."""
    verb.add_argument("--console", metavar="ADDR", default=CONSOLE, help="address or URL of its console (default: %(default)s)")
    verb.add_argument("--token-file", metavar="FILE", help="file with the console's token, where it asks for one")


def settings(parsed: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings that command line, environment and file make together; raises `SettingsError`."""
    names = ("upstream", "preset", "listen", "console", "state", "config", "workers", "store")
    return load({f"--{name}": getattr(parsed, name, None) for name in names}, environ, Path.cwd())


def checked(parsed: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings; raises `SettingsError` with all faults: theirs, of the rules they lead to, and of who may read."""
    from proxy.rules import rules_problems

    made, found = None, list[Problem]()
    try:
        made = settings(parsed, environ)
    except SettingsError as error:
        found += error.problems
    else:
        found += readable_by_somebody(made)
    found += rules_problems(made)
    if found or made is None:
        raise SettingsError(found)
    return made
