"""What can't be answered now, though it was well asked."""

from __future__ import annotations


class Unavailable(Exception):  # noqa: N818 - a state of the store, not a fault of the caller
    """The store can't be read now."""


class Busy(Exception):  # noqa: N818 - a state, not a fault of the caller
    """Another attempt runs."""
