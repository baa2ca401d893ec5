"""`kpi-proxy demo`: the product in front of an assistant and people of its own."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    demo = verbs.add_parser("demo", help="serve a demo assistant with its people and some weeks of history")
    demo.add_argument("--workers", metavar="N", type=int, help="relay processes (default: 1)")
    options.places(demo)
    demo.add_argument("--seconds", metavar="N", type=float, help="stop by itself after so long")
    demo.add_argument("--no-history", dest="history", action="store_false", help="start without the weeks before today")
    demo.add_argument("--speed", metavar="X", type=float, default=1.0, help="divide every wait of assistant and people by X")
    demo.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Serve the demo until a signal or its time ends it."""
    from proxy.demo import run as demo

    names = ("listen", "console", "state", "workers", "store", "seconds", "history", "speed")
    return demo.main(**{name: value for name in names if (value := getattr(parsed, name)) is not None})
