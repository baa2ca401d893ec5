"""PromQL that several panels share, and panels of one query.

Everything is summed over hosts, and over the assistants and channels that are chosen.
"""

from __future__ import annotations

from typing import Final

from config.grafana.source.parts import Panel, Query, Text

BY_ASSISTANT: Final = 'assistant=~"$assistant"'
BY_CHANNEL: Final = f'{BY_ASSISTANT},channel=~"$channel"'

ANSWERED: Final = 'outcome=~"ok|no_answer|blocked"'
ITS_FAULT: Final = 'error_type!~"client_error|rate_limited|refused|drained"'
VALID: Final = f'outcome!="cancelled",{ITS_FAULT}'
FAILED: Final = f'outcome=~"error|timeout",{ITS_FAULT}'
COUNTED: Final = 'outcome!="excluded"'


def count(metric: str, *matchers: str, before: bool = False) -> str:
    """How much a counter rose over the period, or over the one before it."""
    offset = " offset $__range" if before else ""
    return f"sum(increase({metric}{{{','.join(matchers)}}}[$__range]{offset}))"


def turns(*matchers: str) -> str:
    """Turns of the period."""
    return count("assistant_turns_total", BY_CHANNEL, *matchers)


def settled(matcher: str = COUNTED, *, before: bool = False) -> str:
    """Settled sessions of the period."""
    return count("assistant_sessions_settled_total", BY_CHANNEL, matcher, before=before)


def ratings(*matchers: str, before: bool = False) -> str:
    """Ratings of the period that say whether a person was satisfied."""
    return count("assistant_feedback_total", BY_ASSISTANT, 'scale!="nps"', *matchers, before=before)


def share(part: str, whole: str) -> str:
    """A share: 0 when there is no part, nothing when there is no whole."""
    return f"({part} or vector(0)) / ({whole} > 0)"


def wilson(part: str, whole: str, sign: str) -> str:
    """A bound of the 95 % Wilson interval: "-" gives the lower one, "+" the upper one."""
    n = f"({whole} > 0)"
    p = f"(({part} or vector(0)) / {n})"
    return f"({p} + 1.9208 / {n} {sign} 1.96 * sqrt(({p} * (1 - {p}) + 0.9604 / {n}) / {n})) / (1 + 3.8416 / {n})"


def quantile(of: float, metric: str, window: str, *matchers: str) -> str:
    """A quantile out of a histogram."""
    return f"histogram_quantile({of}, sum by (le) (rate({metric}_bucket{{{','.join(matchers)}}}[{window}])))"


def parts(title: Text, about: Text, metric: str, label: str, matchers: str) -> Panel:
    """A bar for each value of a label: how much a counter rose over the period."""
    expression = f"sort_desc(sum by ({label}) (increase({metric}{{{matchers}}}[$__range])))"
    return Panel(
        "bargauge", title, about, "short", (Query(expression, Text(f"{{{{{label}}}}}", f"{{{{{label}}}}}")),), decimals=0
    )
