"""`kpi-proxy bundle`: an archive that helps to find a fault."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.settings.problem import Problem, SettingsError
from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    bundle = verbs.add_parser("bundle", help="write an archive that helps to find a fault, without content or secrets")
    bundle.add_argument("--config", metavar="FILE", help="the settings file of the proxy")
    bundle.add_argument("--out", metavar="FILE", help="where to (default: kpi-proxy-bundle-TIME.tar.gz here)")
    options.console(bundle)
    bundle.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Write it, with as much as can be had: settings may be faulty, and the proxy may be down."""
    from proxy.bundle import write
    from proxy.kpis import Asker, AskError, token_of
    from proxy.settings.load import load

    settings, problems = None, list[Problem]()
    try:
        settings = load({"--config": parsed.config}, os.environ, Path.cwd())
    except SettingsError as error:
        problems += error.problems
    out = Path(parsed.out or time.strftime("kpi-proxy-bundle-%Y%m%dT%H%M%SZ.tar.gz", time.gmtime()))
    try:
        names = write(out, settings, problems, Asker(parsed.console, token_of(parsed.token_file)))
    except (AskError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{out}: {', '.join(names)}\nno message, identity or credential is in it; the log is not either: add what it said")
    return 0
