"""One product in front of all the vendors' servers, an assistant for each, and what its figures say of one of them."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.e2e.product import SEEN, Product
from tests.ports import free_port

_SAMPLE: Final = re.compile(
    r"^(?:assistant|proxy)_"
    r"(turns|sessions_started|handovers|handovers_status|feedback|tokens|presets_chosen|presets_unreadable|rules_hits)_total"
    r"\{(.*)\} (\S+)$"
)
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')
_TOLD: Final = ("outcome", "source", "status", "scale", "satisfied", "model", "type", "preset", "confidence", "kind")
"""Labels that are part of what is compared, in the order in which they are told."""


class House:
    """Starts the product in front of addresses on which the servers of the tests will listen."""

    def __init__(self, directory: Path, assistants: Mapping[str, Mapping[str, Any]]) -> None:
        self.ports = {name: free_port() for name in assistants}
        settings = [
            {"name": name, "upstream": f"http://127.0.0.1:{self.ports[name]}", **more} for name, more in assistants.items()
        ]
        self._product = Product(directory, {"assistants": settings}).start()

    def url(self, name: str) -> str:
        """Where the product listens for an assistant."""
        return self._product.url(name)

    def stop(self) -> None:
        self._product.stop()

    def figures(self, name: str) -> dict[str, float]:
        """What was counted of an assistant, as it stands on /metrics: `turns ok`, `handovers desk` ..."""
        found: dict[str, float] = {}
        for line in self._product.get("/metrics").decode().splitlines():
            if (sample := _SAMPLE.match(line)) and (labels := dict(_LABEL.findall(sample[2])))["assistant"] == name:
                words = (sample[1], *(labels[label] for label in _TOLD if label in labels))
                found[" ".join(words)] = found.get(" ".join(words), 0) + float(sample[3])
        return {key: count for key, count in found.items() if count}

    def sessions(self, name: str) -> dict[str, int]:
        """Sessions by the outcome that they have so far, by what the API says of shares of them; those handed over, rated ..."""
        provisional = self._product.kpis(name)["provisional"]
        shares = {
            "automated": "automation_rate",
            "confirmed": "automation_rate_confirmed",
            "handed over": "handover_rate",
            "requested": "handover_request_rate",
            "failed": "failure_rate",
            "no answer": "no_answer_rate",
            "abandoned": "abandonment_rate",
            "rated": "csat_response_rate",
        }
        counts = {word: provisional[measure]["numerator"] for word, measure in shares.items()}
        return {"all": int(provisional["sessions"]["value"]), **{word: count for word, count in counts.items() if count}}

    def people(self, name: str) -> int:
        """How many people were active."""
        return int(self._product.kpis(name)["kpis"]["mau"]["value"])

    def expect(self, name: str, figures: Mapping[str, float], sessions: Mapping[str, int], people: int | None = None) -> None:
        """Wait until exactly this was counted."""
        wanted = (dict(figures), dict(sessions), people)
        end = time.monotonic() + SEEN
        while (seen := self._seen(name, people)) != wanted and time.monotonic() < end:
            time.sleep(0.2)
        assert seen == wanted, f"{seen} was counted, not {wanted}"

    def _seen(self, name: str, people: int | None) -> tuple[dict[str, float], dict[str, int], int | None]:
        try:
            return self.figures(name), self.sessions(name), self.people(name) if people is not None else None
        except OSError:  # the console is away for a moment: looked at again
            return {}, {}, None


def equal(heard: Sequence[Any]) -> Any:
    """What a talk gave, which was the same directly and through the product."""
    direct, proxied = heard
    assert proxied == direct
    return proxied
