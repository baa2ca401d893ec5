"""`kpi-proxy markers`: what the marker rules make of sentences."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from proxy.verbs import files

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs

_ABOUT = """\
Reads {"side": "assistant" or "user", "text": ...} line by line and writes the same lines with "class" and "rule".
Classes: started, offered, refused, ticket_created, ai_transfer, refused_policy, no_answer, none; for the user's side
requested, none."""


def add(verbs: Verbs) -> None:
    """Add the verb."""
    markers = files.add(verbs, "markers", "judge texts by the marker rules", _ABOUT)
    markers.add_argument("file", metavar="FILE", help='JSON Lines, or "-" for standard input')
    markers.add_argument("--config", metavar="FILE", help="settings with markers of their own")
    markers.add_argument("--assistant", metavar="NAME", help="which assistant's, where there are several")
    markers.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Judge line by line, as they come."""
    settings = files.settings(parsed.config)
    from proxy.workbench.judging import judged
    from proxy.workbench.ruleset import Ruleset
    from proxy.workbench.terms import WorkError

    ruleset = Ruleset(settings)
    try:
        rules = ruleset.markers(ruleset.assistant(parsed.assistant, "capture"))
        with files.opened(parsed.file) as lines:
            for line in judged(lines, rules):
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
    except WorkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
