"""Sums, counts of people and targets to measures: every KPI of one period, in one place.

Shares of sessions leave out the excluded ones. `settled` sessions make the figures; `open` ones are added for the
provisional figures, at the outcome they would have now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from proxy.kpi.opinions import SATISFIED
from proxy.kpi.outcome import ASSUMED, CONFIRMED, OUTCOMES
from proxy.kpi.report import Completeness, Measure
from proxy.kpi.shares import ENOUGH, at_least, balance, share, times, within_band
from proxy.settings.model import Targets

Sums = Mapping[str, int]

SMALLEST_GROUP = 5
"""Eligible people below which no figure about people is given: one could tell who it was."""
LIMIT_REASONS = ("dropped", "set_aside")
"""Reasons of skipped exchanges that were given up for a limit, not for what they are."""


class PeopleCounts(msgspec.Struct, frozen=True):
    """Distinct people, the oldest day or week first.

    Days and weeks before anybody was active are before the start and are left out: `observed` does that. Full weeks are ISO
    weeks of the period that are over.
    """

    dau: Sequence[int] = ()  # of each day of the period that has come
    mau: int = 0  # of the 28 days up to the end
    weeks: Sequence[int] = ()  # active people of the full weeks
    adopted: Sequence[int] = ()  # active eligible people of the same weeks
    partial: int = 0  # active people of the week in progress
    adopted_partial: int = 0  # active eligible people of the week in progress
    eligible: int | None = None  # people who may use it, in the week in progress or when nobody counted
    heads: Sequence[int | None] = ()  # the same of each full week
    present: Sequence[int | None] = ()  # the eligible people of each full week who were not away, where that is known
    launched: bool = False  # the weeks begin with its launch: one without anybody counts
    kept: bool = True  # whether people are counted for this group at all


def observed(counts: Sequence[int]) -> Sequence[int]:
    """Leave out what comes before the first active person."""
    return counts[next((index for index, count in enumerate(counts) if count), len(counts)) :]


def outcomes(sums: Sums, *stages: str) -> dict[str, int]:
    """Give the sessions by outcome."""
    return {name: sum([sums.get(f"{stage}:{name}", 0) for stage in stages]) for name in OUTCOMES}


def session_measures(sums: Sums, targets: Targets, *, assumed: bool, provisional: bool) -> dict[str, Measure]:
    """Give the shares of sessions."""
    stages = ("settled", "open") if provisional else ("settled",)
    count = outcomes(sums, *stages)
    n = sum(count.values()) - count["excluded"]
    automated = count[CONFIRMED] + (count[ASSUMED] if assumed else 0)
    requested = sum([sums.get(f"{stage}:requested", 0) for stage in stages])
    rated = sum([sums.get(f"{stage}:rated", 0) for stage in stages])
    found = {
        "automation_rate": within_band(share(automated, n), targets.automation),
        "automation_rate_confirmed": share(count[CONFIRMED], n),
        "containment_rate": share(n - count["handed_over"], n),
        "handover_rate": within_band(share(count["handed_over"], n), targets.handover),
        "handover_request_rate": share(requested, n),
        "abandonment_rate": share(count["abandoned"], n),
        "failure_rate": share(count["failed"], n),
        "no_answer_rate": share(count["no_answer"], n),
        "csat_response_rate": share(rated, n),
        "sessions": Measure(value=float(n)),
    }
    if not provisional:
        found |= _who_answers(sums, count)
        resolved = count[CONFIRMED] + count[ASSUMED] + sums.get("returned:revoked", 0)
        durable = share(sums.get("durable:yes", 0), sums.get("durable:n", 0))
        recontact = share(sums.get("returned:recontact", 0), resolved)
        return {**found, "recontact_rate": recontact, "durable_resolution_rate": durable}
    return {name: msgspec.structs.replace(measure, provisional=True) for name, measure in found.items()}


def _who_answers(sums: Sums, count: Mapping[str, int]) -> dict[str, Measure]:
    """Give how many rated of those that were helped and of those that went to a human: CSAT speaks more for who answers more."""
    resolved = (CONFIRMED, ASSUMED)
    rated = sum([sums.get(f"rated:{name}", 0) for name in resolved])
    return {
        "csat_response_rate_automated": share(rated, sum([count[name] for name in resolved])),
        "csat_response_rate_handed_over": share(sums.get("rated:handed_over", 0), count["handed_over"]),
    }


def turn_measures(sums: Sums, targets: Targets) -> dict[str, Measure]:
    """Give volume, times and availability."""
    response = times(sums, "response")
    if response.value is not None and response.n is not None:
        status = "not_enough_data" if response.n < ENOUGH else "met" if response.value < targets.response else "not_met"
        response = msgspec.structs.replace(response, target=(None, targets.response), status=status)
    return {
        "response_time": response,
        "response_time_within_target": share(sums.get("response:within", 0), sums.get("response:n", 0)),
        "time_to_first": times(sums, "first"),
        "availability": share(sums.get("good", 0), sums.get("valid", 0)),
        "turns": Measure(value=float(sums.get("turns", 0))),
    }


def csat(sums: Sums, targets: Targets) -> Measure:
    """Give the share of satisfied ratings over all scales that ask for satisfaction; a neutral one is not satisfied."""
    satisfied = sum([sums.get(f"rating:{scale}:yes", 0) for scale in SATISFIED])
    n = sum([sums.get(f"rating:{scale}:{answer}", 0) for scale in SATISFIED for answer in ("yes", "no", "neutral")])
    return at_least(share(satisfied, n), targets.csat)


def nps(sums: Sums) -> Measure:
    """Give the net promoter score, -100 to 100, with its 95 % interval by the normal distribution."""
    promoters, detractors = sums.get("rating:nps:promoter", 0), sums.get("rating:nps:detractor", 0)
    return balance(promoters, detractors, promoters + detractors + sums.get("rating:nps:passive", 0))


def people_measures(counts: PeopleCounts, targets: Targets, *, due: bool = True) -> dict[str, Measure]:
    """Give adoption and the numbers of active people; until the target is `due`, missing it is no failure."""
    if not counts.kept:
        return dict.fromkeys(_PEOPLE, Measure(value=None, reason="not_kept"))
    if any(count is not None and count < SMALLEST_GROUP for count in (counts.eligible, *counts.heads)):
        return dict.fromkeys(_PEOPLE, Measure(value=None, reason="small_group"))
    days, weeks = observed(counts.dau), observed(counts.weeks)
    dau = sum(days) / len(days) if days else None
    return {
        "adoption": _adoption(counts, targets, due=due),
        "adoption_present": _adoption_present(counts),
        "wau": Measure(value=float(weeks[-1] if weeks else counts.partial), provisional=not weeks),
        "mau": Measure(value=float(counts.mau)),
        "dau": Measure(value=dau, reason="no_data" if dau is None else None),
        "stickiness": (
            Measure(value=None, reason="no_data") if dau is None or not counts.mau else Measure(value=min(dau / counts.mau, 1.0))
        ),
    }


_PEOPLE = ("adoption", "adoption_present", "wau", "mau", "dau", "stickiness")


def _adoption(counts: PeopleCounts, targets: Targets, *, due: bool) -> Measure:
    full = counts.adopted if counts.launched else observed(counts.adopted)
    heads = list(counts.heads or [counts.eligible] * len(counts.adopted))[len(counts.adopted) - len(full) :]
    weeks, known = (full, heads) if full else ((counts.adopted_partial,), [counts.eligible])
    eligible = [head for head in known if head]
    if len(eligible) < len(weeks):
        return Measure(value=None, reason="no_people")
    measure = msgspec.structs.replace(_mean_share(weeks, eligible), provisional=not full)
    if measure.provisional:  # a week in progress is never held against a target
        return msgspec.structs.replace(measure, target=(targets.adoption, None), status="not_enough_data")
    judged = at_least(measure, targets.adoption)
    if not due and judged.status in {"not_met", "inconclusive"}:
        return msgspec.structs.replace(judged, status="not_due")
    return judged


def _adoption_present(counts: PeopleCounts) -> Measure:
    """Give the same of those who were not away all week; only of full weeks, and beside adoption, never in its place."""
    full = counts.adopted if counts.launched else observed(counts.adopted)
    known = counts.present[len(counts.present) - len(full) :] if full else ()
    present = [count for count in known if count]
    if not present or len(present) < len(full):
        return Measure(value=None, reason="no_absences")
    if min(present) < SMALLEST_GROUP:
        return Measure(value=None, reason="small_group")
    return _mean_share(full, present)


def _mean_share(active: Sequence[int], heads: Sequence[int]) -> Measure:
    """Give the share of people over some weeks.

    With a plain number of eligible people nobody can say who is one: more people than that are all of them. So are people who
    came though they were away.
    """
    counted = sum([min(count, head) for count, head in zip(active, heads, strict=True)])
    mean = share(round(counted / len(active)), round(sum(heads) / len(active)))
    return msgspec.structs.replace(mean, value=counted / sum(heads))


def completeness(sums: Sums) -> Completeness:
    """Say how much of the traffic the figures rest on."""
    turns = sums.get("turns", 0)
    unknown = sums.get("skipped:unknown", 0)
    return Completeness(
        captured=(turns - sums.get("turn:partial", 0)) / turns if turns else None,
        decoded=turns / (turns + unknown) if turns + unknown else None,
        attributed=(turns - sums.get("turn:unattributed", 0)) / turns if turns else None,
        derived=sums.get("turn:derived", 0) / turns if turns else None,
        identified=(turns - sums.get("turn:anonymous", 0)) / turns if turns else None,
        dropped=sum([sums.get(f"skipped:{reason}", 0) for reason in LIMIT_REASONS]),
    )
