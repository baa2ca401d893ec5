"""Handover quality: when sessions are handed over, why, how that is known, and what became of it.

All of it rests on settled sessions, and on what can be seen from outside: an acceptance or a human's first word is known
only where a protocol or a desk tells of it, so a figure without any such case is not given, rather than given as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from proxy.kpi.changes import HandoverReason
from proxy.kpi.events import MarkSource
from proxy.kpi.report import Handovers, Measure
from proxy.kpi.shares import share, times

Sums = Mapping[str, int]


def handover_measures(sums: Sums) -> dict[str, Measure]:
    """Give the figures about handovers."""
    handed = sums.get("handover:episodes", 0) and sums.get("settled:handed_over", 0)
    n = sums.get("before:n", 0)
    accepted = sums.get("handover:accepted", 0)
    seen = accepted + sums.get("handover:failed", 0)
    return {
        "handover_turns_before": (
            Measure(value=sums.get("handover:turns", 0) / n, n=n) if n > 0 else Measure(value=None, n=0, reason="no_data")
        ),
        "handover_time_before": times(sums, "before"),
        "handover_accepted_rate": share(accepted, handed) if seen else Measure(value=None, reason="not_seen"),
        "handover_refused_rate": share(sums.get("handover:refused", 0), sums.get("settled:requested", 0)),
        "handover_phrase_share": share(sums.get("handover:phrase", 0), handed),
        "time_to_human": times(sums, "waited") if seen or not handed else Measure(value=None, n=0, reason="not_seen"),
    }


def handovers(sums: Sums) -> Handovers:
    """Count handovers, and the sessions handed over by what told of it and why."""
    return Handovers(
        episodes=sums.get("handover:episodes", 0),
        sources={name: count for name in get_args(MarkSource) if (count := sums.get(f"handover:source:{name}", 0))},
        reasons={name: count for name in get_args(HandoverReason) if (count := sums.get(f"handover:reason:{name}", 0))},
    )
