"""A plain HTTP client for the tests: says something to an OpenAI-like assistant through the product."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self


def say(
    port: int, text: str, *, user: str, conversation: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> bytes:
    """One turn; gives the answer's body, raises for any status but 200."""
    body: dict[str, Any] = {"model": "echo", "messages": [{"role": "user", "content": text}], "user": user, **more}
    if conversation:
        body["metadata"] = {"conversation_id": conversation}
    status, content = post(port, "/v1/chat/completions", body, headers)
    if status != 200:
        raise AssertionError(f"status {status}: {content[:300]!r}")
    return content


def post(port: int, path: str, body: object, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """POST JSON over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **(headers or {})})
        with connection.getresponse() as answer:
            return answer.status, answer.read()
    finally:
        connection.close()


class Crowd:
    """People who talk without pause until the block ends or they are told to stop; what fails is kept."""

    def __init__(self, port: int, people: int = 4) -> None:
        self._port = port
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._talk, args=(number,)) for number in range(people)]
        self._lock = threading.Lock()
        self.turns = 0
        self.failures: list[str] = []

    def _talk(self, number: int) -> None:
        turn = 0
        while not self._stop.is_set():
            turn += 1
            try:
                say(self._port, f"question {turn}", user=f"person-{number}", stream=bool(turn % 2))
            except (OSError, http.client.HTTPException, AssertionError) as error:
                with self._lock:
                    self.failures.append(repr(error))
            else:
                with self._lock:
                    self.turns += 1

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def wait_for(self, turns: int) -> None:
        """Block until so many turns have been answered."""
        while self.turns < turns and not self.failures:
            self._stop.wait(0.01)

    def stop(self) -> int:
        """Everybody finishes the sentence; gives the turns that were answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        return self.turns
