"""LangGraph's own server (in memory) with the graph of `langgraph_app`, and its own client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langgraph_sdk import get_sync_client

GRAPH = Path(__file__).with_name("langgraph_app.py")
START_TIME = 180.0
"""Seconds that the server may take to start."""


@contextmanager
def serving(port: int) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "langgraph.json").write_text(json.dumps({"dependencies": ["."], "graphs": {"agent": f"{GRAPH}:graph"}}))
        command = [
            str(Path(sys.executable).parent / "langgraph"),
            "dev",
            "--no-browser",
            "--no-reload",
            "--n-jobs-per-worker",
            "4",
            "--port",
            str(port),
        ]
        environment = {**os.environ, "LANGSMITH_TRACING": "false", "LANGGRAPH_CLI_NO_ANALYTICS": "1"}
        with Path(directory, "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=directory, env=environment, stdout=log, stderr=log)
            try:
                ready(f"http://127.0.0.1:{port}/ok", process)
                yield
            finally:
                process.terminate()
                process.wait(60)


def ready(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_TIME
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=60):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("LangGraph's server did not start")


def asked(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


def heard(part: Any) -> Any:
    """What a piece of a stream says, without the ids that each run makes anew."""
    data = part.data
    if part.event == "values":
        data = [[message["type"], message["content"]] for message in data["messages"]], bool(data.get("__interrupt__"))
    elif part.event == "messages":
        data = data[0]["content"]
    elif part.event.startswith("messages/"):
        data = [message.get("content") for message in data] if isinstance(data, list) else len(data)
    elif part.event == "metadata":
        data = sorted(data)
    return [part.event, data]


def talk(url: str) -> list[Any]:
    client = get_sync_client(url=url, api_key=None)
    config = {"configurable": {"user_id": "ada"}}
    said: list[Any] = []
    thread = client.threads.create()["thread_id"]
    for text, mode in (("hello", "messages"), ("again", "messages-tuple"), ("more", "values"), ("agent", "messages")):
        said.append(
            [heard(part) for part in client.runs.stream(thread, "agent", input=asked(text), stream_mode=mode, config=config)]
        )
    second = client.threads.create()["thread_id"]
    said.append(client.runs.wait(second, "agent", input=asked("hello"), config=config)["messages"][-1]["content"])
    said.append(
        [heard(part) for part in client.runs.stream(second, "agent", input=asked("approve"), stream_mode="values", config=config)]
    )
    said.append(client.runs.wait(second, "agent", command={"resume": "yes"}, config=config)["messages"][-1]["content"])
    third = client.threads.create()["thread_id"]
    said.append(
        [heard(part) for part in client.runs.stream(third, "agent", input=asked("break"), stream_mode="messages", config=config)]
    )
    said.append(client.threads.get_state(second)["values"]["messages"][-1]["content"])
    return said


def main() -> None:
    port, proxied = int(sys.argv[1]), sys.argv[2]
    with serving(port), ThreadPoolExecutor(2) as pool:  # at once: each run waits most of its time for the server's queue
        both = list(pool.map(talk, (f"http://127.0.0.1:{port}", proxied)))
    print(json.dumps(both), flush=True)  # noqa: T201 - what it heard is its output


main()
