"""`kpi-proxy demo`: the whole product in front of the demo assistant, with its history and its people.

The assistant, the people and the history are processes of their own, as they would be in life; the product knows
nothing of them. They end when the pipe that this process holds does.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from proxy import supervisor
from proxy.demo import answers
from proxy.demo.history import ASSISTANT, TIME_ZONE
from proxy.demo.people import write_directory
from proxy.demo.replay import note_of
from proxy.settings.address import place
from proxy.settings.model import Assistant, Console, Probe, Settings, Store, Topics
from proxy.settings.opinions import Opinions
from proxy.settings.people import People
from proxy.settings.problem import Problem, SettingsError
from proxy.settings.value import Assumptions, Cost, Price, Value

MODEL: Final = Settings(assistants=(Assistant(upstream="http://127.0.0.1"),))
"""The model's own defaults for addresses and the state directory."""

_CANARY: Final = Probe(
    name="canary",
    interval=60.0,
    path="/v1/chat/completions",
    question='{"model": "demo", "messages": [{"role": "user", "content": "How do I add a child to my health insurance?"}]}',
    expect="member area",
)

END_TIME: Final = 5.0
"""Seconds that a helper gets to end after its pipe was closed."""


def main(
    *,
    listen: str = MODEL.assistants[0].listen,
    console: str = MODEL.console.listen,
    state: str = f"{MODEL.state}/demo",
    workers: int = 1,
    store: str = MODEL.store.url,
    seconds: float | None = None,
    history: bool = True,
    speed: float = 1.0,
) -> int:
    """Run until SIGTERM or SIGINT, or for so many seconds; returns the exit status, raises `SettingsError`.

    The default state is a directory of its own, so that the demo's figures never mix with those of an assistant in
    service. `speed` divides every wait of the assistant and of its people.
    """
    if problems := [found for found in (_problem(listen, "--listen"), _problem(console, "--console")) if found is not None]:
        raise SettingsError(problems)
    home = Path(state).expanduser().absolute()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_directory(home / "people.csv")
    pace = ("--speed", str(speed))
    with _helper("assistant", *pace, out=subprocess.PIPE) as assistant:
        upstream = f"http://127.0.0.1:{_port(assistant)}"
        settings = Settings(
            assistants=(_assistant(upstream, listen, home),),
            console=Console(listen=console),
            store=Store(url=store),
            state=str(home),
            workers=workers,
        )
        _welcome(_url(listen), _url(console), upstream, sys.stdout)
        with _helper("people", "--proxy", _url(listen), *pace), _history(home, wanted=history), _ending(seconds):
            return supervisor.run(settings)


def _value(launched: str) -> Value:
    """Costs and assumptions as a company might agree on; made up like all here, and called so where they are shown."""
    return Value(
        prices=(Price(from_=launched, model=answers.MODEL, input=0.5, output=2.0),),
        costs=(Cost(from_=launched, monthly=2900.0),),
        assumptions=(
            Assumptions(
                from_=launched,
                version="demo",
                source="made up for the demo",
                displacement=(0.5, 0.7, 0.8),
                contact_cost=(4.0, 6.0, 8.0),
                handling=(300.0, 360.0, 480.0),
                monthly_hours=133.9,
            ),
        ),
    )


def _assistant(upstream: str, listen: str, state: Path) -> Assistant:
    """The assistant as its operator would describe it."""
    launched = note_of(state).span.launched.isoformat()
    return Assistant(
        name=ASSISTANT,
        channel="web",
        upstream=upstream,
        listen=listen,
        time_zone=TIME_ZONE,
        launched=launched,
        value=_value(launched),
        people=People(directory=str(state / "people.csv")),
        opinions=Opinions(sentiment=True),
        topics=Topics(kept=True),
        probes=(Probe(name="home", path="/", interval=10.0), _CANARY),
    )


def _problem(address: str, option: str) -> Problem | None:
    """Why the address can't be used."""
    try:
        where = place(address)
    except ValueError as error:
        return Problem(option, str(error))
    if where.unix or not where.port or not where.loopback:
        return Problem(option, "the demo stays on this machine", "write 127.0.0.1:PORT")
    with socket.socket(socket.AF_INET6 if ":" in where.host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((where.host, where.port))
            trial.listen(1)
        except OSError as error:
            return Problem(
                option, f"port {where.port} can't be used ({error.strerror})", f"choose another with {option} 127.0.0.1:PORT"
            )
    return None


def _url(address: str) -> str:
    where = place(address)
    return f"http://[{where.host}]:{where.port}" if ":" in where.host else f"http://{where.host}:{where.port}"


def _welcome(proxied: str, console: str, upstream: str, out: TextIO) -> None:
    out.write(
        f"""kpi-proxy demo
  figures    {console}
  assistant  {proxied}   (through the proxy; directly it is {upstream})

Eight weeks of history come in now; demo people go on talking to the assistant. Ctrl-C ends everything.
"""
    )
    out.flush()


@contextmanager
def _helper(*arguments: str, out: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process of `proxy.demo`; it ends when its standard input is closed, or this process is gone."""
    command = [sys.executable, "-m", "proxy.demo", *arguments]
    # A session of its own: Ctrl-C reaches the product first, and the helpers when it has drained.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, start_new_session=True)  # noqa: S603 - our own module
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(END_TIME)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def _history(state: Path, *, wanted: bool) -> Iterator[None]:
    """The history's process, unless it is not wanted or was there before."""
    if not wanted or note_of(state).done:
        yield
        return
    with _helper("history", "--observer", str(state / "run" / "observer.sock"), "--state", str(state)):
        yield


def _port(assistant: subprocess.Popen[bytes]) -> int:
    line = assistant.stdout.readline() if assistant.stdout is not None else b""
    if not line:
        raise RuntimeError("the demo assistant did not start; its own words stand above")
    return int(line)


@contextmanager
def _ending(seconds: float | None) -> Iterator[None]:
    """After so many seconds, end as by a SIGTERM from outside."""
    timer = threading.Timer(seconds or 0, os.kill, (os.getpid(), signal.SIGTERM))
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
