"""`kpi-proxy serve`: stand in front of assistants and keep their figures."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    serve = verbs.add_parser("serve", help="stand in front of assistants and keep their figures")
    serve.add_argument("--upstream", metavar="URL", help="where the assistant answers, as http://HOST:PORT")
    serve.add_argument("--preset", metavar="NAME", help="what API the assistant speaks (default: found out from the traffic)")
    serve.add_argument("--config", metavar="FILE", help="the settings file, see config/kpi-proxy.yaml")
    serve.add_argument("--workers", metavar="N", help="relay processes (default: 1)")
    serve.add_argument(
        "--tied", action="store_true", help="end when standard input does, as it does with a program that started this"
    )
    options.places(serve)
    serve.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    settings = options.checked(parsed)
    from proxy import supervisor

    return supervisor.run(settings, lambda: options.checked(parsed), tied=parsed.tied)
