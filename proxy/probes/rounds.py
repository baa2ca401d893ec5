"""The rounds of all probes: each asks all addresses of its assistant at its own interval, and tells what it found."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Protocol

from proxy.kpi.uptime import Attempt, Verdict
from proxy.meaning.patterns import Pattern
from proxy.probes.asking import Answer, Asker
from proxy.settings.model import Assistant, Probe

log = logging.getLogger(__name__)


class Asking(Protocol):
    """Asks the addresses of one assistant."""

    @property
    def addresses(self) -> int:
        """How many there are."""
        ...

    async def ask(self, replica: int, probe: Probe, headers: Mapping[str, str]) -> Answer:
        """Ask one of them."""
        ...


class Prober:
    """All probes of one host. `told` gets each round: one attempt for each address."""

    def __init__(
        self,
        assistants: Sequence[Assistant],
        told: Callable[[Sequence[Attempt]], None],
        clock: Callable[[], float],
        *,
        asker: Callable[[Assistant], Asking] = Asker,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._lines = [(assistant, probe, asker(assistant)) for assistant in assistants for probe in assistant.probes]
        self._told = told
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Ask, for ever."""
        await asyncio.gather(*(self._forever(*line) for line in self._lines))

    async def _forever(self, assistant: Assistant, probe: Probe, asker: Asking) -> None:
        expect = Pattern(probe.expect) if probe.expect else None
        was = True
        while True:
            began = monotonic()
            attempts = await self.round(assistant, probe, asker, expect)
            self._told(attempts)
            up = any(attempt.verdict == "ok" for attempt in attempts)
            if up != was:
                verdicts = ", ".join(attempt.verdict for attempt in attempts)
                log.log(logging.INFO if up else logging.ERROR, "%s: probe %s: %s", assistant.name, probe.name, verdicts)
            was = up
            await self._sleep(max(0.0, probe.interval - (monotonic() - began)))

    async def round(self, assistant: Assistant, probe: Probe, asker: Asking, expect: Pattern | None) -> list[Attempt]:
        """Ask each address once, all at a time."""
        headers = _headers(probe)
        return list(
            await asyncio.gather(
                *(self._attempt(assistant, probe, asker, replica, headers, expect) for replica in range(asker.addresses))
            )
        )

    async def _attempt(
        self, assistant: Assistant, probe: Probe, asker: Asking, replica: int, headers: Mapping[str, str], expect: Pattern | None
    ) -> Attempt:
        at, began = self._clock(), monotonic()
        answer = await asker.ask(replica, probe, headers)
        verdict = judge(answer, probe, expect)
        seconds = monotonic() - began if answer.failure is None else None
        return Attempt(assistant=assistant.name, probe=probe.name, replica=replica, at=at, verdict=verdict, seconds=seconds)


def judge(answer: Answer, probe: Probe, expect: Pattern | None) -> Verdict:
    """Say whether an answer is what was to be."""
    if answer.failure is not None:
        return answer.failure
    if answer.status not in probe.status:
        return "status"
    return "pattern" if expect is not None and not expect.hits(answer.body) else "ok"


def _headers(probe: Probe) -> dict[str, str]:
    """The lines of the file, read for each round so that a token may change under way; without a question none are needed."""
    headers = {"Content-Type": "application/json"} if probe.question else {}
    if probe.headers_file is not None:
        try:
            lines = Path(probe.headers_file).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            log.error("probe %s: its headers can't be read: %s", probe.name, error)  # noqa: TRY400
            return headers
        headers |= {name.strip(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}
    return headers
