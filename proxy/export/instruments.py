"""The instruments that changes feed, and what each change adds to them (names and labels: docs/metrics.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from opentelemetry import metrics

from proxy.export.genai import Conventions
from proxy.export.labels import OTHER, Vocabulary
from proxy.export.timings import Histograms, Labels, Times
from proxy.kpi.changes import (
    Change,
    HandoverMoved,
    HandoverStarted,
    RatingCounted,
    Recontacted,
    SessionSettled,
    SessionStarted,
    TurnCounted,
    TypedCounted,
)
from proxy.kpi.events import Turn
from proxy.settings.model import Settings

DURATION_BOUNDS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 300.0)
FIRST_BOUNDS: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 20.0, 30.0)

MODELS: Final = 50
CHANNELS: Final = 20
"""Words from the wire that may become label values: far more than an assistant has, far fewer than the series limit."""
RULES: Final = 300
"""Ids of rules: those of the shipped presets and markers, and an operator's own."""
ERRORS: Final = 20
"""Classes of errors: `proxy.meaning.results` has a dozen, and an older version's may wait in the outbox."""

_TOKENS: Final = (
    ("input", "tokens_in"),
    ("output", "tokens_out"),
    ("cached", "tokens_cached"),
    ("written", "tokens_written"),
    ("reasoning", "tokens_reasoning"),
)


class Instruments:
    """Counters and histograms of the assistants, on the observer's event loop.

    A batch is added up first: an instrument costs 9 µs a call, and a batch has few label sets.
    """

    def __init__(self, meter: metrics.Meter, histograms: Histograms, settings: Settings) -> None:
        self._targets = {assistant.name: assistant.targets.response for assistant in settings.assistants}
        self._sums: dict[tuple[metrics.Counter, Labels], int] = {}  # of the batch that is being recorded
        self._times: dict[tuple[Times, Labels], list[float]] = {}  # likewise, in seconds
        self._models = Vocabulary(MODELS)
        self._channels = Vocabulary(CHANNELS, tuple(assistant.channel for assistant in settings.assistants))
        self._rules = Vocabulary(RULES)
        self._errors = Vocabulary(ERRORS)
        self._turns = meter.create_counter("assistant.turns", "{turn}", "User messages, by how the answer went")
        self._started = meter.create_counter("assistant.sessions.started", "{session}", "Sessions opened")
        self._settled = meter.create_counter("assistant.sessions.settled", "{session}", "Sessions with their final outcome")
        self._echoes = meter.create_counter(
            "assistant.reformulations", "{turn}", "Questions asked again right after their answer"
        )
        self._recontacts = meter.create_counter(
            "assistant.recontacts", "{session}", "Resolved sessions whose user wrote again soon"
        )
        self._handovers = meter.create_counter("assistant.handovers", "{handover}", "Episodes with a human")
        self._moves = meter.create_counter("assistant.handovers.status", "{handover}", "What became of handovers")
        self._duration = histograms.make(
            meter,
            "assistant.response.duration",
            "Last byte of the request to last byte of the answer, answered turns only",
            DURATION_BOUNDS,
        )
        self._first = histograms.make(
            meter, "assistant.response.time_to_first", "Last byte of the request to the first assistant text", FIRST_BOUNDS
        )
        self._slo = meter.create_counter("assistant.response.slo", "{turn}", "Answers within or beyond the response target")
        self._feedback = meter.create_counter("assistant.feedback", "{rating}", "Ratings by people")
        self._nps = meter.create_counter("assistant.nps.responses", "{response}", "Answers to whether one would recommend it")
        self._typed = meter.create_counter("assistant.feedback.typed", "{rating}", "Ratings that people typed into the chat")
        self._sentiment = meter.create_counter("assistant.sentiment", "{message}", "User messages by how they sound, an estimate")
        self._tokens = meter.create_counter("assistant.tokens", "{token}", "Tokens that the assistant's API reported")
        self._hits = meter.create_counter("proxy.rules.hits", "{hit}", "Marks that rules of presets and markers recognised")
        self._conventions = Conventions(meter, self._models) if settings.export.gen_ai else None

    @property
    def folded(self) -> dict[str, int]:
        """Values that were counted as `other`, by label."""
        words = {"channel": self._channels, "model": self._models, "marker": self._rules, "error_type": self._errors}
        return {label: vocabulary.folded for label, vocabulary in words.items()}

    def record(self, changes: Sequence[Change]) -> None:
        """Add what the changes say."""
        for change in changes:
            match change:
                case TurnCounted(turn, human):
                    self._turn(turn, human=human)
                case SessionStarted(assistant, channel):
                    self._count(self._started, 1, self._labels(assistant, channel))
                case SessionSettled(assistant, channel, outcome):
                    self._count(self._settled, 1, (*self._labels(assistant, channel), ("outcome", outcome)))
                case HandoverStarted(assistant, source, reason):
                    self._count(self._handovers, 1, (self._name(assistant), ("source", source), ("reason", reason)))
                case HandoverMoved(assistant, status):
                    self._count(self._moves, 1, (self._name(assistant), ("status", status)))
                case Recontacted(assistant, channel):
                    self._count(self._recontacts, 1, self._labels(assistant, channel))
                case RatingCounted():
                    self._rating(change)
                case TypedCounted(assistant, scale, satisfied):
                    rated = (self._name(assistant), ("scale", scale), ("satisfied", _answer(satisfied)))
                    self._count(self._typed, 1, rated)
                case _:
                    assert_never(change)
        for (counter, labels), amount in self._sums.items():
            counter.add(amount, dict(labels))
        for (times, labels), seconds in self._times.items():
            times.add(labels, seconds)
        self._sums.clear()
        self._times.clear()

    def _count(self, counter: metrics.Counter, amount: int, labels: Labels) -> None:
        key = (counter, labels)
        self._sums[key] = self._sums.get(key, 0) + amount

    def _time(self, times: Times, seconds: float, labels: Labels) -> None:
        self._times.setdefault((times, labels), []).append(seconds)

    def _turn(self, turn: Turn, *, human: bool) -> None:
        labels = self._labels(turn.assistant, turn.channel)
        self._usage(turn, labels[0])
        for mark in turn.marks:
            self._count(self._hits, 1, (labels[0], ("kind", mark.kind), ("marker", self._rules.admit(mark.rule))))
        if self._conventions is not None:
            self._conventions.record(turn)
        if turn.continues:  # a tool round trip: its tokens were spent, but no new user message came
            return
        failure = (("error_type", self._errors.admit(turn.error)),) if turn.error else ()
        self._count(self._turns, 1, (*labels, ("outcome", turn.result), *failure))
        if turn.echo in ("repeated", "reformulated") and not human:
            self._count(self._echoes, 1, (*labels, ("reason", turn.echo)))
        if human:  # the ledger leaves these times out, too
            return
        if turn.sentiment is not None:
            self._count(self._sentiment, 1, (*labels, ("class", turn.sentiment.feeling)))
        if turn.first_text is not None:
            self._time(self._first, turn.first_text, labels)
        if turn.duration is not None and turn.result in ("ok", "no_answer"):  # failures are the availability's business
            self._time(self._duration, turn.duration, labels)
            within = turn.duration < self._targets.get(turn.assistant, 10.0)
            self._count(self._slo, 1, (*labels, ("state", "within" if within else "beyond")))

    def _usage(self, turn: Turn, assistant: tuple[str, str]) -> None:
        for kind, field in _TOKENS:
            if count := getattr(turn, field):
                model = self._models.admit(turn.model)
                self._count(self._tokens, count, (assistant, ("model", model), ("type", kind), ("known", "true")))

    def _rating(self, rating: RatingCounted) -> None:
        assistant = self._name(rating.assistant)
        self._count(self._feedback, 1, (assistant, ("scale", rating.scale), ("satisfied", _answer(rating.satisfied))))
        if rating.scale == "nps" and rating.score is not None:
            group = "promoter" if rating.score >= 9 else "passive" if rating.score >= 7 else "detractor"
            self._count(self._nps, 1, (assistant, ("group", group)))

    def _labels(self, assistant: str, channel: str) -> Labels:
        return self._name(assistant), ("channel", self._channels.admit(channel))

    def _name(self, assistant: str) -> tuple[str, str]:
        return "assistant", assistant if assistant in self._targets else OTHER


def _answer(satisfied: bool | None) -> str:
    return "neutral" if satisfied is None else str(satisfied).lower()
