"""`kpi-proxy forget USER`: erasure of one person."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from proxy.settings.load import FILE_VARIABLE
from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    forget = verbs.add_parser("forget", help="take a person out of the store, and say what can't be taken out and why")
    forget.add_argument("user", metavar="USER", help="the user as the traffic or the directory names it")
    forget.add_argument("--config", metavar="FILE", help="the settings file")
    forget.add_argument("--state", metavar="DIR", help="the state directory: the secret of the hashes is there")
    forget.add_argument("--store", metavar="URL", help="the store, when it is not the embedded one")
    forget.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Forget, and tell what was done."""
    from proxy.forgetting import ForgetError, forget

    if not (parsed.config or os.environ.get(FILE_VARIABLE)):
        parsed.upstream = "http://127.0.0.1"  # settings name an assistant; where it is, is nothing to the store
    try:
        for line in forget(options.settings(parsed), parsed.user, os.environ):
            print(line)
    except ForgetError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
