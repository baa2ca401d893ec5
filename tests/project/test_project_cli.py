"""The command from outside: exit status, standard output, standard error."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from proxy import __version__
from proxy.cli import main

FIGURES = {
    "assistant": "rh", "from": "2026-10-01", "to": "2026-10-31", "time_zone": "Europe/Paris", "definitions": "1",
    "kpis": {
        "automation_rate": {"value": 0.62, "numerator": 620, "denominator": 1000, "target": [0.5, 0.8], "status": "met"},
        "response_time": {"value": 3.25, "target": [None, 10.0], "status": "met", "n": 4000},
        "csat": {"value": None, "reason": "no ratings", "status": "not_enough_data"},
    },
    "provisional": {"automation_rate": {"value": 0.6}},
    "outcomes": {}, "open_sessions": 7,
    "completeness": {"captured": 1.0, "decoded": 0.998, "attributed": None, "dropped": 0},
}  # fmt: skip


class CannedConsole(BaseHTTPRequestHandler):
    """Answers as the console's API does, to those who know the token."""

    asked: list[str] = []  # noqa: RUF012 - of the one server of a test, emptied by its fixture

    def do_GET(self) -> None:
        self.asked.append(self.path)
        query = parse_qs(urlsplit(self.path).query)
        content: Any
        status, content = 200, FIGURES if "kpis" in self.path else {"assistants": [{"name": "rh"}, {"name": "it"}]}
        if self.headers["Authorization"] != "Bearer 0123456789abcdef":
            status, content = 401, {}
        elif query.get("from") == ["soon"]:
            status, content = 400, {"error": {"code": "period", "message": "soon is no date", "hint": "write YYYY-MM-DD"}}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def console(tmp_path) -> Iterator[list[str]]:
    CannedConsole.asked.clear()
    token = tmp_path / "token"
    token.write_text("0123456789abcdef\n")
    with HTTPServer(("127.0.0.1", 0), CannedConsole) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield ["kpis", "--console", f"127.0.0.1:{server.server_port}", "--token-file", str(token)]
        finally:
            server.shutdown()
            thread.join()


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert not ended.value.code
    assert capsys.readouterr().out == f"kpi-proxy {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["serv"], ["serve", "--upsteam", "http://a"]])
def test_what_is_asked_wrongly_ends_with_2(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


@pytest.mark.parametrize("verb", ["serve", "check"])
def test_all_faults_are_told_at_once_on_standard_error(verb, tmp_path, capsys):
    file = tmp_path / "kpi-proxy.yaml"
    file.write_text("consle: {}\nassistants: [{upstream: 'rasa:5005', identity: {usr: []}}]\n")
    assert main([verb, "--config", str(file)]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert 'error: consle: unknown, did you mean "console"?' in err
    assert 'error: assistants[0].identity.usr: unknown, did you mean "user"?' in err
    assert 'error: assistants[0].upstream: "rasa:5005" has no scheme, did you mean "http://rasa:5005"?' in err


def test_figures_as_a_table(console, capsys):
    assert main([*console, "--assistant", "rh", "--from", "2026-10-01", "--to", "2026-10-31"]) == 0
    out = capsys.readouterr().out
    assert CannedConsole.asked == ["/api/v1/kpis?assistant=rh&from=2026-10-01&to=2026-10-31"]
    assert [line.split() for line in out.splitlines() if line.startswith("automation")] == [
        ["automation_rate", "62.0%", "620/1000", "50.0%", "..", "80.0%", "met", "60.0%"]
    ]
    assert "3.25 s" in out
    assert "- (no ratings)" in out
    assert "decoded 99.8%" in out


def test_figures_of_every_assistant_as_json(console, capsys):
    assert main([*console, "--json"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [FIGURES, FIGURES]
    assert CannedConsole.asked == ["/api/v1/assistants?", "/api/v1/kpis?assistant=rh", "/api/v1/kpis?assistant=it"]


def test_a_refusal_is_told_with_its_hint(console, capsys):
    assert main([*console, "--assistant", "rh", "--from", "soon"]) == 1
    assert capsys.readouterr().err == "error: soon is no date; write YYYY-MM-DD\n"


def test_a_missing_token_is_told(console, capsys):
    assert main(console[:3]) == 1
    assert "give --token-file" in capsys.readouterr().err


def test_no_console_is_told(capsys):
    assert main(["kpis", "--console", "127.0.0.1:1"]) == 1
    assert "is kpi-proxy running" in capsys.readouterr().err
