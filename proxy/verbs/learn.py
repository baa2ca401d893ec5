"""`kpi-proxy learn`: a preset proposed from a recording of unknown traffic."""

from __future__ import annotations

import argparse
import secrets
import sys
from typing import TYPE_CHECKING

from proxy.verbs import files

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs

_ABOUT = """\
Writes a preset as YAML to standard output, each field with how sure it is and what it rests on: read it, mend it, then
name it as `preset: ./NAME.yaml`. Better from some conversations of several people than from many of one."""


def add(verbs: Verbs) -> None:
    """Add the verb."""
    learn = files.add(verbs, "learn", "propose a preset from a recording of unknown traffic", _ABOUT)
    files.material(learn)
    learn.add_argument("--name", default="learned", help="id of the preset, and name of its file (default: %(default)s)")
    learn.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Print the proposal, and before it how much of the recording it reads."""
    settings = files.settings(parsed.config)
    from proxy.observer.people import Known
    from proxy.workbench.proposing import propose, route, understood
    from proxy.workbench.ruleset import Ruleset
    from proxy.workbench.terms import WorkError

    secret = secrets.token_bytes(32)
    ruleset = Ruleset(settings)
    try:
        material, assistant = ruleset.material(parsed.file, parsed.assistant, secret)
        files.tell(material)
        proposal, left = propose(material.exchanges, parsed.name)
    except WorkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    before = ruleset.understanding(assistant, Known(), secret)
    known = understood(event for exchange in material.exchanges for event in before.read(exchange))
    after = ruleset.with_preset(proposal.name, proposal.raw, assistant, secret)
    turns, ratings, others = understood(event for exchange in material.exchanges for event in after.read(exchange))
    print(
        f"# Proposed by `kpi-proxy learn` from {len(material.exchanges)} exchanges: with it {turns} are turns, {ratings} ratings,"
    )
    print(f"# {others} neither; without it {known[0]} are turns, {known[1]} ratings. How sure: high, medium, low.")
    print("# Read each line before you use it.")
    for group in left:
        print(f"# not read: {len(group.samples)} x {group.method} {route(group)}")
    print(proposal.text(), end="")
    return 0
