"""How long an exchange stays in the relay: waiting for either side excluded."""

from __future__ import annotations

from time import monotonic

from proxy.relay.watch import Round, Watch


class Stay:
    """The time from when something comes until everything has gone out, summed up. All moments are monotonic seconds.

    What comes goes out at the end of its round, and every round knows its own: so it is added up when the next round brings
    something, or when somebody asks.
    """

    __slots__ = ("_gone", "_round", "_seconds", "_since", "_watch")

    def __init__(self, watch: Watch, started: float, seconds: float = 0.0) -> None:
        self._watch = watch
        self._round: Round | None = None  # in which that came which has not been added up
        self._since = 0.0  # when it came
        self._gone = started
        self._seconds = seconds

    def came(self, at: float) -> None:
        """Something came, and goes out with the rest of its round; outside of one it has gone out."""
        now = self._watch.round
        if now is None:
            self._gone = monotonic()
            self._seconds += self._gone - at
        elif now is not self._round:
            self._add()
            self._round = now
            self._since = at

    def _add(self) -> None:
        if self._round is not None:
            self._gone = self._round.ended or monotonic()
            self._seconds += self._gone - self._since
            self._round = None

    @property
    def gone(self) -> float:
        """When the last of it went out: what takes time since is one of the sides."""
        self._add()
        return self._gone

    @property
    def seconds(self) -> float:
        """All stays so far."""
        self._add()
        return self._seconds
