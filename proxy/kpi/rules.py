"""The settings that shape a figure, as the pure rooms need them."""

from __future__ import annotations

import msgspec

from proxy.settings.model import Assistant, Returns


class Rules(msgspec.Struct, frozen=True):
    """Times in seconds."""

    idle: float = 1800.0  # a gap at least this long ends a session
    settle: float = 86400.0  # from the close of a session to its final outcome
    response: float = 10.0  # an answer faster than this is within target
    zone: str = "Europe/Paris"  # in which hours, days and weeks are cut
    returns: Returns = "conversation"  # who comes back there before a session settled was not served by it
    traces: int = 92  # days for which turns and ratings are kept without content
    exact: int = 10_000  # people of a day and group who are told apart

    @classmethod
    def of(cls, assistant: Assistant) -> Rules:
        """Take the rules of one assistant."""
        session = assistant.session
        return cls(
            session.idle,
            session.settle,
            assistant.targets.response,
            assistant.time_zone,
            session.returns,
            int(session.traces // 86400),
            assistant.people.exact,
        )

    @property
    def revokes(self) -> bool:
        """Whether a return to the conversation takes an assumed resolution back."""
        return self.returns != "no"
