"""`kpi-proxy explain`: what is understood of each exchange of a recording."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import msgspec

from proxy.verbs import files

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs

_ABOUT = """\
FILE is a capture of `record`, a HAR of a browser, or conversations as JSON Lines; "-" is standard input.
Says for each exchange: preset and how sure its choice was, what was read, which rules hit, what was not understood."""


def add(verbs: Verbs) -> None:
    """Add the verb."""
    explain = files.add(verbs, "explain", "say what is understood of each exchange of a file", _ABOUT)
    files.installation(explain)
    files.material(explain)
    explain.add_argument("--preset", metavar="NAME", help="read it with this preset, a name or a path")
    explain.add_argument("--texts", action="store_true", help="show texts and paths as they are, not their sizes")
    explain.add_argument("--json", action="store_true", help="one line of JSON for each exchange")
    explain.add_argument("--unknown", action="store_true", help="only exchanges that nothing understood")
    explain.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Explain exchange by exchange, and sum up."""
    settings = files.settings(parsed.config, parsed.preset)
    from proxy.workbench.explaining import Explainer, Totals
    from proxy.workbench.ruleset import Ruleset
    from proxy.workbench.showing import lines, plain, summary
    from proxy.workbench.terms import WorkError

    ruleset = Ruleset(settings)
    try:
        secret = files.key(parsed.state)
        material, assistant = ruleset.material(parsed.file, parsed.assistant, secret)
        known = ruleset.people(assistant, secret)
    except WorkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    files.tell(material, own_key=parsed.state is None)
    understanding = ruleset.understanding(assistant, known, secret)
    explainer, totals = Explainer(understanding, assistant, ruleset.presets), Totals()
    for exchange in material.exchanges:
        explained = explainer.explain(exchange)
        totals.add(explained)
        if parsed.unknown and not explained.unknown:
            continue
        if parsed.json:
            print(msgspec.json.encode(plain(explained, texts=parsed.texts)).decode())
        else:
            print("\n".join(lines(explained, texts=parsed.texts)))
    print("\n".join(summary(totals)), file=sys.stderr if parsed.json else sys.stdout)
    return 0
