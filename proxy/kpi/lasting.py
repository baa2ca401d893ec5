"""Whether a resolution lasted: seven days after a resolved session its users are looked for once more."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from proxy.kpi.session import ConversationState, Session


def lasting(state: ConversationState, now: float) -> dict[int, Session]:
    """Give the resolved sessions that are to be looked at again at `now`, by their place among the settled."""
    return {
        at: each for at, each in enumerate(state.settled) if each.lasts is not None and each.durable is None and each.lasts <= now
    }


def lasted(state: ConversationState, found: Mapping[int, bool]) -> ConversationState:
    """Say of settled sessions whether their users stayed away."""
    changed = [msgspec.structs.replace(each, durable=found.get(at, each.durable)) for at, each in enumerate(state.settled)]
    return msgspec.structs.replace(state, settled=tuple(changed)) if found else state
