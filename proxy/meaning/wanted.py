"""What of a request's and a response's head the observer needs, so that nothing else leaves a relay.

The fields are those of the relay's own plan; this room may not import it, so the supervisor copies them over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from proxy.meaning import attempts
from proxy.meaning.facts import FactReader
from proxy.meaning.hashing import Keyed
from proxy.meaning.identity import IdentityReader
from proxy.meaning.presets import Preset
from proxy.meaning.sources import Source
from proxy.settings.people import Identity
from proxy.wire import polling

REQUEST_HEADERS: Final = frozenset({"content-type", "content-encoding", "user-agent", "x-synthetic"}) | attempts.HEADERS
RESPONSE_HEADERS: Final = frozenset({"content-type", "content-encoding"})


class WantedHead(msgspec.Struct, frozen=True, kw_only=True):
    """Names of headers and parameters, lower case but for parameters and cookies, whose case counts."""

    headers: frozenset[str]
    response_headers: frozenset[str]
    query: frozenset[str]
    hashed_headers: frozenset[str]
    cookies: frozenset[str]
    jwt_headers: frozenset[str]


def wanted(presets: Mapping[str, Preset], chosen: str | Sequence[str], identity: Identity) -> WantedHead:
    """What the presets and identity settings of an assistant read; raises `RulesError` for sources that can't be read.

    `presets` is all there are, for "auto" may choose any and `generic` feedback is read beside each. A credential is hashed
    only for those that are `chosen` by name: "auto" would take the hash of every key that passes, for a few that are read.
    """
    names = {chosen} if isinstance(chosen, str) else set(chosen)
    sources: list[Source] = list(IdentityReader(identity, FactReader(), Keyed(b"")).sources())
    deciding: set[str] = set()
    deciding_answers: set[str] = set()
    polls: frozenset[str] = frozenset()
    for preset in presets.values():
        if not names & {"auto", preset.id} and preset.id != "generic":
            continue
        for route in (*preset.routes, *(skip.route for skip in preset.skips), *(rules.route for rules in preset.feedback)):
            deciding.update(route.headers)
            deciding_answers.update(route.response_headers)
        if preset.socket is not None and preset.socket.engineio:
            polls = polling.QUERY
        read = [*preset.request.user, *preset.request.conversation, *preset.request.model]
        for feedback in preset.feedback:
            read += (*feedback.user, *feedback.conversation, *feedback.message)
        sources += (source for source in read if source.place != "hash" or preset.id in names)

    def at(place: str) -> frozenset[str]:
        return frozenset(source.name for source in sources if source.place == place)

    return WantedHead(
        headers=REQUEST_HEADERS | at("header") | deciding,
        response_headers=RESPONSE_HEADERS | deciding_answers,
        query=at("query") | polls,
        hashed_headers=at("hash"),
        cookies=at("cookie"),
        jwt_headers=at("jwt"),
    )
