"""`kpi-proxy annotate`: what happened, on every axis of time."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from proxy.settings.load import FILE_VARIABLE
from proxy.settings.model import Annotation, AnnotationKind
from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs


def add(verbs: Verbs) -> None:
    """Add the verb."""
    verb = verbs.add_parser("annotate", help="note a deployment or an incident beside the figures, or list what is noted")
    verb.add_argument("text", metavar="TEXT", nargs="?", help="what happened; without it the notes of the store are listed")
    verb.add_argument("--on", metavar="DATE", help="the day, YYYY-MM-DD (default: today, UTC)")
    verb.add_argument("--kind", choices=get_args(AnnotationKind), default="deployment", help="(default: %(default)s)")
    verb.add_argument("--remove", metavar="NAME", help="remove a note; its name stands in the list")
    verb.add_argument("--assistant", metavar="NAME", help="which assistant, where there are several")
    verb.add_argument("--config", metavar="FILE", help="the settings file")
    verb.add_argument("--state", metavar="DIR", help="the state directory, of the embedded store")
    verb.add_argument("--store", metavar="URL", help="the store, when it is not the embedded one")
    verb.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Note, remove or list."""
    from proxy.annotating import AnnotateError, annotate, listed, named, remove

    filed = parsed.config or os.environ.get(FILE_VARIABLE)
    if not filed:
        parsed.upstream = "http://127.0.0.1"  # settings name an assistant; where it is, is nothing to the store
    try:
        settings = options.settings(parsed)
        if not filed and parsed.assistant:  # the demo's, or one whose file is elsewhere
            settings = named(settings, parsed.assistant)
        if parsed.remove:
            remove(settings, parsed.assistant, parsed.remove)
        elif parsed.text is None:
            for name, note in sorted(listed(settings, parsed.assistant).items(), key=lambda item: item[1].on):
                print(f"{name}  {note.on}  {note.kind:10}  {note.text}")
        else:
            note = Annotation(on=parsed.on or datetime.now(UTC).date().isoformat(), kind=parsed.kind, text=parsed.text)
            print(annotate(settings, parsed.assistant, note))
    except AnnotateError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
