"""`kpi-proxy kpis`: the figures of a running product, in the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from proxy.kpi.calendar import INTERVALS
from proxy.kpi.groups import DIMENSIONS
from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    kpis = verbs.add_parser("kpis", help="print the figures of a running proxy")
    kpis.add_argument("--assistant", metavar="NAME", help="only this assistant")
    kpis.add_argument("--from", dest="first", metavar="DATE", help="first day, YYYY-MM-DD")
    kpis.add_argument("--to", dest="last", metavar="DATE", help="last day, included")
    for name in DIMENSIONS:
        kpis.add_argument(f"--{name}", metavar="NAME", help=f"only this {name}")
    cut = kpis.add_mutually_exclusive_group()
    cut.add_argument("--by", choices=DIMENSIONS, help="a line for each group")
    cut.add_argument("--interval", choices=INTERVALS, help="a line for each of these")
    kpis.add_argument("--json", action="store_true", help="the API's answer as it is, one line for each assistant")
    options.console(kpis)
    kpis.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Ask, and print a table for each assistant, or the API's JSON."""
    from proxy.kpis import Asker, AskError, token_of

    narrowed = {name: value for name in (*DIMENSIONS, "by", "interval") if (value := getattr(parsed, name)) is not None}
    try:
        asker = Asker(parsed.console, token_of(parsed.token_file))
        for name in [parsed.assistant] if parsed.assistant else asker.assistants():
            answer = asker.figures(name, parsed.first, parsed.last, narrowed)
            print(answer.decode().strip() if parsed.json else f"{_printed(answer, narrowed)}\n")
    except AskError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _printed(answer: bytes, narrowed: Mapping[str, str]) -> str:
    from proxy.kpis import decoded, decoded_groups, decoded_series
    from proxy.printed import groups, series, table

    if "by" in narrowed:
        return groups(decoded_groups(answer))
    return series(decoded_series(answer)) if "interval" in narrowed else table(decoded(answer))
