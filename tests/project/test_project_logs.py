"""Logs: one JSON object a line when asked for, and a fault that repeats does not fill the disk."""

import json
import logging

import pytest

from proxy import logs
from proxy.logs import BURST, KINDS, TOTAL, WINDOW, Limited, set_up
from proxy.settings.model import Log


def record(text: str, *arguments: object, name: str = "proxy.relay", level: int = logging.ERROR) -> logging.LogRecord:
    return logging.LogRecord(name, level, "file.py", 1, text, arguments, None)


def test_what_repeats_is_held_back_and_counted():
    now = [0.0]
    limited = Limited(lambda: now[0])
    passed = [limited.filter(record("%s is gone", number)) for number in range(BURST + 30)]
    assert sum(passed) == BURST
    assert limited.filter(record("something else"))
    assert limited.filter(record("%s is gone", 1, level=logging.INFO))
    now[0] = WINDOW
    last = record("%s is gone", "relay 2")
    assert limited.filter(last)
    assert last.getMessage() == "relay 2 is gone (30 lines like it held back)"
    after = record("%s is gone", "relay 3")
    assert limited.filter(after)
    assert after.getMessage() == "relay 3 is gone"


def test_lines_that_all_differ_have_a_limit_too():
    now = [0.0]
    limited = Limited(lambda: now[0])
    assert sum(limited.filter(record(f"line {number}")) for number in range(5 * TOTAL)) == TOTAL
    assert len(limited._kinds) == KINDS
    now[0] = WINDOW
    assert limited.filter(record("line"))


@pytest.fixture
def root():
    logger = logging.getLogger()
    before = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:], logger.level = before


def test_json_is_one_object_a_line(root, capsys):
    set_up(Log(format="json"))
    logging.getLogger("proxy.observer").error("a task\nended", exc_info=ValueError("why"))
    (line,) = capsys.readouterr().err.splitlines()
    entry = json.loads(line)
    assert entry["level"] == "error"
    assert entry["logger"] == "proxy.observer"
    assert entry["message"] == "a task\nended"
    assert entry["exception"].endswith("ValueError: why")
    assert entry["time"].endswith("+00:00")


def test_every_process_limits_its_lines(root, capsys):
    set_up(Log())
    for _ in range(BURST + 5):
        logging.getLogger("proxy").error("again")
    assert len(capsys.readouterr().err.splitlines()) == BURST
    assert any(isinstance(each, Limited) for each in root.handlers[0].filters)
    assert logs.BURST < logs.TOTAL
