"""Traffic that no person makes: probes, monitors, tests. It is told by the head of a request, before anything is read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

from proxy.meaning.patterns import Pattern, glob
from proxy.settings.people import Synthetic
from proxy.wire.exchange import Exchange

_PROBE_AGENT: Final = Pattern(
    r"(?i)kube-probe|elb-healthchecker|googlehc|prometheus|blackbox|uptime|pingdom|statuscake|nagios|zabbix|datadog|healthcheck"
)
AGENTS: Final = 1024
"""User agents of which it is remembered what they are."""
AGENT: Final = 512
"""Characters of one that is remembered: what browsers and programs send is shorter."""

_NO: Final = ("", "0", "false", "no")


class Artificial:
    """Tells synthetic traffic by the settings of one assistant."""

    def __init__(self, settings: Synthetic) -> None:
        self._agents = _patterns(settings.agents)
        self._paths = _patterns(settings.paths)
        pairs = [rule.partition(":") for rule in settings.headers]
        self._headers = tuple((name.strip().lower(), glob(value.strip()) if value.strip() else None) for name, _, value in pairs)
        self._agent = lru_cache(maxsize=AGENTS)(self._of_agent)

    def reason(self, exchange: Exchange) -> Literal["probe", "synthetic"] | None:
        """Why an exchange is no person's; None for any other."""
        headers = exchange.headers
        if headers.get("x-synthetic", "").strip().lower() not in _NO:
            return "synthetic"
        agent = headers.get("user-agent", "")
        if (reason := (self._agent if len(agent) <= AGENT else self._of_agent)(agent)) is not None:
            return reason
        if self._paths and _any(self._paths, exchange.path.encode("utf-8", "replace")):
            return "synthetic"
        for name, wanted in self._headers:
            value = headers.get(name)
            if value is not None and (wanted is None or wanted.hits(value.casefold().encode("utf-8", "replace"))):
                return "synthetic"
        return None

    def _of_agent(self, agent: str) -> Literal["probe", "synthetic"] | None:
        text = agent.encode("utf-8", "replace")
        if _PROBE_AGENT.hits(text):
            return "probe"
        return "synthetic" if _any(self._agents, text) else None


def header_names(settings: Synthetic) -> frozenset[str]:
    """The headers that must leave a relay for it, lower case."""
    return frozenset(rule.partition(":")[0].strip().lower() for rule in settings.headers)


def _patterns(globs: Iterable[str]) -> tuple[Pattern, ...]:
    return tuple(glob(each) for each in globs)


def _any(patterns: Iterable[Pattern], text: bytes) -> bool:
    lower = text.lower()
    return any(pattern.hits(lower) for pattern in patterns)
