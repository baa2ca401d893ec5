"""`kpi-proxy value`: costs and value of a running product, with the numbers that they rest on."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    value = verbs.add_parser("value", help="print what an assistant costs and what it is worth, with the assumptions")
    value.add_argument("--assistant", metavar="NAME", help="only this assistant")
    value.add_argument("--from", dest="first", metavar="DATE", help="first day, YYYY-MM-DD")
    value.add_argument("--to", dest="last", metavar="DATE", help="last day, included")
    value.add_argument("--lang", choices=("en", "fr"), default="en", help="language (default: %(default)s)")
    value.add_argument("--json", action="store_true", help="the API's answer as it is, one line for each assistant")
    options.console(value)
    value.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Ask, and print what the page says, or the API's JSON."""
    from proxy.kpis import Asker, AskError, decoded_value, token_of
    from proxy.printed import worth

    try:
        asker = Asker(parsed.console, token_of(parsed.token_file))
        for name in [parsed.assistant] if parsed.assistant else asker.assistants():
            answer = asker.value(name, parsed.first, parsed.last)
            print(answer.decode().strip() if parsed.json else f"{worth(decoded_value(answer), parsed.lang)}\n")
    except AskError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
