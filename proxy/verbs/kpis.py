"""`kpi-proxy kpis`: the figures of a running product, in the terminal."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    kpis = verbs.add_parser("kpis", help="print the figures of a running proxy")
    kpis.add_argument("--assistant", metavar="NAME", help="only this assistant")
    kpis.add_argument("--from", dest="first", metavar="DATE", help="first day, YYYY-MM-DD")
    kpis.add_argument("--to", dest="last", metavar="DATE", help="last day, included")
    kpis.add_argument("--json", action="store_true", help="the API's answer as it is, one line for each assistant")
    options.console(kpis)
    kpis.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Ask, and print a table for each assistant, or the API's JSON."""
    from proxy.kpis import Asker, AskError, decoded, table, token_of

    try:
        asker = Asker(parsed.console, token_of(parsed.token_file))
        for name in [parsed.assistant] if parsed.assistant else asker.assistants():
            answer = asker.figures(name, parsed.first, parsed.last)
            print(answer.decode().strip() if parsed.json else f"{table(decoded(answer))}\n")
    except AskError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
