"""`kpi-proxy replay`: the figures of a recording under old and new settings."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

import msgspec

from proxy.verbs import files

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs

CHANGED: Final = 50
"""Conversations that came out otherwise that are shown; more are counted."""

_ABOUT = """\
Runs the exchanges through the observer's own reading and a store of its own, once under each settings file, and shows
both figures and the sessions whose outcome changed. Changes nothing of a running proxy."""


def add(verbs: Verbs) -> None:
    """Add the verb."""
    replay = files.add(verbs, "replay", "figures of a file under old and new settings, side by side", _ABOUT)
    files.installation(replay)
    files.material(replay, needed=True)
    replay.add_argument("--old", metavar="FILE", help="the settings to compare with (default: the defaults)")
    replay.add_argument("--json", action="store_true", help="both figures and all changed sessions as JSON")
    replay.add_argument("--all", action="store_true", help="every changed session, not the first fifty")
    replay.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Run the recording twice, and compare."""
    both = [files.settings(config) for config in (parsed.old, parsed.config)]
    from proxy.workbench.comparing import changes, side_by_side
    from proxy.workbench.replaying import changed, replay
    from proxy.workbench.ruleset import Ruleset
    from proxy.workbench.terms import WorkError

    runs = []
    if parsed.file == "-":
        print("error: replay reads its file twice: name one", file=sys.stderr)
        return 1
    try:
        secret = files.key(parsed.state)
        for word, settings, name in zip(
            ("old", "new"), both, (parsed.assistant if parsed.old else None, parsed.assistant), strict=True
        ):
            ruleset = Ruleset(settings)
            material, assistant = ruleset.material(parsed.file, name, secret)
            if word == "old":
                files.tell(material, own_key=parsed.state is None)
            runs.append(replay(material, ruleset, assistant, secret, word))
    except WorkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    old, new = runs
    found = changed(old, new)
    if parsed.json:
        print(msgspec.json.encode({"old": old.figures, "new": new.figures, "changed": found}).decode())
    else:
        shown = len(found) if parsed.all else CHANGED
        print("\n".join([*side_by_side(old.figures, new.figures), "", *changes(found, shown)]))
    return 0
