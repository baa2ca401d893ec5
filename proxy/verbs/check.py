"""`kpi-proxy check`: everything that is wrong with the settings, at once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from proxy.settings.summary import summary
from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    check = verbs.add_parser("check", help="check the settings, presets and markers; open nothing")
    check.add_argument("--config", metavar="FILE", help="the settings file")
    check.add_argument("--upstream", metavar="URL", help="as for serve")
    check.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Say what the settings come to, or raise with all their faults."""
    print(summary(options.checked(parsed)))
    return 0
