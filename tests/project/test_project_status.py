"""`kpi-proxy status`: what the console says, in lines; a screen that goes on while the console is away."""

from __future__ import annotations

import io
from typing import cast

import msgspec
import pytest

from proxy.cli import main
from proxy.console.status import AssistantStatus, Health, JudgeState, Live, ProbeStatus, Status
from proxy.kpi.books import Books
from proxy.kpis import Asker, AskError
from proxy.status import text, watch

STATUS = Status(
    version="9.9",
    at="2026-11-23T10:00:00+00:00",
    health=Health(
        relays=2,
        relays_wanted=2,
        store_up=True,
        books=Books(seen=9, counted=7, pending=2),
        lag=0.25,
        dropped=0,
        level=0,
        leading=True,
    ),
    captures="full",
    assistants=(
        AssistantStatus(
            name="rh",
            live=Live(minutes=(0,) * 56 + (4, 4, 1, 0), rate=2, p95=1.25, errors=0.5, open_sessions=3),
            probes=(ProbeStatus(name="home", up=True, share=1.0), ProbeStatus(name="canary", up=False, share=0.25)),
        ),
        AssistantStatus(name="it", live=Live(minutes=(0,) * 60, rate=0, p95=None, errors=None, open_sessions=0), probes=()),
    ),
)


def test_everything_is_in_lines():
    lines = text(STATUS).splitlines()
    assert lines[0] == "kpi-proxy 9.9, 2026-11-23T10:00:00+00:00"
    assert lines[1] == "relays 2 of 2; store up; lag 0.2 s, shows the fleet's gauges"
    assert lines[2] == "events: 9 seen = 7 counted + 2 waiting + 0 dropped"
    assert lines[-2].endswith("1.25 s  50.0%   3     home up 100.0%, canary DOWN 25.0%")
    assert lines[-2].startswith("rh ")
    assert " █▁  1.25 s" in lines[-2]
    assert lines[-1].split() == ["it", "0", "-", "-", "0", "-"]


def test_what_is_wrong_stands_out():
    health = msgspec.structs.replace(STATUS.health, relays=0, store_up=False, leading=False)
    said = text(msgspec.structs.replace(STATUS, health=health))
    assert "0 of 2, NOTHING IS SEEN; store AWAY" in said
    assert "canary DOWN 25.0%" in said


def test_a_judge_has_a_line_with_what_it_lost_and_spent():
    judge = JudgeState(
        model="small", waiting=1, verdicts={"correct": 5, "wrong": 2}, faults={"timeout": 3}, lost={"timeout": 1, "queue": 0},
        tokens_today=990, day_tokens=1000, tokens_month=1200, month_tokens=9000,
        currency="EUR", cost_today=0.0123, day_cost=None, cost_month=1.5, month_cost=20.0, stopped="day_tokens",
    )  # fmt: skip
    first, *others = STATUS.assistants
    judged = msgspec.structs.replace(first, judge=judge)
    lines = text(msgspec.structs.replace(STATUS, assistants=(judged, *others))).splitlines()
    assert lines[-1] == (
        "judge of rh (small): 7 judged, 1 waiting, not judged: timeout 1; tokens 990 of 1000 today, 1200 of 9000 this month"
        "; cost 0.0123 today, 1.5000 of 20 EUR this month, STOPPED: day_tokens is used up"
    )
    unpriced = msgspec.structs.replace(first, judge=msgspec.structs.replace(judge, stopped="price"))
    assert text(msgspec.structs.replace(STATUS, assistants=(unpriced,))).endswith("STOPPED: no price of small is known")


class ScriptedConsole:
    """Answers, or is away, as the script says."""

    def __init__(self, *script: Status | None) -> None:
        self.script = list(script)

    def status(self) -> Status:
        answer = self.script.pop(0)
        if answer is None:
            raise AskError("no console at http://x")
        return answer


def test_the_screen_goes_on_while_the_console_is_away_and_is_left_as_it_was():
    out = io.StringIO()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(cast("Asker", ScriptedConsole(STATUS, None, STATUS)), out, sleep)
    first, second, third = out.getvalue().split("\x1b[H")[1:]
    assert "kpi-proxy 9.9" in first
    assert "no console at" in second
    assert "kpi-proxy 9.9" in third
    assert out.getvalue().startswith("\x1b[?1049h")
    assert out.getvalue().endswith("\x1b[?1049l")


def test_no_console_is_told(capsys):
    assert main(["status", "--console", "127.0.0.1:1"]) == 1
    assert "is kpi-proxy running" in capsys.readouterr().err
