"""What the verbs that work on recordings have in common: their options, their settings, and what is said of a file."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from proxy.settings.model import Settings
from proxy.settings.secret import FILE_NAME, FILE_VARIABLE, SECRET_VARIABLE, secret
from proxy.verbs import options

if TYPE_CHECKING:
    from proxy.verbs.options import Verbs
    from proxy.workbench.material import Material

NOWHERE: Final = "http://127.0.0.1:9"
"""The upstream of settings that are only to read a file: nothing is sent there."""
FAULTS: Final = 10
"""Lines with a fault that are told; more are counted."""


def add(verbs: Verbs, name: str, short: str, about: str) -> argparse.ArgumentParser:
    """Add a verb with a longer explanation."""
    return verbs.add_parser(name, help=short, description=about, formatter_class=argparse.RawDescriptionHelpFormatter)


def material(verb: argparse.ArgumentParser, *, needed: bool = False) -> None:
    """Which file, and under whose rules."""
    verb.add_argument("file", metavar="FILE", help='a capture, a HAR, or conversations as JSON Lines; "-": standard input')
    verb.add_argument("--config", metavar="FILE", required=needed, help="the settings whose rules are used")
    verb.add_argument("--assistant", metavar="NAME", help="which assistant's rules, where there are several")


def installation(verb: argparse.ArgumentParser) -> None:
    """Whose hashes these are."""
    verb.add_argument("--state", metavar="DIR", help="hash with the secret of the installation whose state directory this is")


def key(state: str | None) -> bytes:
    """The key of a run's hashes: that of an installation (`KPI_PROXY_SECRET`, where it is set), else one of this run alone.

    Raises `WorkError` where the directory has no secret: one that was made now would be nobody's.
    """
    from proxy.workbench.terms import WorkError

    if state is None:
        return secrets.token_bytes(32)
    directory = Path(state).expanduser()
    if not (directory / FILE_NAME).exists() and not {SECRET_VARIABLE, FILE_VARIABLE} & os.environ.keys():
        raise WorkError(f"there is no secret in {directory}")
    return secret(directory, os.environ)


def settings(config: str | None, preset: str | None = None) -> Settings:
    """Settings of a file, or the defaults; raises `SettingsError`.

    Work on a file reads the settings that it names: a variable meant for `serve` must not change what a replay says.
    """
    given = argparse.Namespace(config=config, preset=preset, upstream=None if config else NOWHERE)
    return options.checked(given, {})


def tell(material: Material, *, own_key: bool = False) -> None:
    """Say on standard error what of a file was not taken, and of whom it can't be told who they are.

    `own_key`: hashes are made with a key of this run, which is not that of what relays hashed.
    """
    for fault in material.faults[:FAULTS]:
        print(f"line {fault.number}: not taken: {fault.what}", file=sys.stderr)
    if (more := len(material.faults) - FAULTS) > 0:
        print(f"{more} more lines were not taken", file=sys.stderr)
    if material.left_out:
        print(f"{material.left_out} entries are pages, scripts or pictures, and were left out", file=sys.stderr)
    if material.redacted:
        print(
            "the capture is redacted: phrases can't be judged in it, nor can directory and exclusions know people",
            file=sys.stderr,
        )
    elif own_key and material.veiled:
        print(
            "people known by a cookie or a key are in the capture as hashes of its installation: aliases, directory and"
            " exclusions know them with --state DIR alone, its state directory",
            file=sys.stderr,
        )


def opened(file: str) -> IO[bytes]:
    """A file of lines, "-" for standard input; raises `WorkError`."""
    from proxy.workbench.terms import WorkError

    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise WorkError(f"{file} can't be read: {error.strerror}") from error
