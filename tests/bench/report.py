"""The table: each figure beside its budget (design, section 5) and its peers of the same run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .measure import LEVELS, OURS, PACED, STREAMED, Results


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. `met` is None where nothing was promised or measured."""

    what: str
    value: str
    budget: str
    beside: str
    met: bool | None


def lines(results: Results) -> Iterator[Line]:
    """All figures, in the order of the budgets."""
    yield _added(results, "turns c=1", "latency_p50", "JSON turn, c=1: added latency p50", 250)
    yield _added(results, "turns c=1", "latency_p99", "JSON turn, c=1: added latency p99", 1500)
    yield from _ratios(results)
    yield _plain(results, "turns c=32", "cpu_us", "relay CPU per JSON turn, c=32", "µs", None, beside="nginx")
    yield _plain(results, PACED, "cpu_us", "relay CPU per JSON turn, 2,500 a second", "µs", None, beside="nginx")
    for name in (f"{streams} streams" for streams in LEVELS):
        known = name == "800 streams"
        yield _added(results, name, "delay_p50", f"{name}: added delay p50", 200 if known else None)
        yield _added(results, name, "delay_p99", f"{name}: added delay p99", 15_000 if known else None)
        yield _plain(
            results, name, "cpu_us", f"{name}: relay CPU per event", "µs", None if name == "100 streams" else 25, beside="nginx"
        )
        yield _plain(results, name, "errors", f"{name}: lost or cut", "", 0, beside="nginx")
        if name in ("1000 streams", "2000 streams"):
            yield _not_above(results, name)
    yield _added(results, "100 streams", "first_p50", "100 streams: added time to first event p50", 300)
    yield _added(results, "100 streams", "first_p99", "100 streams: added time to first event p99", 2000)
    label = "a newcomer's first event beside 800 streams, p99"
    yield _plain(results, "newcomers", "first_p99", label, "µs", 350_000, beside="nginx")
    yield _plain(results, "alone", "accounting_us", "the relay's accounting of an exchange", "µs", 3)
    yield _own_figure(results)
    yield _plain(results, "memory", "relay_mib", "relay, idle (PSS)", "MiB", 20)
    yield _plain(results, "memory", "stream_kib", "relay, per open waiting stream", "KiB", 20)
    yield _plain(results, "memory", "others_mib", "observer, supervisor and store after the runs (PSS)", "MiB", None)
    yield from _whole(results)
    for what, budget in (("turns", 2500), ("events", 100_000)):
        speed = results.median(f"observer, {what}", OURS, "per_cpu_second")
        label = f"observer with its store, alone: {what} per second of a core"
        yield Line(
            label, "-" if speed is None else f"{speed:,.0f}", f">= {budget:,}", "", None if speed is None else speed >= budget
        )
    for name in ("turns", "events", "chunked_events"):
        speed = results.median("alone", OURS, f"{name}_per_second")
        label = f"understanding alone: {name.replace('_', ' ')} per second of a core"
        yield Line(label, "-" if speed is None else f"{speed:,.0f}", "", "", None)


def _added(results: Results, what: str, name: str, label: str, budget: float | None) -> Line:
    direct, ours, other = (results.median(what, peer, name) for peer in ("direct", OURS, "nginx"))
    if direct is None or ours is None:
        return Line(label, "-", _budget(budget, "µs"), "", None)
    beside = f"direct {direct:,.0f} µs" + (f"; nginx adds {other - direct:,.0f} µs" if other is not None else "")
    return Line(
        label, f"{ours - direct:,.0f} µs", _budget(budget, "µs"), beside, None if budget is None else ours - direct <= budget
    )


def _plain(results: Results, what: str, name: str, label: str, unit: str, budget: float | None, *, beside: str = "") -> Line:
    ours, other = results.median(what, OURS, name), results.median(what, beside, name)
    if ours is None:
        return Line(label, "-", _budget(budget, unit), "", None)
    near = f"{beside} {other:,.1f} {unit}".rstrip() if other is not None else ""
    return Line(label, f"{ours:,.1f} {unit}".rstrip(), _budget(budget, unit), near, None if budget is None else ours <= budget)


def _not_above(results: Results, what: str) -> Line:
    """The added delay of many streams, against Envoy's."""
    label = f"{what}: added delay p50 at or below Envoy's"
    direct, ours, other = (results.median(what, peer, "delay_p50") for peer in ("direct", OURS, "envoy"))
    if direct is None or ours is None or other is None:
        return Line(label, "-", "", "no envoy here", None)
    return Line(label, f"{ours - direct:,.0f} µs", "", f"envoy adds {other - direct:,.0f} µs", ours <= other)


def _own_figure(results: Results) -> Line:
    """The relay's own figure against the outside: what is added lies above it, and by no more than nginx adds.

    The figure begins with bytes in hand and ends with bytes written. Wake-ups and the kernel's reading come on top, and next
    to nothing else is what nginx adds.
    """
    label = "the relay's own figure of its time per turn, c=1, mean"
    own, cpu = (results.median("own figure", OURS, name) for name in ("mean_us", "cpu_us"))
    direct, ours, nginx = (results.median("turns c=1", peer, "latency_p50") for peer in ("direct", OURS, "nginx"))
    if own is None or cpu is None or direct is None or ours is None:
        return Line(label, "-", "", "", None)
    beside = f"outside: {ours - direct:,.0f} µs added at p50, {cpu:,.0f} µs of CPU"
    if nginx is None:
        return Line(label, f"{own:,.0f} µs", "", beside, None)
    within = own <= ours - direct <= own + nginx - direct
    return Line(label, f"{own:,.0f} µs", "added <= own + nginx's", f"{beside}; nginx adds {nginx - direct:,.0f} µs", within)


def _budget(budget: float | None, unit: str) -> str:
    return "" if budget is None else f"<= {budget:,.0f} {unit}".rstrip()


def _ratios(results: Results) -> Iterator[Line]:
    ours = results.median("turns c=32", OURS, "per_second")
    for peer, budget in (("nginx", 0.5), ("envoy", 1.25), ("haproxy", None), ("caddy", None), ("direct", None)):
        other = results.median("turns c=32", peer, "per_second")
        label = f"turns per second of one relay core, c=32, x {peer}"
        promised = "" if budget is None else f">= {budget}"
        if ours is None or other is None:
            yield Line(label, "-", promised, f"no {peer} here", None)
        else:
            ratio = ours / other
            yield Line(
                label, f"{ratio:.2f}", promised, f"{ours:,.0f} of {other:,.0f}", None if budget is None else ratio >= budget
            )


def _whole(results: Results) -> Iterator[Line]:
    for what, rate in (("whole, 2,500 turns/s", 2500), ("whole, full speed", None), (f"whole, {STREAMED} streams", 25_000)):
        speed, counted, captured = (results.median(what, OURS, name) for name in ("per_second", "counted", "captured"))
        unit = "events/s" if "streams" in what else "turns/s"
        label = f"{what.replace('whole', 'whole product on one core')}: {unit}, share counted"
        if speed is None or counted is None or captured is None:
            yield Line(label, "-", "", "", None)
            continue
        # The driver offers exactly this rate; 2 % are its own edges.
        met = None if rate is None else counted >= 0.99995 and captured >= 0.99995 and speed >= 0.98 * rate
        budget = "" if rate is None else f">= {rate:,} {unit}, 100 %"
        yield Line(label, f"{speed:,.0f}, {counted:.2%}", budget, f"captured whole {captured:.2%}", met)
    yield _awake(results)
    label = "CPU per JSON turn at 2,500 a second, everything on one core"
    yield _plain(results, "whole, 2,500 turns/s", "cpu_us", label, "µs", 300)


def _awake(results: Results) -> Line:
    """What a turn takes where nobody sleeps: the relay's at full speed, and that of an observer with its store that is fed."""
    label = "CPU per JSON turn, relay, observer and store, each at full speed"
    relay = results.median("turns c=32", OURS, "cpu_us")
    speed = results.median("observer, turns", OURS, "per_cpu_second")
    if relay is None or speed is None:
        return Line(label, "-", _budget(300, "µs"), "", None)
    observer = 1e6 / speed
    return Line(
        label,
        f"{relay + observer:,.0f} µs",
        _budget(300, "µs"),
        f"relay {relay:,.0f} µs, observer and store {observer:,.0f} µs",
        relay + observer <= 300,
    )


BESIDE = (
    ("turns c=1", "latency_p50", "c=1: latency p50, µs"),
    ("turns c=1", "latency_p99", "c=1: latency p99, µs"),
    ("turns c=32", "per_second", "c=32: turns/s"),
    ("turns c=32", "latency_p99", "c=32: latency p99, µs"),
    ("turns c=32", "cpu_us", "c=32: CPU per turn, µs"),
    (PACED, "latency_p50", "2,500 turns/s: latency p50, µs"),
    (PACED, "cpu_us", "2,500 turns/s: CPU per turn, µs"),
    *((f"{level} streams", "per_second", f"{level} streams: events/s") for level in LEVELS),
    *((f"{level} streams", "delay_p50", f"{level} streams: delay p50, µs") for level in LEVELS),
    *((f"{level} streams", "delay_p99", f"{level} streams: delay p99, µs") for level in LEVELS),
    *((f"{level} streams", "cpu_us", f"{level} streams: CPU per event, µs") for level in LEVELS),
    *((f"{level} streams", "errors", f"{level} streams: lost or cut") for level in LEVELS),
    ("100 streams", "first_p50", "100 streams: first event p50, µs"),
    ("100 streams", "first_p99", "100 streams: first event p99, µs"),
    ("newcomers", "first_p99", "newcomer beside 800 streams: first event p99, µs"),
)


def beside(results: Results) -> str:
    """All peers of the run beside each other, as Markdown."""
    peers = list(dict.fromkeys(peer for what, peer, _ in results.values if what == "turns c=1"))
    rows = [f"| median | {' | '.join(peers)} |", "|---" * (len(peers) + 1) + "|"]
    for what, name, label in BESIDE:
        found = (results.median(what, peer, name) for peer in peers)
        rows.append(f"| {label} | {' | '.join('-' if value is None else f'{value:,.0f}' for value in found)} |")
    return "\n".join(rows)


def table(results: Results) -> str:
    """The lines as Markdown."""
    rows = ["| what | measured | budget | met | beside it |", "|---|---|---|---|---|"]
    for line in lines(results):
        met = {True: "yes", False: "**no**", None: ""}[line.met]
        rows.append(f"| {line.what} | {line.value} | {line.budget} | {met} | {line.beside} |")
    return "\n".join(rows)
