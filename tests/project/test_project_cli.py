"""The command from outside: exit status, standard output, standard error."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from proxy import __version__
from proxy.cli import main
from proxy.settings.model import Assistant
from tests.kpi import worths

FIGURES = {
    "assistant": "rh", "from": "2026-10-01", "to": "2026-10-31", "time_zone": "Europe/Paris", "definitions": "2",
    "kpis": {
        "automation_rate": {"value": 0.62, "numerator": 620, "denominator": 1000, "target": [0.5, 0.8], "status": "met"},
        "response_time": {"value": 3.25, "target": [None, 10.0], "status": "met", "n": 4000},
        "csat": {"value": None, "reason": "no ratings", "status": "not_enough_data"},
    },
    "provisional": {"automation_rate": {"value": 0.6}},
    "outcomes": {}, "open_sessions": 7,
    "completeness": {"captured": 1.0, "decoded": 0.998, "attributed": None, "dropped": 0},
}  # fmt: skip


LABELLED = {"automation_rate": {"value": 0.5}, "response_time": {"value": 2.5}, "wau": {"value": 25}}
HIDDEN = {name: {"value": None, "reason": "small_group"} for name in LABELLED}
GROUPS = {
    "assistant": "rh", "by": "department", "from": "2026-10-05", "to": "2026-10-25", "time_zone": "Europe/Paris",
    "definitions": "2", "suppressed_groups": 1,
    "groups": [
        {"label": "HR", "hidden": False, "kpis": LABELLED},
        {"label": "Law", "hidden": True, "kpis": HIDDEN},
        {"label": "", "hidden": False, "kpis": LABELLED},
    ],
}  # fmt: skip
SERIES = {
    "assistant": "rh", "interval": "week", "from": "2026-10-05", "to": "2026-10-12", "time_zone": "Europe/Paris",
    "definitions": "2",
    "series": [
        {"from": "2026-10-05", "to": "2026-10-11", "kpis": LABELLED},
        {"from": "2026-10-12", "to": "2026-10-12", "kpis": LABELLED},
    ],
}  # fmt: skip

VALUED = Assistant(upstream="http://a", name="rh", value=worths.VALUED)
CANNED = {
    "/api/v1/value": msgspec.to_builtins(worths.report_of(VALUED, date(2026, 10, 1), date(2026, 10, 31))),
    "/api/v1/kpis": FIGURES,
    "/api/v1/topics": {"from": "2026-09-28", "to": "2026-10-25", "kept": False, "smallest": 5, "topics": [], "hidden": 0},
    "/api/v1/days": {"days": [{"date": "2026-10-01", "kpis": {"automation_rate": {"value": 0.6}}}]},
    "/api/v1/assistants": {"assistants": [{"name": name, "time_zone": "Europe/Paris"} for name in ("rh", "it")]},
}


class CannedConsole(BaseHTTPRequestHandler):
    """Answers as the console's API does, to those who know the token."""

    asked: list[str] = []  # noqa: RUF012 - of the one server of a test, emptied by its fixture

    def do_GET(self) -> None:
        self.asked.append(self.path)
        query = parse_qs(urlsplit(self.path).query)
        content: Any
        status, content = 200, CANNED[urlsplit(self.path).path]
        if "by" in query:
            content = GROUPS
        elif "interval" in query:
            content = SERIES
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


def test_figures_by_group(console, capsys):
    assert main([*console, "--assistant", "rh", "--by", "department", "--profile", "staff"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert CannedConsole.asked == ["/api/v1/kpis?assistant=rh&profile=staff&by=department"]
    assert out[0] == "rh by department, 2026-10-05 to 2026-10-25 (Europe/Paris), definitions 2"
    assert out[1].split() == [
        "department",
        "sessions",
        "turns",
        "automation",
        "handover",
        "response_time",
        "csat",
        "adoption",
        "wau",
    ]
    assert [line.split()[0] for line in out[2:5]] == ["HR", "Law", "(none)"]
    assert out[2].split() == ["HR", "50.0%", "2.50", "s", "25"]
    assert "small_group" in out[3]
    assert out[5] == "hidden groups: 1"


def test_figures_by_week(console, capsys):
    assert main([*console, "--assistant", "rh", "--interval", "week", "--channel", "web"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert CannedConsole.asked == ["/api/v1/kpis?assistant=rh&channel=web&interval=week"]
    assert out[2].startswith("2026-10-05 to 2026-10-11")
    assert out[3].startswith("2026-10-12  ")


def test_a_breakdown_without_a_week_that_is_over_says_so(console, capsys, monkeypatch):
    monkeypatch.setitem(GROUPS, "from", None)
    assert main([*console, "--assistant", "rh", "--by", "department"]) == 0
    assert "whole weeks that are over" in capsys.readouterr().out


def test_a_refusal_is_told_with_its_hint(console, capsys):
    assert main([*console, "--assistant", "rh", "--from", "soon"]) == 1
    assert capsys.readouterr().err == "error: soon is no date; write YYYY-MM-DD\n"


def test_a_missing_token_is_told(console, capsys):
    assert main(console[:3]) == 1
    assert "give --token-file" in capsys.readouterr().err


def test_no_console_is_told(capsys):
    assert main(["kpis", "--console", "127.0.0.1:1"]) == 1
    assert "is kpi-proxy running" in capsys.readouterr().err


def test_value_prints_what_it_rests_on(console, capsys):
    assert main(["value", *console[1:], "--assistant", "rh", "--lang", "fr"]) == 0
    out = capsys.readouterr().out
    assert "rh, 2026-10-01 to 2026-10-31" in out
    assert "gpt-5" in out
    assert "80\u202f%" in out
    assert "Source\u202f: Finance | <b>." in out


def test_value_as_the_api_gives_it(console, capsys):
    assert main(["value", *console[1:], "--json", "--from", "2026-10-01"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["currency"] for line in lines] == ["EUR", "EUR"]
    assert sum("/api/v1/value?assistant=it&from=2026-10-01" in path for path in CannedConsole.asked) == 1


def test_a_report_is_written_to_a_file_of_its_name(console, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wanted = ["report", *console[1:], "--assistant", "rh", "--month", "2026-10", "--lang", "fr"]
    assert main(wanted) == 0
    text = (tmp_path / "rh-2026-10.html").read_text()
    assert "rh\u202f: le service rendu en octobre\u00a02026" in text
    assert "62,0\u202f%" in text
    assert "rh-2026-10.html" in capsys.readouterr().err
    october, september = "from=2026-10-01&to=2026-10-31", "from=2026-09-01&to=2026-09-30"
    assert CannedConsole.asked[1:] == [
        f"/api/v1/kpis?assistant=rh&{october}&interval=day",
        f"/api/v1/kpis?assistant=rh&{october}",
        f"/api/v1/kpis?assistant=rh&{september}",
        f"/api/v1/days?assistant=rh&{october}",
        f"/api/v1/value?assistant=rh&{october}",
        "/api/v1/kpis?assistant=rh&from=2026-10-05&to=2026-10-25&by=department",
        "/api/v1/topics?assistant=rh",
    ]
    assert main([*wanted, "--format", "csv", "--output", "-"]) == 0
    assert capsys.readouterr().out.startswith("assistant,month,figure,")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--month", "octobre", "--assistant", "rh"], 2, "months are written YYYY-MM"),
        (["--month", "2999-01", "--assistant", "rh"], 1, "2999-01 has not begun"),
        (["--month", "2026-10"], 1, "add --assistant, one of: rh, it"),
        (["--month", "2026-10", "--assistant", "hr"], 1, "there is no assistant 'hr'; there is: rh, it"),
        (
            ["--month", "2026-10", "--assistant", "rh", "--output", "/nowhere/report.html"],
            1,
            "/nowhere/report.html: No such file",
        ),
    ],
)
def test_a_report_that_can_not_be_made_says_why(console, capsys, arguments, status, said):
    assert main(["report", *console[1:], *arguments]) == status
    assert said in capsys.readouterr().err
