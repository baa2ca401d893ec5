"""A Prometheus, an Alertmanager, an exporter and a webhook of a test's own, on free loopback ports."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.product import until
from tests.ports import free_port


@contextmanager
def process(command: Sequence[str], log: Path, ready: str) -> Iterator[None]:
    """Run a server until the block ends; `ready` is the address that answers once it serves."""
    with log.open("wb") as out:
        started = subprocess.Popen(command, stdout=out, stderr=out)

    def look() -> bool | None:
        assert started.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(ready, timeout=60):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return None

    try:
        until(look, f"{command[0]} is ready")
        yield
    finally:
        started.terminate()
        try:
            started.wait(60)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


class Database:
    """A Prometheus that scrapes `targets`, with rules of its own."""

    def __init__(self, directory: Path, targets: Sequence[str], rules: str = "", alertmanager: str = "") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.directory = directory
        settings: dict[str, Any] = {
            "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "1s"},
            "scrape_configs": [{"job_name": "kpi-proxy", "static_configs": [{"targets": list(targets)}]}],
            "rule_files": [rules] if rules else [],
        }
        if alertmanager:
            settings["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]}
        directory.mkdir(exist_ok=True)
        (directory / "prometheus.yml").write_text(yaml.safe_dump(settings))

    @contextmanager
    def running(self, binary: str) -> Iterator[Database]:
        command = [
            binary,
            f"--config.file={self.directory}/prometheus.yml",
            f"--storage.tsdb.path={self.directory}/tsdb",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--rules.alert.resend-delay=5s",
            "--log.level=warn",
        ]
        with process(command, self.directory / "prometheus.log", f"{self.url}/-/ready"):
            yield self

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """An instant query's series."""
        address = f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                content = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{expression}: {error.read().decode()}") from None
        assert content["status"] == "success", content
        found: list[dict[str, Any]] = content["data"]["result"]
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Every rule with how its last evaluation went."""
        with urllib.request.urlopen(f"{self.url}/api/v1/rules", timeout=60) as answer:
            return [rule for group in json.loads(answer.read())["data"]["groups"] for rule in group["rules"]]


@contextmanager
def alerting(binary: str, directory: Path, settings: str) -> Iterator[str]:
    """An Alertmanager with these settings; gives its address."""
    address = f"127.0.0.1:{free_port()}"
    directory.mkdir(exist_ok=True)
    (directory / "alertmanager.yml").write_text(settings)
    command = [
        binary,
        f"--config.file={directory}/alertmanager.yml",
        f"--storage.path={directory}/data",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    with process(command, directory / "alertmanager.log", f"http://{address}/-/ready"):
        yield address


@contextmanager
def serving(get: Callable[[float], str] | None = None, take: Callable[[Any], None] | None = None) -> Iterator[str]:
    """An HTTP server on a free port: GET answers what `get` says at so many seconds of life, POST hands its JSON to `take`."""
    born = time.monotonic()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert get is not None
            self.answer(get(time.monotonic() - born))

        def do_POST(self) -> None:
            assert take is not None
            take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.answer("")

        def answer(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
