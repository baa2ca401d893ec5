"""What a reader of the console may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

import msgspec

Rank = Literal["viewer", "auditor", "admin"]
"""A viewer sees figures, an auditor also the sessions behind them, an admin also the workshop of rules."""
Role = Literal["viewer", "reviewer", "auditor", "admin", "surveys"]
"""Beside these, a `reviewer` is a viewer who is shown texts that were kept to be scored, which no other role opens: not even an
admin's, who could make such a token. `surveys` is for a program that invites people to rate: it makes invitations and sees
nothing."""
ROLES: Final[tuple[Role, ...]] = get_args(Role)
_HELD: Final[Mapping[Role, frozenset[Role]]] = {
    "viewer": frozenset({"viewer"}),
    "reviewer": frozenset({"viewer", "reviewer"}),
    "auditor": frozenset({"viewer", "auditor"}),
    "admin": frozenset({"viewer", "auditor", "admin", "surveys"}),
    "surveys": frozenset({"surveys"}),
}
"""By role, the roles whose doors it opens."""


class Reader(msgspec.Struct, frozen=True):
    """Somebody who asks. With a department, figures of that department are all there is; `name` is for the log and the page."""

    name: str
    role: Role
    department: str | None = None

    def may(self, role: Role) -> bool:
        """Whether this reader has the role, or one that holds it."""
        return role in _HELD[self.role]


ANYBODY: Final = Reader("", "admin")
"""On loopback without tokens: whoever is on the machine could read the state directory's sockets as well."""
