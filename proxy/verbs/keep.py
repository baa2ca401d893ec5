"""`kpi-proxy backup`, `restore` and `move`: figures out of the state directory and in again."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.settings.load import FILE_VARIABLE
from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the three verbs."""
    for name, about in (
        ("backup", "write secret, outbox and embedded store into one file; also while kpi-proxy runs"),
        ("restore", "put a backup into an empty state directory, its store into the embedded one or --store"),
        ("move", "copy the embedded store into the Redis or Valkey of --store; kpi-proxy is stopped"),
    ):
        keep = verbs.add_parser(name, help=about)
        if name != "move":
            keep.add_argument("file", metavar="FILE", help="the backup")
        keep.add_argument("--config", metavar="FILE", help="the settings file")
        keep.add_argument("--state", metavar="DIR", help="the state directory")
        keep.add_argument("--store", metavar="URL", help="the store, when it is not the embedded one")
        keep.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Do what the verb says and tell what was done."""
    from proxy.keeping import KeepingError, backup, move, restore

    if not (parsed.config or os.environ.get(FILE_VARIABLE)):
        parsed.upstream = "http://127.0.0.1"  # settings name an assistant; which one is nothing to a state directory
    settings = options.settings(parsed)
    try:
        match parsed.verb:
            case "backup":
                print(backup(settings, Path(parsed.file)))
            case "restore":
                print(restore(settings, Path(parsed.file)))
            case _:
                print(move(settings))
    except (KeepingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
