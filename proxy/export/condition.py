"""How the observer itself is doing, as gauges and counters that are read, not recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from proxy.kpi.books import Books
from proxy.kpi.budget import Limit

Point = tuple[float, Mapping[str, str]]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A judge's counts since the start: verdicts by score, calls that failed and answers not judged by reason, tokens, money."""

    verdicts: Mapping[str, int]
    faults: Mapping[str, int]
    lost: Mapping[str, int]
    tokens: Mapping[str, int]
    currency: str
    cost: float  # of the calls whose price was known
    used: Mapping[Limit, float]  # shares 0..1 of the budget, over all hosts
    stopped: bool


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Counts rise from the observer's start, those of the books from the first start on this state directory."""

    lag: float  # seconds between an exchange's end and its place in the figures
    books: Books  # of this host's outbox
    store_up: bool
    leading: bool = False  # shows the fleet's gauges
    unreadable: Mapping[str, int] = {}  # exchanges of which nothing could be understood, by reason
    reading: Mapping[tuple[str, str, str], int] = {}  # (assistant, "gap" | "expression" | "chosen" | "shape", what of it)
    people: Mapping[str, int] = {}  # listed in the directories, by assistant
    stale: frozenset[str] = frozenset()  # assistants whose newest files of people can't be used
    tokens: Mapping[tuple[str, str], int] = {}  # tokens refused, by assistant and reason
    keys: Mapping[str, bool] = {}  # by assistant that verifies tokens: whether its newest keys are in use
    held: int = 0  # bytes of exchanges that have not ended, packed
    unheld: int = 0  # bodies of such exchanges that were given up
    samples: Mapping[tuple[str, str], int] = {}  # answers chosen to be scored by people: (assistant, what became of them)
    judges: Mapping[str, Judged] = {}  # by assistant
    folded: Mapping[str, int] = {}  # label values counted as "other", by label


class Family(msgspec.Struct, frozen=True):
    """An instrument: its OpenTelemetry name, unit, description, whether it only rises, and how its points are read."""

    name: str
    unit: str
    about: str
    rises: bool
    points: Callable[[Condition], Iterable[Point]]


def _gaps(condition: Condition) -> Iterator[Point]:
    for (assistant, what, reason), count in condition.reading.items():
        if what == "gap":
            yield count, {"assistant": assistant, "reason": reason}


def _expressions(condition: Condition) -> Iterator[Point]:
    for (assistant, what, preset), count in condition.reading.items():
        if what == "expression":
            yield count, {"assistant": assistant, "preset": preset}


def _chosen(condition: Condition) -> Iterator[Point]:
    for (assistant, what, choice), count in condition.reading.items():
        if what == "chosen":
            preset, _, confidence = choice.partition("/")
            yield count, {"assistant": assistant, "preset": preset, "confidence": confidence}


def _shapes(condition: Condition) -> Iterator[Point]:
    for (assistant, what, shape), count in condition.reading.items():
        if what == "shape":
            yield count, {"assistant": assistant, "shape": shape}


def _tokens(condition: Condition) -> Iterator[Point]:
    for (assistant, reason), count in condition.tokens.items():
        yield count, {"assistant": assistant, "reason": reason}


def _samples(condition: Condition) -> Iterator[Point]:
    for (assistant, state), count in condition.samples.items():
        yield count, {"assistant": assistant, "state": state}


def _judges(
    counts: Callable[[Judged], Mapping[str, int] | Mapping[Limit, float]], label: str
) -> Callable[[Condition], Iterator[Point]]:
    """Points of one of a judge's counts."""

    def points(condition: Condition) -> Iterator[Point]:
        for assistant, judge in condition.judges.items():
            for word, count in counts(judge).items():
                yield count, {"assistant": assistant, label: word}

    return points


def _by(label: str, counts: Mapping[str, int]) -> list[Point]:
    return [(count, {label: word}) for word, count in counts.items()]


FAMILIES: Final = (
    Family(
        "proxy.observer.lag",
        "s",
        "Between an exchange's end and its place in the figures",
        False,
        lambda condition: [(condition.lag, {})],
    ),
    Family(
        "proxy.observer.leading",
        "",
        "1 on the one observer that shows the fleet's gauges",
        False,
        lambda c: [(int(c.leading), {})],
    ),
    Family(
        "proxy.observer.held", "By", "Bodies of exchanges that have not ended, as they are held", False, lambda c: [(c.held, {})]
    ),
    Family(
        "proxy.observer.unheld",
        "{body}",
        "Bodies of such exchanges that were given up, since too much was held; the traffic passed",
        True,
        lambda c: [(c.unheld, {})],
    ),
    Family("proxy.outbox.seen", "{event}", "Events that this host understood", True, lambda c: [(c.books.seen, {})]),
    Family("proxy.outbox.counted", "{event}", "Events of them that the store has", False, lambda c: [(c.books.counted, {})]),
    Family("proxy.outbox.pending", "{event}", "Events of them that wait for it", False, lambda c: [(c.books.pending, {})]),
    Family("proxy.outbox.dropped", "{event}", "Events of them that were given up", True, lambda c: [(c.books.dropped, {})]),
    Family("proxy.store.up", "", "1 when the store answers", False, lambda condition: [(int(condition.store_up), {})]),
    Family(
        "proxy.exchanges.unreadable",
        "{exchange}",
        "Exchanges of which nothing could be understood; the traffic passed",
        True,
        lambda condition: _by("reason", condition.unreadable),
    ),
    Family("proxy.directory.people", "{person}", "People listed in the directory", False, lambda c: _by("assistant", c.people)),
    Family(
        "proxy.directory.stale",
        "",
        "1 while the newest files of people can't be used and those before are",
        False,
        lambda c: [(int(name in c.stale), {"assistant": name}) for name in c.people],
    ),
    Family("proxy.tokens.refused", "{token}", "Tokens that did not hold; the exchange passed, with no user", True, _tokens),
    Family(
        "proxy.tokens.keys_stale",
        "",
        "1 while the newest keys of tokens can't be had and those before are used, if there were any",
        False,
        lambda c: [(int(not fresh), {"assistant": name}) for name, fresh in c.keys.items()],
    ),
    Family("proxy.capture.gaps", "{gap}", "Pieces of captures that could not be decoded", True, _gaps),
    Family("proxy.presets.chosen", "{exchange}", "Exchanges understood, by preset and how sure its choice was", True, _chosen),
    Family(
        "proxy.exchanges.unknown", "{exchange}", "Exchanges that no preset knows, by the fields of their bodies", True, _shapes
    ),
    Family(
        "proxy.presets.unreadable", "{expression}", "Expressions of presets that met a type they do not take", True, _expressions
    ),
    Family("proxy.reviews.samples", "{answer}", "Answers chosen to be scored by people, and what became of them", True, _samples),
    Family("proxy.judge.verdicts", "{answer}", "What the judge said of answers", True, _judges(lambda j: j.verdicts, "verdict")),
    Family("proxy.judge.errors", "{call}", "Calls of the judge that failed", True, _judges(lambda j: j.faults, "reason")),
    Family("proxy.judge.lost", "{answer}", "Sampled answers that were not judged", True, _judges(lambda j: j.lost, "reason")),
    Family("proxy.judge.tokens", "{token}", "Tokens that the judge used", True, _judges(lambda j: j.tokens, "type")),
    Family(
        "proxy.judge.cost",
        "{currency}",
        "What the judge's tokens cost, where their price is known",
        True,
        lambda c: [(judge.cost, {"assistant": name, "currency": judge.currency}) for name, judge in c.judges.items()],
    ),
    Family(
        "proxy.judge.budget",
        "",
        "Share of a limit of the judge's that is used, over all hosts",
        False,
        _judges(lambda j: j.used, "limit"),
    ),
    Family(
        "proxy.judge.stopped",
        "",
        "1 while a limit of the judge's is used up, or money is limited and no price known",
        False,
        lambda c: [(int(judge.stopped), {"assistant": name}) for name, judge in c.judges.items()],
    ),
    Family(
        "proxy.labels.folded",
        "{value}",
        "Values counted as `other`, because their label had as many as are admitted",
        True,
        lambda condition: _by("label", condition.folded),
    ),
)
