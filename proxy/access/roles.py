"""What a reader of the console may see."""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

Role = Literal["viewer", "auditor", "admin"]
"""A viewer sees figures, an auditor also the sessions behind them, an admin also the workshop of rules."""
ROLES: Final[tuple[Role, ...]] = get_args(Role)


class Reader(msgspec.Struct, frozen=True):
    """Somebody who asks. With a department, figures of that department are all there is; `name` is for the log and the page."""

    name: str
    role: Role
    department: str | None = None

    def may(self, role: Role) -> bool:
        """Whether this reader has the role, or one above it."""
        return ROLES.index(self.role) >= ROLES.index(role)


ANYBODY: Final = Reader("", "admin")
"""On loopback without tokens: whoever is on the machine could read the state directory's sockets as well."""
