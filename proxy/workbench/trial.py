"""One attempt of the console's workshop, in a process of its own: `python -m proxy.workbench.trial`, an `Attempt` on its input.

An expression may be written to double a list thirty times over, and a pasted sample may be anything: here either costs some
seconds of one process that is told to give way to all others, and never the observer. Nothing is kept or logged.
"""

from __future__ import annotations

import os
import resource
import secrets
import sys
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from proxy.console.trials import Attempt, Tried
from proxy.meaning.functions import Unreadable
from proxy.meaning.paths import ExpressionError, compile_expression
from proxy.meaning.patterns import Pattern, PatternError
from proxy.meaning.phrases import prepare, sentences
from proxy.settings.model import Settings
from proxy.wire.exchange import Body, Exchange
from proxy.wire.messages import read_messages
from proxy.workbench.explaining import Explainer
from proxy.workbench.ruleset import Ruleset
from proxy.workbench.showing import lines
from proxy.workbench.terms import WorkError

PROCESSOR: Final = 3  # s
MEMORY: Final = 1024 * 1024 * 1024  # bytes of addresses; the rules and their automata take some hundred MiB
SHOWN: Final = 2000  # characters of one value
MOST: Final = 200  # lines


class Order(msgspec.Struct, frozen=True):
    """What the observer writes: its settings, and what is to be tried under them."""

    settings: Settings
    attempt: Attempt


def main() -> None:
    """Read an order, write what came of it."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.nice(10)
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(tried(order.settings, order.attempt)))


def tried(settings: Settings, attempt: Attempt) -> Tried:
    """Do it."""
    found: Iterator[str]
    match attempt.kind:
        case "expression":
            found = _expression(attempt)
        case "phrase":
            found = _phrase(settings, attempt)
        case "exchange":
            found = _exchange(settings, attempt)
    told: list[str] = []
    try:
        for line in found:
            if len(told) == MOST:
                break
            told.append(line)
    except (WorkError, ExpressionError, PatternError) as error:
        return Tried(lines=tuple(told), problem=str(error))
    except MemoryError:
        return Tried(problem="this takes more memory than one attempt has")
    return Tried(lines=tuple(told))


def _expression(attempt: Attempt) -> Iterator[str]:
    """What an expression finds in each message of a pasted body."""
    getter = compile_expression(attempt.rule)
    messages = read_messages(_body(attempt.sample), _headers(attempt.sample))
    if not messages.messages:
        raise WorkError("the sample is neither JSON nor a stream of events: " + ", ".join(gap.reason for gap in messages.gaps))
    for message in messages.messages:
        try:
            yield _written(getter(message.value))
        except Unreadable:
            yield "unreadable: a function met a type that it does not take"


def _phrase(settings: Settings, attempt: Attempt) -> Iterator[str]:
    """What the assistant's marker rules make of a text, said by either side; and where a pattern of one's own hits."""
    ruleset = Ruleset(settings)
    markers = ruleset.markers(ruleset.assistant(attempt.assistant, "capture"))
    for side, marks in (("assistant", markers.assistant(attempt.sample)), ("user", markers.user(attempt.sample))):
        for mark in marks:
            yield f"said by the {side}: {mark.kind} by {mark.source}: {mark.rule}"
        if not marks:
            yield f"said by the {side}: no rule hits"
    if attempt.rule:
        pattern = Pattern(attempt.rule)
        for sentence in sentences(prepare(attempt.sample)):
            yield f"{'hits' if pattern.hits(sentence.text) else 'no hit'}: {sentence.text.decode()}"


def _exchange(settings: Settings, attempt: Attempt) -> Iterator[str]:
    """What `kpi-proxy explain` says of an exchange."""
    ruleset = Ruleset(settings)
    assistant, secret = ruleset.assistant(attempt.assistant, "capture"), secrets.token_bytes(32)
    understanding = ruleset.understanding(assistant, ruleset.people(assistant, secret), secret)
    method, _, path = attempt.rule.strip().rpartition(" ")
    asked, parted, answered = attempt.sample.replace("\r\n", "\n").partition("\n---\n")
    if not parted:
        raise WorkError("the request's body comes first, then a line with ---, then the answer's body")
    made = Exchange(
        id="trial", assistant=assistant.name, at=0.0, client="127.0.0.1", method=(method or "POST").upper(), path=path or "/",
        query={}, headers=_headers(asked), request=_body(asked), request_after=0.0, status=200, answered_after=0.0,
        response_headers=_headers(answered), response=_body(answered), ending="complete", ended_after=1.0,
    )  # fmt: skip
    yield from lines(Explainer(understanding, assistant, ruleset.presets).explain(made), texts=True)


def _body(text: str) -> Body:
    data = text.strip().encode()
    return Body(data, ((len(data), 0.5),))


def _headers(text: str) -> dict[str, str]:
    stream = text.lstrip().startswith(("data:", "event:", "id:", ":"))
    return {"content-type": "text/event-stream" if stream else "application/json"}


def _written(value: Any) -> str:
    text = msgspec.json.encode(value).decode("utf-8", "replace")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"


if __name__ == "__main__":
    main()
