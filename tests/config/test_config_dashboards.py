"""Dashboards: generated equals checked in, every panel is defined in both languages, every query gives something."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from config.grafana.source.__main__ import DASHBOARDS, HOME, files
from config.grafana.source.parts import COLUMNS, LANGUAGES
from tests.config.servers import Database
from tests.config.shipped import ROOT, RULES, SECONDS, documents, hurried, rules
from tests.e2e.product import SEEN, until
from tests.ports import free_port

METRICS = (ROOT / "docs" / "metrics.md").read_text("utf-8")
PAGE = (ROOT / "docs" / "dashboards.md").read_text("utf-8")
PROVISIONING = ROOT / "config" / "grafana" / "provisioning"

MODELS: Final[dict[str, Any]] = {
    f"{path.parent.name}/{path.stem}": json.loads(path.read_text("utf-8")) for path in sorted(HOME.glob("*/*.json"))
}
WINDOW: Final = "60s"
"""What is shown: history comes in for some seconds only, and on a busy machine the last gauge is there well after it."""
NEEDS_THE_PERIOD_BEFORE: Final = " offset $__range"
"""What compares with the period before is empty while there is none; the query itself must be right."""
NEEDS_FAULTS: Final = frozenset({"proxy_errors_total", "proxy_tokens_keys_stale"})
"""What the demo's people may leave untouched within the test's time, and the keys of tokens, which they have none of."""
NEEDS_A_JUDGE: Final = "proxy_judge_"
"""The demo has none: nobody is asked behind anybody's back."""
NEEDS_OUTCOMES: Final = "assistant_value"
"""No value is said while a quarter of the sessions waits for its outcome, as the demo's history does while it comes in."""


def panels(model: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [deep for panel in model["panels"] if panel["type"] == "row" for deep in panel["panels"]]
    return [panel for panel in model["panels"] + inner if panel["type"] != "row"]


def test_what_is_checked_in_is_what_the_source_says() -> None:
    written = dict(files())
    assert set(written) == set(HOME.glob("*/*.json"))
    for path, text in written.items():
        assert path.read_text("utf-8") == text, f"{path.name}: run `python -m config.grafana.source`"


@pytest.mark.parametrize("name", MODELS)
def test_every_panel_has_its_definition(name: str) -> None:
    for panel in panels(MODELS[name]):
        assert len(panel["description"]) > 25, panel["title"]
        assert panel["title"]
        assert panel["targets"]


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.uid)
def test_the_languages_differ_in_words_only(dashboard: Any) -> None:
    english, french = (panels(dashboard.json(language)) for language in LANGUAGES)
    assert len(english) == len(french)
    for one, other in zip(english, french, strict=True):
        assert [each["expr"] for each in one["targets"]] == [each["expr"] for each in other["targets"]]
        assert one["description"] != other["description"]
        assert one["gridPos"] == other["gridPos"]


@pytest.mark.parametrize("name", MODELS)
def test_the_panels_do_not_overlap(name: str) -> None:
    model = MODELS[name]
    shown = [each for each in model["panels"] if each["type"] != "row"]
    folded = [deep for each in model["panels"] for deep in each.get("panels", [])]
    numbers = [each["id"] for each in model["panels"] + folded]
    assert len(set(numbers)) == len(numbers)
    taken: set[tuple[int, int]] = set()
    for panel in [each for each in model["panels"] if each["type"] == "row"] + shown:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < COLUMNS
        taken |= cells


def test_the_queries_read_metrics_that_exist() -> None:
    exported = set(re.findall(r"^\| `[a-z_.]+` \| `([a-z_]+)`", METRICS, re.MULTILINE))
    known = exported | {f"{name}{suffix}" for name in exported for suffix in ("_bucket", "_sum", "_count")}
    records = {rule["record"] for rule in rules() if "record" in rule}
    for model in MODELS.values():
        for panel in panels(model):
            for target in panel["targets"]:
                text = re.sub(r'"[^"]*"', '""', target["expr"])
                for name in re.findall(r"(?<![\w:])[a-z_]+(?::[a-z_]+)+|(?<![\w:])(?:assistant|proxy)_[a-z_]+", text):
                    assert name in known | records, name


def test_the_page_names_every_panel() -> None:
    for dashboard in DASHBOARDS:
        for panel in panels(dashboard.json("en")):
            assert f"| {panel['title']} |" in PAGE, panel["title"]


def test_compose_provisions_what_is_there() -> None:
    providers = documents(PROVISIONING / "dashboards" / "kpi-proxy.yaml")[0]["providers"]
    assert [Path(each["options"]["path"]).name for each in providers] == list(LANGUAGES)
    mounts = documents(ROOT / "docker-compose.yml")[0]["services"]["grafana"]["volumes"]
    assert "./config/grafana/dashboards:/etc/grafana/dashboards:ro" in mounts
    assert "./config/grafana/provisioning:/etc/grafana/provisioning:ro" in mounts


class Filled(Database):
    """A Prometheus that has scraped the demo for a while."""

    def panel(self, expression: str) -> list[dict[str, Any]]:
        """A panel's query as Grafana sends it, with everything chosen and the last minute shown."""
        for name, value in (("$__rate_interval", WINDOW), ("$__range", WINDOW), ("$assistant", ".*"), ("$channel", ".*")):
            expression = expression.replace(name, value)
        assert "$" not in expression
        expression = re.sub(r"\[(\w+):1h\]", lambda found: f"[{SECONDS.get(found[1], 30)}s:{SECONDS['1h']}s]", expression)
        return self.ask(expression)


@pytest.fixture(scope="module")
def filled(prometheus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The demo with its people and its history, scraped from its first second on, under the shipped rules."""
    directory = tmp_path_factory.mktemp("dashboards")
    (directory / "rules").mkdir()
    for path in RULES.glob("*.yml"):
        (directory / "rules" / path.name).write_text(hurried(path.read_text()))
    listen, console = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    command = [str(Path(sys.executable).parent / "kpi-proxy"), "demo", "--listen", listen, "--console", console]
    with (
        Filled(directory / "prometheus", [console], f"{directory}/rules/*.yml").running(prometheus) as database,
        (directory / "demo.log").open("wb") as log,
    ):
        demo = subprocess.Popen([*command, "--state", str(directory / "state"), "--speed", "4"], stdout=log, stderr=log)
        try:
            assert isinstance(database, Filled)
            until(lambda: _told(demo, database), "history comes in")
            yield database
        finally:
            demo.terminate()
            demo.wait(60)


def _told(demo: subprocess.Popen[bytes], database: Filled) -> bool | None:
    """Whether the first of it is counted."""
    assert demo.poll() is None
    return True if database.ask("assistant_turns_total") else None


@pytest.mark.slow
@pytest.mark.e2e
def test_every_query_gives_something_on_demo_traffic(filled: Filled) -> None:
    allowed = (NEEDS_THE_PERIOD_BEFORE, *NEEDS_FAULTS, NEEDS_OUTCOMES, NEEDS_A_JUDGE)
    empty = {
        (panel["title"], target["expr"])
        for dashboard in DASHBOARDS
        for panel in panels(dashboard.json("en"))
        for target in panel["targets"]
        if not any(name in target["expr"] for name in allowed)
    }
    end = time.monotonic() + SEEN
    while empty and time.monotonic() < end:  # each at its time: windows are seconds, and what settled is soon out of them
        empty = {each for each in empty if not filled.panel(each[1])}
        time.sleep(0.5)  # as often as it scrapes
    assert empty == set()
    for rule in filled.rules():
        assert rule["health"] == "ok", rule
