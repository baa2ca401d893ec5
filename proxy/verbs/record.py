"""`kpi-proxy record`: live traffic into a capture file."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.settings.model import Settings
from proxy.settings.problem import Problem, SettingsError
from proxy.settings.written import size
from proxy.verbs import files, options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs
    from proxy.workbench.recording import Recorded

_ABOUT = """\
Records a proxy that is running (--state or --config say which), or, with --upstream, one that is started for it.
Texts become x's and ids pseudonyms, unless --texts keeps them. Ends at a limit, or at Ctrl-C."""


def add(verbs: Verbs) -> None:
    """Add the verb."""
    record = files.add(verbs, "record", "write live traffic to a capture file, redacted", _ABOUT)
    record.add_argument("file", metavar="FILE", help='a new file, or "-" for standard output')
    record.add_argument("--state", metavar="DIR", help="state directory of the running proxy")
    record.add_argument("--config", metavar="FILE", help="its settings file; with --upstream, that of the new one")
    record.add_argument("--upstream", metavar="URL", help="start a proxy in front of this assistant, for the recording")
    record.add_argument("--listen", metavar="HOST:PORT", help="where clients come to it (default: 127.0.0.1:8080)")
    record.add_argument("--preset", metavar="NAME", help="what API it speaks (default: found out)")
    record.add_argument("--exchanges", metavar="N", type=_count, default=10_000, help="end after so many (default: %(default)s)")
    record.add_argument("--size", metavar="SIZE", default="64MiB", help="end before the file is larger (default: %(default)s)")
    record.add_argument("--seconds", metavar="N", type=float, help="end after so long")
    record.add_argument("--texts", action="store_true", help="keep texts and identities as they pass: the file is confidential")
    record.set_defaults(run=run)


def run(parsed: argparse.Namespace) -> int:
    """Record until a limit or a signal ends it."""
    from proxy.workbench.recording import Bounds, own_proxy, record
    from proxy.workbench.terms import WorkError

    try:
        bounds = Bounds(parsed.exchanges, size(parsed.size), parsed.seconds)
    except ValueError as error:
        raise SettingsError([Problem("--size", str(error))]) from error
    try:
        if parsed.upstream:
            names = ("upstream", "listen", "preset", "config")
            given = [word for name in names if (value := getattr(parsed, name)) for word in (f"--{name}", value)]
            with own_proxy(given) as state:
                _tell(record(parsed.file, state, bounds, redacted=not parsed.texts), parsed.file)
        else:
            _tell(record(parsed.file, _state(parsed), bounds, redacted=not parsed.texts), parsed.file)
    except WorkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _state(parsed: argparse.Namespace) -> Path:
    if parsed.config:
        return Path(options.checked(argparse.Namespace(config=parsed.config)).state)
    given = parsed.state or os.environ.get("KPI_PROXY_STATE") or Settings(assistants=()).state
    return Path(given).expanduser().absolute()


def _tell(recorded: Recorded, file: str) -> None:
    print(f"{recorded.exchanges} exchanges, {recorded.size} bytes in {file}", file=sys.stderr)
    if recorded.missed:
        print(f"{recorded.missed} exchanges came quicker than they could be written, and are missing", file=sys.stderr)
    if recorded.emptied:
        print(f"{recorded.emptied} bodies could not be redacted and were left out; --texts keeps them", file=sys.stderr)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number
