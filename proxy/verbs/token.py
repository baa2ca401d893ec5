"""`kpi-proxy token`: who may read the console."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.access.roles import ROLES
from proxy.settings.load import FILE_VARIABLE
from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.access import tokens
    from proxy.verbs.options import Verbs

_ABOUT = """\
A viewer sees figures, an auditor also the sessions behind them, an admin also the workshop; surveys makes invitations to rate
and opens nothing else. A token is shown once and kept as a hash. A running console knows of each change within a second; once
there is a token it asks for one, on loopback too."""


def add(verbs: Verbs) -> None:
    """Add the verb and what it can do."""
    token = verbs.add_parser(
        "token", help="make, list and revoke tokens of the console", epilog=_ABOUT, formatter_class=argparse.RawTextHelpFormatter
    )
    deeds = token.add_subparsers(dest="deed", required=True, metavar="DEED")
    new = deeds.add_parser("add", help="make a token and print it, this once")
    new.add_argument("name", metavar="NAME", help="whose it is, as in prometheus or jeanne@example.org")
    new.add_argument("--role", choices=ROLES, default="viewer", help="what it opens (default: %(default)s)")
    new.add_argument("--department", metavar="X", help="a viewer of this department alone, as the directory names it")
    new.add_argument("--until", metavar="DATE", type=_day, help="the last day (UTC) on which it is good, as 2027-06-30")
    listed = deeds.add_parser("list", help="say whose tokens there are; the tokens themselves are not kept")
    gone = deeds.add_parser("revoke", help="take a token away, and sign its owner out")
    gone.add_argument("name", metavar="NAME", help="whose")
    for deed in (new, listed, gone):
        deed.add_argument("--config", metavar="FILE", help="the settings file")
        deed.add_argument("--state", metavar="DIR", help="the state directory: tokens are kept there")
        deed.set_defaults(run=run)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no date, write it as 2027-06-30") from error


def run(parsed: argparse.Namespace) -> int:
    """Do the deed."""
    from proxy.access import tokens
    from proxy.settings.readers import tokens_file
    from proxy.settings.secret import make_state

    if not (parsed.config or os.environ.get(FILE_VARIABLE)):
        parsed.upstream = "http://127.0.0.1"  # settings name an assistant; where it is, is nothing to its readers
    settings = options.settings(parsed)
    file, state = tokens_file(settings), Path(settings.state).expanduser()
    today = datetime.now(UTC).date()
    try:
        match parsed.deed:
            case "add":
                token, kept = tokens.made(parsed.name, parsed.role, today, department=parsed.department, until=parsed.until)
                make_state(state)
                tokens.add(file, kept)
                print(token)
            case "list":
                for each in tokens.read(file):
                    print(_line(each, today))
            case _:
                tokens.revoke(file, parsed.name)
    except tokens.TokensError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _line(token: tokens.Token, today: date) -> str:
    what = [token.role, *([f"of {token.department}"] if token.department else []), f"made {token.made}"]
    if token.until is not None:
        what.append(f"good until {token.until}" if token.good(today) else f"ran out on {token.until}")
    return f"{token.name}: {', '.join(what)}"
