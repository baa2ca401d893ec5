"""A small assistant with an API that nobody has seen before: a visit is opened, words are said in it, the visit gets stars.

POST /desk/v2/visits {"employee": ...} -> {"visit": ...}
POST /desk/v2/visits/VISIT/say {"utterance": {"words": ..., "tongue": "fr"}, "employee": ...}
    -> {"reply": {"lines": ...}, "turn": ...}, or with ?live=1 events {"op": "piece", "d": ...} ... {"op": "over", "turn": ...}
POST /desk/v2/visits/VISIT/stars {"stars": 1..5, "turn": ...} -> 204
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

ANSWERS = {
    "conges": "Il vous reste douze jours de congés cette année, à poser avant le trente et un mai.",
    "paie": "La paie est versée le vingt-huit de chaque mois, ou le dernier jour ouvré avant.",
    "humain": "Je vous mets en relation avec un conseiller des ressources internes.",
}
QUESTIONS = {
    "conges": "Combien de jours de congés me reste-t-il ?",
    "paie": "Quand la paie est-elle versée ?",
    "humain": "Je veux parler à un conseiller",
}


class Desk(BaseHTTPRequestHandler):
    """Answers by topic: the word of the question that it knows."""

    protocol_version = "HTTP/1.1"
    visits = count(4711)
    turns = count(90001)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path, _, query = self.path.partition("?")
        match path.rstrip("/").split("/")[-1]:
            case "visits":
                self._json(201, {"visit": f"v-{next(self.visits)}"})
            case "say":
                words = body["utterance"]["words"]
                topic = next((topic for topic, question in QUESTIONS.items() if question == words), "paie")
                if query == "live=1":
                    self._stream(ANSWERS[topic])
                else:
                    self._json(200, {"reply": {"lines": ANSWERS[topic], "mood": "calm"}, "turn": f"t-{next(self.turns)}"})
            case _:
                self.send_response(204)
                self.end_headers()

    def _json(self, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for word in text.split(" "):
            self._event({"op": "piece", "d": f"{word} "})
        self._event({"op": "over", "turn": f"t-{next(self.turns)}"})

    def _event(self, value: Any) -> None:
        self.wfile.write(f"data: {json.dumps(value)}\n\n".encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def desk() -> Iterator[str]:
    """A running desk; gives its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def visit(address: str, employee: str, *topics: str, live: bool = False, stars: int | None = None) -> None:
    """One person's visit through a proxy at HOST:PORT."""
    opened = _post(address, "/desk/v2/visits", {"employee": employee})
    place = f"/desk/v2/visits/{opened['visit']}"
    said = {"turn": ""}
    for topic in topics:
        asked = {"utterance": {"words": QUESTIONS[topic], "tongue": "fr"}, "employee": employee}
        said = _post(address, f"{place}/say{'?live=1' if live else ''}", asked)
    if stars is not None:
        _post(address, f"{place}/stars", {"stars": stars, "turn": said["turn"]})


def _post(address: str, path: str, value: Any) -> Any:
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request("POST", path, json.dumps(value), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    if answer.headers.get_content_type() == "text/event-stream":
        return json.loads(data.strip().split(b"\n\n")[-1].removeprefix(b"data: "))
    return json.loads(data) if data else {}


def wait(address: str, seconds: float = 120.0) -> None:
    """Wait until somebody listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection = http.client.HTTPConnection(address, timeout=60)
        try:
            connection.connect()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise AssertionError(f"nobody listens on {address}")
