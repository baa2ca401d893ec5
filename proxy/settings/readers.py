"""Who may read the console, as far as settings say: where tokens are kept, and that off loopback somebody has one."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from proxy.access import tokens
from proxy.settings.address import place
from proxy.settings.model import Settings, SignOn
from proxy.settings.problem import Problem
from proxy.settings.tokens import HEADER
from proxy.settings.ways import readable

SHORTEST: Final = 16
"""Bytes of a token that people chose: guessing at the rate of one console must be hopeless."""


def tokens_file(settings: Settings) -> Path:
    """The file that `kpi-proxy token` writes and the console reads."""
    named = settings.console.tokens
    return Path(named).expanduser() if named else Path(settings.state).expanduser() / tokens.FILE


def check_readers(settings: Settings) -> Iterator[Problem]:
    """Faults of the console's access."""
    console = settings.console
    yield from _own(console.token_file)
    yield from _sign_on(console.sign_on)


def readable_by_somebody(settings: Settings) -> Iterator[Problem]:
    """The fault of a console that nobody could read. Not one of the settings: the verb that makes tokens has to load them."""
    console = settings.console
    try:
        known = tokens.read(tokens_file(settings))
    except tokens.TokensError as error:
        yield Problem("console.tokens", str(error))
        return
    if not (place(console.listen).loopback or console.token_file or console.sign_on.header or known):
        yield Problem(
            "console.listen",
            f"{console.listen} can be reached from other machines, and nobody has a token to read it with",
            "make one with: kpi-proxy token add NAME --role admin; or set console.token_file, or listen on 127.0.0.1",
        )


def _own(token: str | None) -> Iterator[Problem]:
    if token is None:
        return
    problems = list(readable(token, "console.token_file"))
    yield from problems
    if not problems and len(Path(token).read_bytes().strip()) < SHORTEST:
        yield Problem("console.token_file", f"the token in {token} is shorter than {SHORTEST} bytes")


def _sign_on(sign_on: SignOn) -> Iterator[Problem]:
    where = "console.sign_on"
    for at, network in enumerate(sign_on.trusted):
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            yield Problem(f"{where}.trusted[{at}]", f'"{network[:80]}" is not a network', "write it as 10.0.0.0/8 or fd00::/8")
    for name in ("header", "department_header"):
        given = getattr(sign_on, name)
        if given and not HEADER.fullmatch(given):
            yield Problem(f"{where}.{name}", f'"{given[:80]}" is no name of a header')
    if sign_on.header and not sign_on.trusted:
        yield Problem(f"{where}.trusted", "is empty, so that nobody's word is taken", "name the addresses of the gateway")
    if not sign_on.header and sign_on != SignOn():
        yield Problem(f"{where}.header", "is missing: it names the user whom the gateway signed in")
    if sign_on.department_header and sign_on.role != "viewer":
        yield Problem(f"{where}.role", "is not viewer, which is all that a department's reader can be")
