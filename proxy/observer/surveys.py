"""Ratings that people give to kpi-proxy itself, by a widget or a link: each invitation once, straight into the outbox.

An invitation is taken in the store, so that no other host takes it a second time; without the store it is taken here, and the
ledger, which knows ratings by their ids, still counts one rating for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

from proxy.access.invitations import Invitation
from proxy.console.sources import Verdict
from proxy.kpi.events import Rating
from proxy.meaning.hashing import Keyed
from proxy.meaning.ratings import judge

log = logging.getLogger(__name__)

REMEMBERED: Final = 100_000
"""Invitations that are known to be used while the store is away, the oldest forgotten first: some 10 MB."""


class Once(Protocol):
    """Names over all hosts."""

    async def take(self, name: str, seconds: int) -> bool:
        """Take a name; False when somebody has it."""
        ...

    async def free(self, name: str) -> None:
        """Give it back."""
        ...


class Surveys:
    """Takes ratings. `keep` writes an event to the outbox; `away` and `unwritable` are what store and outbox raise."""

    def __init__(
        self,
        keyed: Keyed,
        once: Once,
        keep: Callable[[Rating], asyncio.Future[object]],
        *,
        away: tuple[type[Exception], ...],
        unwritable: tuple[type[Exception], ...],
    ) -> None:
        self._keyed = keyed
        self._once = once
        self._keep = keep
        self._away = away
        self._unwritable = unwritable
        self._used: OrderedDict[str, None] = OrderedDict()

    def conversation(self, assistant: str, conversation: str) -> str:
        """The hash of a conversation's id."""
        return self._keyed.conversation(assistant, conversation)

    def message(self, assistant: str, message: str) -> str:
        """The hash of an answer's id."""
        return self._keyed.message(assistant, message)

    async def rate(self, invitation: Invitation, score: float, at: float) -> Verdict:
        """Take a rating of an invitation that is good at this time (Unix seconds)."""
        judged = judge(score, {}, invitation.scale)
        if judged is None:
            return "no_score"
        if not await self._take(invitation, at):
            return "used"
        rating = Rating(
            id=f"survey:{invitation.nonce}",
            assistant=invitation.assistant,
            at=at,
            scale=judged.scale,
            satisfied=judged.satisfied,
            score=judged.score,
            conversation=invitation.conversation,
            message=invitation.message,
        )
        try:
            await self._keep(rating)
        except self._unwritable as error:
            log.error("a rating can't be kept: %s", error)  # noqa: TRY400 - the disk's fault, not ours
            await self._give_back(invitation)
            return "unwritable"
        return "taken"

    async def _take(self, invitation: Invitation, at: float) -> bool:
        if invitation.nonce in self._used:
            return False
        self._used[invitation.nonce] = None
        if len(self._used) > REMEMBERED:
            self._used.popitem(last=False)
        try:
            return await self._once.take(invitation.nonce, invitation.until - int(at) + 1)
        except self._away:
            return True

    async def _give_back(self, invitation: Invitation) -> None:
        self._used.pop(invitation.nonce, None)
        with contextlib.suppress(*self._away):  # it runs out by itself then
            await self._once.free(invitation.nonce)
