"""What of a request's and a response's head the observer needs, so that nothing else leaves a relay.

The fields are those of the relay's own plan; this room may not import it, so the supervisor copies them over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from proxy.meaning.facts import FactReader
from proxy.meaning.identity import IdentityReader
from proxy.meaning.presets import Preset
from proxy.meaning.sources import Source
from proxy.settings.model import Identity

REQUEST_HEADERS: Final = frozenset({"content-type", "content-encoding", "user-agent", "x-synthetic"})
RESPONSE_HEADERS: Final = frozenset({"content-type", "content-encoding"})


class WantedHead(msgspec.Struct, frozen=True, kw_only=True):
    """Names of headers and parameters, lower case but for parameters and cookies, whose case counts."""

    headers: frozenset[str]
    response_headers: frozenset[str]
    query: frozenset[str]
    hashed_headers: frozenset[str]
    cookies: frozenset[str]
    jwt_headers: frozenset[str]


def wanted(presets: Iterable[Preset], identity: Identity) -> WantedHead:
    """What these presets and identity settings read; raises `RulesError` for sources that can't be read.

    Give every preset of `config/presets`: "auto" may choose any, and `generic` feedback is read beside each.
    """
    sources: list[Source] = list(IdentityReader(identity, FactReader()).sources())
    deciding: set[str] = set()
    deciding_answers: set[str] = set()
    for preset in presets:
        for route in (*preset.routes, *(skip.route for skip in preset.skips), *(rules.route for rules in preset.feedback)):
            deciding.update(route.headers)
            deciding_answers.update(route.response_headers)
        sources += (*preset.request.user, *preset.request.conversation, *preset.request.model)
        for feedback in preset.feedback:
            sources += (*feedback.user, *feedback.conversation, *feedback.message)

    def names(place: str) -> frozenset[str]:
        return frozenset(source.name for source in sources if source.place == place)

    return WantedHead(
        headers=REQUEST_HEADERS | names("header") | deciding,
        response_headers=RESPONSE_HEADERS | deciding_answers,
        query=names("query"),
        hashed_headers=names("hash"),
        cookies=names("cookie"),
        jwt_headers=names("jwt"),
    )
