"""The judge of one assistant: a bounded queue of answers, asked about one or two at a time, within a budget.

It hears of an answer after the relay and the ledger have, and tells them nothing: when it is slow, refused, out of budget or
wrong, answers go unjudged and are counted, by reason. Texts are in this process's memory until they are judged, and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, Literal, Protocol, get_args

import aiohttp

from proxy.kpi.agreement import SCORES, Score
from proxy.kpi.budget import Budget, Charge, Limit
from proxy.kpi.usage import Usage, band
from proxy.meaning.spoken import Spoken
from proxy.observer import verdicts
from proxy.observer.backlog import Backlog
from proxy.observer.verdicts import AGAIN, Failed, Verdict
from proxy.settings.model import Assistant

WAITING: Final = 200
"""Answers that wait, of some 100 KB at most each; with more, the oldest is given up."""
PAUSE: Final = 1.0
"""Seconds before a second attempt; twice as many before each later one."""
AWAY: Final = 5.0
"""Seconds between looks for a store that is away: without it nobody knows what was spent."""

log = logging.getLogger(__name__)

Lost = Literal[verdicts.Fault, "queue", "budget"]
"""Why an answer was not judged."""
LOST: Final[tuple[str, ...]] = (*get_args(verdicts.Fault), "queue", "budget")


class Spending(Protocol):
    """The budget."""

    async def reserve(self, charge: Charge, now: float) -> Literal["room"] | Limit:
        """Set a charge aside."""

    async def correct(self, charge: Charge, now: float) -> None:
        """Put right what was set aside."""

    async def spent(self, now: float) -> tuple[Charge, Charge]:
        """What was spent of the day and of the month."""


class Scores(Protocol):
    """Where verdicts go."""

    async def judged(self, turn: str) -> bool:
        """Whether there is one of this answer."""

    async def judge(self, turn: str, at: float, score: Score) -> object:
        """Count one."""

    async def spend(self, usage: Usage, at: float) -> None:
        """Count tokens as the assistant's own."""


Price = Callable[[Usage, float], int | None]
"""What tokens cost at a time (Unix seconds), in millionths of the assistant's currency; None where no price is known."""

Full = Literal["", "price"] | Limit
"""Why a judge stands still: a limit that is used up, or money that is limited where no price is known."""


class Judge:
    """Asks about the answers that are offered. `away` is what the store raises."""

    def __init__(
        self,
        assistant: Assistant,
        rubric: str,
        key: str,
        spending: Spending,
        scores: Scores,
        *,
        budget: Budget,
        price: Price,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        away: tuple[type[Exception], ...],
    ) -> None:
        self._settings = assistant.judge
        self._name = assistant.name
        self._rubric = rubric
        self._key = key
        self._spending = spending
        self._scores = scores
        self._budget = budget
        self._price = price
        self._clock = clock
        self._sleep = sleep
        self._away = away
        self._waiting: Backlog[Spoken] = Backlog(WAITING)
        self.verdicts: Counter[str] = Counter(dict.fromkeys((*SCORES, "unread"), 0))
        self.faults: Counter[str] = Counter(dict.fromkeys(get_args(verdicts.Fault), 0))  # of attempts
        self.lost: Counter[str] = Counter(dict.fromkeys(LOST, 0))  # answers
        self.tokens: Counter[str] = Counter({"input": 0, "output": 0})
        self.paid = 0  # millionths, for the tokens of which a price was known
        self.full: Full = ""  # as the last answer found it
        self.spent = (Charge(), Charge())  # of the day and of the month over all hosts, when last seen

    @property
    def waiting(self) -> int:
        """Answers that wait."""
        return len(self._waiting)

    def offer(self, spoken: Spoken) -> None:
        """Take a redacted answer to be judged; never waits."""
        self.lost["queue"] += self._waiting.put(spoken) is not None

    async def run(self) -> None:
        """Judge, for ever."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            for _ in range(self._settings.together):
                group.create_task(self._work(session))

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            spoken = await self._waiting.take()
            try:
                await self._judge(session, spoken)
            except self._away as error:
                log.warning("%s: the judge waits for the store: %s", self._name, error)
                self.lost["queue"] += not self._waiting.back(spoken)
                await self._sleep(AWAY)

    async def _judge(self, session: aiohttp.ClientSession, spoken: Spoken) -> None:
        if await self._scores.judged(spoken.turn):
            return
        posted = verdicts.body(self._settings, self._rubric, spoken.question, spoken.answer)
        for attempt in range(1, self._settings.attempts + 1):
            found = await self._asked(session, posted)
            match found:
                case Verdict():
                    await self._scores.judge(spoken.turn, spoken.at, found.score)
                    self.verdicts["unread" if found.unread else found.score] += 1
                    return
                case Failed(fault=fault) if fault in AGAIN and attempt < self._settings.attempts:
                    await self._sleep(PAUSE * 2 ** (attempt - 1) if found.after is None else found.after)
                case Failed(fault=fault):
                    self.lost[fault] += 1
                    return
                case None:
                    self.lost["budget"] += 1
                    return

    async def _asked(self, session: aiohttp.ClientSession, posted: bytes) -> Verdict | Failed | None:
        """Ask once within the budget; None where it is used up, or nobody knows what it would take of it."""
        now, tokens = self._clock(), verdicts.estimate(posted)
        cost = self._price(self._usage(tokens - verdicts.REPLY, verdicts.REPLY), now)
        if cost is None and self._budget.priced:
            self._tell("price")
            return None
        most = Charge(tokens, cost or 0)
        room = await self._spending.reserve(most, now)
        self._tell("" if room == "room" else room)
        if room == "room":
            found = await verdicts.ask(session, self._settings, self._key, posted)
            await self._account(found, most, now)
        else:
            found = None
        self.spent = await self._spending.spent(now)
        return found

    def _usage(self, tokens_in: int, tokens_out: int) -> Usage:
        return Usage(self._settings.model, band(tokens_in), (tokens_in, 0, 0, tokens_out, 0))

    async def _account(self, found: Verdict | Failed, most: Charge, now: float) -> None:
        if isinstance(found, Failed):
            self.faults[found.fault] += 1
            if found.fault not in {"timeout", "no_answer"}:  # those may have been worked on, and are paid for
                await self._spending.correct(Charge() - most, now)
            return
        if found.tokens_in is None or found.tokens_out is None:
            self.paid += most.money
            return  # nobody says what it took: what was set aside stays spent
        usage = self._usage(found.tokens_in, found.tokens_out)
        took = Charge(found.tokens_in + found.tokens_out, self._price(usage, now) or 0)
        self.tokens["input"] += found.tokens_in
        self.tokens["output"] += found.tokens_out
        self.paid += took.money
        await self._spending.correct(took - most, now)
        if self._settings.costs:
            await self._scores.spend(usage, now)

    def _tell(self, full: Full) -> None:
        if full and not self.full:
            why = f"no price of {self._settings.model} is known" if full == "price" else f"judge.{full} is used up"
            log.warning("%s: the judge stops, %s", self._name, why)
        elif self.full and not full:
            log.info("%s: the judge goes on", self._name)
        self.full = full
