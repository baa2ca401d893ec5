"""Tokens of readers: made once, shown once, kept as hashes in one file that its owner alone can read.

A token holds 256 random bits, so that a plain SHA-256 of it is as far from the token as a slow hash would be: there is no list
of likely tokens to try. (Passwords would need a slow hash; nobody chooses a token.)
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final

import msgspec

from proxy.access.roles import Reader, Role

FILE: Final = "tokens.json"
"""Within the state directory, unless the settings name another."""
PREFIX: Final = "kpt_"
"""Lets a scanner for secrets know a token that was put where it should not be."""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
MOST: Final = 1000
"""Tokens of one file: it is read whole."""
LARGEST: Final = 1024 * 1024  # bytes of the file


class TokensError(ValueError):
    """The file can't be used, or what is asked of it makes no sense; the text is for the operator."""


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is kept of a token. Days are ISO dates in UTC, `until` is the last one on which it is good."""

    name: str
    role: Role
    digest: str  # SHA-256 of the token, hex
    made: str
    department: str | None = None
    until: str | None = None

    @property
    def reader(self) -> Reader:
        """Who shows it."""
        return Reader(self.name, self.role, self.department)

    def good(self, today: date) -> bool:
        """Whether it has not run out."""
        return self.until is None or today.isoformat() <= self.until


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tokens: tuple[Token, ...] = ()


def digest(token: str) -> str:
    """What is kept in place of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def made(name: str, role: Role, today: date, *, department: str | None = None, until: date | None = None) -> tuple[str, Token]:
    """A new token and what is kept of it; raises `TokensError`."""
    if not NAME.fullmatch(name):
        raise TokensError(f"{name[:80]!r} is no name: letters, digits and . _ @ - of 64 characters at most")
    if department is not None and role != "viewer":
        raise TokensError("a department's token is a viewer's: evidence and rules are of the whole assistant")
    if department is not None and not department.strip():
        raise TokensError("the department has no name")
    if until is not None and until < today:
        raise TokensError(f"{until} is over")
    token = PREFIX + secrets.token_urlsafe(32)
    kept = Token(
        name=name,
        role=role,
        digest=digest(token),
        made=today.isoformat(),
        department=department,
        until=None if until is None else until.isoformat(),
    )
    return token, kept


def read(file: Path) -> tuple[Token, ...]:
    """The tokens of a file, none where there is no file; raises `TokensError` for one that can't be used."""
    try:
        with file.open("rb") as source:
            data = source.read(LARGEST + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise TokensError(f"{file} can't be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise TokensError(f"{file} is larger than {LARGEST} bytes")
    try:
        return msgspec.json.decode(data, type=_File).tokens
    except msgspec.MsgspecError as error:
        raise TokensError(f"{file} is no file of tokens: {error}") from error


def add(file: Path, token: Token) -> None:
    """Keep one more; raises `TokensError` when the name is taken."""
    with _locked(file):
        known = read(file)
        if any(each.name == token.name for each in known):
            raise TokensError(f"there is a token of {token.name} already: revoke it first, or choose another name")
        if len(known) >= MOST:
            raise TokensError(f"{file} holds {MOST} tokens, the most there can be: revoke some")
        _write(file, (*known, token))


def revoke(file: Path, name: str) -> None:
    """Take one away; raises `TokensError` when there is none of this name."""
    with _locked(file):
        known = read(file)
        kept = [each for each in known if each.name != name]
        if len(kept) == len(known):
            names = ", ".join(each.name for each in known) or "none"
            raise TokensError(f"there is no token of {name[:80]!r}; there are: {names}")
        _write(file, kept)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Hold off another command that would write an older list over this one."""
    try:
        handle = os.open(file.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise TokensError(f"{file} can't be written: {error.strerror}") from error
    try:
        flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(file: Path, tokens: Sequence[Token]) -> None:
    """Replace the file as a whole: a console that reads meanwhile sees the old or the new one."""
    body = msgspec.json.format(msgspec.json.encode(_File(tuple(tokens))), indent=1) + b"\n"
    draft = file.with_suffix(f".{os.getpid()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as error:
        raise TokensError(f"{file} can't be written: {error.strerror}") from error
