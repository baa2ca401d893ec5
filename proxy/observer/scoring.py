"""Everything of one observer that has answers scored, put together from the settings: queues, judges, and what leads to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from proxy.console.status import JudgeState
from proxy.export.condition import Judged
from proxy.kpi.budget import MILLIONTHS, Budget, Limit, millionths
from proxy.kpi.calendar import today
from proxy.kpi.prices import PriceList, Prices
from proxy.kpi.usage import Usage
from proxy.observer.judge import Judge
from proxy.observer.reviewing import Reviewing
from proxy.observer.sampling import Sampling
from proxy.settings.files import rubric
from proxy.settings.model import Assistant
from proxy.settings.reviews import Judge as Settings
from proxy.store.connect import AWAY
from proxy.store.samples import Samples
from proxy.store.scores import Scores
from proxy.store.sealing import seal_of
from proxy.store.spending import Spending
from proxy.store.transaction import Client

log = logging.getLogger(__name__)


class Scoring:
    """Of one observer. A file that can't be read any more leaves its queue or judge off, and says so: figures matter more."""

    def __init__(self, assistants: Iterable[Assistant], client: Client, listed: PriceList, clock: Callable[[], float]) -> None:
        self._assistants = {each.name: each for each in assistants}
        self._clock = clock
        scores = {name: Scores(client, each) for name, each in self._assistants.items()}
        samples: dict[str, Samples] = {}
        self.judges: dict[str, Judge] = {}
        for name, each in self._assistants.items():
            try:
                if each.reviews.on and each.reviews.key_file is not None:
                    samples[name] = Samples(client, each, seal_of(each.reviews.key_file))
                if each.judge.on:
                    self.judges[name] = _judge(each, client, scores[name], listed, clock)
            except (OSError, ValueError) as error:
                log.error("%s: no answers are scored: %s", name, error)  # noqa: TRY400 - the file's fault, not ours
        self.sampling = Sampling(self._assistants, samples, self.judges, clock=clock, away=AWAY)
        self.reviewing = Reviewing(samples, scores, clock)
        self.wanted = samples.keys() | self.judges.keys()

    def state(self, assistant: str) -> JudgeState | None:
        """How an assistant's judge is doing; None without one."""
        judge, settings = self.judges.get(assistant), self._assistants[assistant].judge
        if judge is None:
            return None
        day, month = judge.spent
        return JudgeState(
            model=settings.model,
            waiting=judge.waiting,
            verdicts=dict(judge.verdicts),
            faults=dict(judge.faults),
            lost=dict(judge.lost),
            tokens_today=day.tokens,
            day_tokens=settings.day_tokens,
            tokens_month=month.tokens,
            month_tokens=settings.month_tokens,
            currency=self._assistants[assistant].value.currency,
            cost_today=day.money / MILLIONTHS,
            day_cost=settings.day_cost,
            cost_month=month.money / MILLIONTHS,
            month_cost=settings.month_cost,
            stopped=judge.full,
        )

    def judged(self) -> dict[str, Judged]:
        """The same for metrics."""
        return {
            name: Judged(
                verdicts=dict(judge.verdicts),
                faults=dict(judge.faults),
                lost=dict(judge.lost),
                tokens=dict(judge.tokens),
                currency=self._assistants[name].value.currency,
                cost=judge.paid / MILLIONTHS,
                used=_used(self._assistants[name].judge, judge),
                stopped=bool(judge.full),
            )
            for name, judge in self.judges.items()
        }


def _used(settings: Settings, judge: Judge) -> dict[Limit, float]:
    """The share of each limit that was used when last seen."""
    day, month = judge.spent
    used: dict[Limit, tuple[float, float | None]] = {
        "day_tokens": (day.tokens, settings.day_tokens),
        "month_tokens": (month.tokens, settings.month_tokens),
        "day_cost": (day.money / MILLIONTHS, settings.day_cost),
        "month_cost": (month.money / MILLIONTHS, settings.month_cost),
    }
    return {name: spent / most for name, (spent, most) in used.items() if most}


def _judge(assistant: Assistant, client: Client, scores: Scores, listed: PriceList, clock: Callable[[], float]) -> Judge:
    settings = assistant.judge
    text = rubric(settings.language) if settings.rubric is None else Path(settings.rubric).read_text("utf-8")
    key = "" if settings.key_file is None else Path(settings.key_file).read_text("utf-8").strip()
    budget = Budget(
        day_tokens=settings.day_tokens,
        month_tokens=settings.month_tokens,
        day_cost=None if settings.day_cost is None else millionths(settings.day_cost),
        month_cost=None if settings.month_cost is None else millionths(settings.month_cost),
    )
    prices = Prices(assistant.value, listed)

    def price(usage: Usage, at: float) -> int | None:
        paid = prices.of(usage, today(assistant.time_zone, at))
        return None if paid is None else millionths(paid.amount)

    spending = Spending(client, assistant.name, budget)
    return Judge(assistant, text, key, spending, scores, budget=budget, price=price, clock=clock, away=AWAY)
