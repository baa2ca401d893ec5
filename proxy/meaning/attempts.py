"""What a client says of its own attempts: vendors' clients send a failed call again by themselves, and most of them tell.

OpenAI's and Anthropic's clients count (`x-stainless-retry-count`); Amazon's give all attempts of a call one name, as does
whoever sends an idempotency key (draft-ietf-httpapi-idempotency-key-header).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_COUNT: Final = "x-stainless-retry-count"
_NAMES: Final = ("idempotency-key", "amz-sdk-invocation-id")

HEADERS: Final = frozenset({_COUNT, *_NAMES})
"""What must leave a relay for it; the names go no further than their keyed hashes."""


def again(headers: Mapping[str, str]) -> bool:
    """Whether the client says that it has sent this before."""
    count = headers.get(_COUNT, "").strip()
    return count.isdecimal() and count.strip("0") != ""


def call_name(headers: Mapping[str, str]) -> str | None:
    """The name that all attempts of one call share."""
    return next((value for name in _NAMES if (value := headers.get(name))), None)
