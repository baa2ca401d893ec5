"""The key of all hashes of people: given by the operator, or made at the first start and kept in the state directory.

Hosts that share a store must share the secret, else one person counts once per host. Losing it starts every count of
people anew; telling it lets a holder test guesses of user ids against the store.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from proxy.settings.problem import Problem, SettingsError

SECRET_VARIABLE: Final = "KPI_PROXY_SECRET"  # noqa: S105 - the name of a variable
FILE_VARIABLE: Final = "KPI_PROXY_SECRET_FILE"
FILE_NAME: Final = "secret"
SHORTEST: Final = 16  # bytes of a given secret; below that a search through all of them becomes thinkable


def secret(state: Path, environ: Mapping[str, str]) -> bytes:
    """The secret; makes the state directory (0700) and the secret in it (0600). Raises `SettingsError`."""
    given, file = environ.get(SECRET_VARIABLE), environ.get(FILE_VARIABLE)
    if given and file:
        raise SettingsError([Problem(FILE_VARIABLE, f"{SECRET_VARIABLE} is set as well", "give one of the two")])
    try:
        if given:
            return _long_enough(given.encode(), SECRET_VARIABLE)
        if file:
            return _long_enough(Path(file).read_bytes().strip(), FILE_VARIABLE)
        return _kept(state)
    except OSError as error:
        where = FILE_VARIABLE if file else "state"
        raise SettingsError([Problem(where, f"{error.filename} can't be used: {error.strerror}")]) from error


def make_state(state: Path) -> None:
    """Make the state directory for its owner alone; one that exists keeps its owner and gets the mode."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.chmod(0o700)


def _kept(state: Path) -> bytes:
    make_state(state)
    file = state / FILE_NAME
    if not file.exists():
        draft = state / f"{FILE_NAME}.{os.getpid()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(32).hex().encode())
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, file)  # unlike a rename, this lets the first of two starts win
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return _long_enough(file.read_bytes().strip(), str(file))


def _long_enough(value: bytes, where: str) -> bytes:
    if len(value) < SHORTEST:
        what = f"the secret has {len(value)} bytes, at least {SHORTEST} are needed"
        raise SettingsError([Problem(where, what, "make one with: openssl rand -hex 32")])
    return value
