"""`kpi-proxy evidence` and `what-if`: why a figure is what it is, and what it would be under other rules."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs

_TERMS = ("idle", "settle", "assumed", "returns", "without", "trial")


def add(verbs: Verbs) -> None:
    """Add both verbs."""
    evidence = verbs.add_parser("evidence", help="say what a figure of a period rests on, session by session")
    evidence.add_argument("--kpi", metavar="NAME", default="automation_rate", help="the figure (default: %(default)s)")
    what_if = verbs.add_parser("what-if", help="make a period's figures again under other rules, side by side")
    what_if.add_argument("--idle", metavar="TIME", help="gap that ends a session, as 60m")
    what_if.add_argument("--settle", metavar="TIME", help="time to its final outcome, as 72h")
    what_if.add_argument("--assumed", choices=("yes", "no"), help="whether an assumed resolution counts as automated")
    what_if.add_argument(
        "--returns", choices=("no", "conversation", "anywhere"), help="where coming back takes a resolution back"
    )
    what_if.add_argument("--trial", choices=("yes", "no"), help="whether the rules of markers.trial apply as well")
    what_if.add_argument("--without", metavar="RULES", help="rules (FILE/RULE) or marker files left out, with commas between")
    for verb in (evidence, what_if):
        verb.add_argument("--assistant", metavar="NAME", help="which assistant, where there are several")
        verb.add_argument("--from", dest="first", metavar="DATE", help="first day, YYYY-MM-DD")
        verb.add_argument("--to", dest="last", metavar="DATE", help="last day, included")
        verb.add_argument("--json", action="store_true", help="the API's answer as it is")
        options.console(verb)
        verb.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Ask, and print for people or as JSON."""
    from proxy.kpi.evidence import Evidence
    from proxy.kpi.whatif import Comparison
    from proxy.kpis import Asker, AskError, answer_as, token_of
    from proxy.proofs import comparison_text, evidence_text

    query = {"assistant": parsed.assistant, "from": parsed.first, "to": parsed.last}
    query |= {name: getattr(parsed, name, None) for name in ("kpi", *_TERMS)}
    try:
        asker = Asker(parsed.console, token_of(parsed.token_file))
        answer = asker.get(f"/api/v1/{parsed.verb}", {name: value for name, value in query.items() if value})
        if parsed.json:
            print(answer.decode().strip())
        elif parsed.verb == "evidence":
            print(evidence_text(answer_as(answer, Evidence)))
        else:
            print(comparison_text(answer_as(answer, Comparison)))
    except AskError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
