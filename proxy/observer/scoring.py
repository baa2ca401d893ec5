"""Everything of one observer that has answers scored, put together from the settings: queues, judges, and what leads to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from proxy.console.status import JudgeState
from proxy.export.condition import Judged
from proxy.observer.judge import Judge
from proxy.observer.reviewing import Reviewing
from proxy.observer.sampling import Sampling
from proxy.settings.files import rubric
from proxy.settings.model import Assistant
from proxy.store.connect import AWAY
from proxy.store.samples import Samples
from proxy.store.scores import Scores
from proxy.store.sealing import seal_of
from proxy.store.spending import Spending
from proxy.store.transaction import Client

log = logging.getLogger(__name__)


class Scoring:
    """Of one observer. A file that can't be read any more leaves its queue or judge off, and says so: figures matter more."""

    def __init__(self, assistants: Iterable[Assistant], client: Client, clock: Callable[[], float]) -> None:
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
                    self.judges[name] = _judge(each, client, scores[name], clock)
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
        return JudgeState(
            model=settings.model,
            waiting=judge.waiting,
            verdicts=dict(judge.verdicts),
            faults=dict(judge.faults),
            lost=dict(judge.lost),
            tokens_today=judge.spent[0],
            day_tokens=settings.day_tokens,
            tokens_month=judge.spent[1],
            month_tokens=settings.month_tokens,
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
                stopped=bool(judge.full),
            )
            for name, judge in self.judges.items()
        }


def _judge(assistant: Assistant, client: Client, scores: Scores, clock: Callable[[], float]) -> Judge:
    settings = assistant.judge
    text = rubric(settings.language) if settings.rubric is None else Path(settings.rubric).read_text("utf-8")
    key = "" if settings.key_file is None else Path(settings.key_file).read_text("utf-8").strip()
    return Judge(assistant, text, key, Spending(client, assistant), scores, clock=clock, away=AWAY)
