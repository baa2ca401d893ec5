"""`kpi-proxy status`: how a running product is doing, in the terminal."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    status = verbs.add_parser("status", help="show how a running proxy is doing: traffic, health, what was given up, lag")
    status.add_argument("--once", action="store_true", help="print it once, as plain text; always so when not on a terminal")
    status.add_argument("--json", action="store_true", help="the API's answer as it is, once")
    options.console(status)
    status.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Ask and show, on a terminal until it is interrupted."""
    from proxy.kpis import STATUS, Asker, AskError, token_of
    from proxy.status import text, watch

    try:
        asker = Asker(parsed.console, token_of(parsed.token_file))
        if parsed.json:
            print(asker.get(STATUS).decode())
        elif parsed.once or not sys.stdout.isatty():
            print(text(asker.status()))
        else:
            asker.status()  # a mistyped address is told at once
            watch(asker, sys.stdout)
    except AskError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
