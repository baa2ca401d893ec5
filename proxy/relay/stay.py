"""How long an exchange stays in the relay: waiting for either side excluded."""

from __future__ import annotations

from time import monotonic

from proxy.relay.watch import Watch


class Stay:
    """The time from when something comes until everything has gone out, summed up. All moments are monotonic seconds."""

    __slots__ = ("_since", "_watch", "gone", "seconds")

    def __init__(self, watch: Watch, started: float) -> None:
        self._watch = watch
        self._since = 0.0  # when that came which has not gone out yet; 0.0: everything has
        self.gone = started  # when the last of it went: what takes time since is one of the sides
        self.seconds = 0.0

    def came(self, at: float) -> None:
        """Something came, and goes out with the rest of its round."""
        if not self._since:
            self._since = at
            self._watch.defer(self.settle)

    def settle(self) -> None:
        """Everything has gone out."""
        if self._since:
            self.gone = now = monotonic()
            self.seconds += now - self._since
            self._since = 0.0
