"""Rules and alerts: each is tested by promtool, each alert has its page, and nothing else is claimed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from proxy.export.plan import targets
from proxy.kpi.cells import NOT_ITS_FAULT
from proxy.settings.model import Assistant
from tests.config.shipped import ROOT, RULES, TESTS, alerts, documents, rules

PAGE = (ROOT / "docs" / "alerts.md").read_text("utf-8")
METRICS = (ROOT / "docs" / "metrics.md").read_text("utf-8")
SCENARIOS = [test for path in sorted(TESTS.glob("*.yml")) for test in documents(path)[0]["tests"]]
EXPRESSIONS = [each for test in SCENARIOS for each in test["promql_expr_test"]]
RECORDS = {rule["record"] for rule in rules() if "record" in rule}
SUFFIXES = ("_bucket", "_sum", "_count")


def test_the_rules_are_well_formed(promtool: str) -> None:
    done = subprocess.run([promtool, "check", "rules", *RULES.glob("*.yml")], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr


def scrapes() -> list[str]:
    shipped = (ROOT / "config" / "prometheus" / "prometheus.yml").read_text("utf-8")
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    written = [block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "scrape_configs" in block]
    assert len(written) == 1
    return [shipped, *written]


def test_the_settings_of_prometheus_are_well_formed(promtool: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef")
    settings = tmp_path / "prometheus.yml"
    for text in scrapes():
        settings.write_text(text.replace("/run/secrets/console_token", str(tmp_path / "token")).replace("rules/", f"{RULES}/"))
        done = subprocess.run([promtool, "check", "config", str(settings)], capture_output=True, text=True, check=False)
        assert not done.returncode, done.stdout + done.stderr
        (job,) = yaml.safe_load(text)["scrape_configs"]
        assert job["job_name"] == "kpi-proxy"


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(TESTS.glob("*.yml")), ids=lambda path: path.stem)
def test_the_rules_do_what_they_say(promtool: str, path: object) -> None:
    done = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr


def test_every_record_is_tested() -> None:
    tested = {name for each in EXPRESSIONS for name in RECORDS if each["exp_samples"] and name in each["expr"]}
    assert tested == RECORDS


def fires(labels: str) -> set[str]:
    return set(re.findall(r'alertname="(\w+)"', labels))


def test_every_alert_is_seen_firing_and_not_firing() -> None:
    firing = {name for each in EXPRESSIONS for sample in each["exp_samples"] for name in fires(sample["labels"])}
    assert firing == set(alerts())
    quiet: set[str] = set()
    for each in EXPRESSIONS:
        if each["expr"].startswith("ALERTS"):
            asked = set(re.findall(r'alertname="(\w+)"', each["expr"])) or set(alerts())
            asked -= set(re.findall(r'alertname!="(\w+)"', each["expr"]))
            quiet |= asked - {name for sample in each["exp_samples"] for name in fires(sample["labels"])}
    assert quiet == set(alerts())


def test_every_alert_says_what_to_do() -> None:
    sections = re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)
    assert sorted(sections) == sorted(alerts())
    for name, rule in alerts().items():
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}, name
        assert rule["annotations"]["runbook_url"] == f"docs/alerts.md#{name.lower()}"
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        section = PAGE.partition(f"### {name}\n")[2].partition("\n#")[0]
        assert f"`{rule['labels']['severity']}`" in section, name
        assert "**Do**" in section, name


def test_the_rules_read_metrics_that_exist() -> None:
    """Of kpi-proxy's own: what another exporter would have to give is no rule of ours."""
    exported = set(re.findall(r"^\| `[a-z_.]+` \| `([a-z_]+)`", METRICS, re.MULTILINE))
    for rule in rules():
        expression = re.sub(r'"[^"]*"', '""', rule["expr"])
        for name in re.findall(r"\b(?:assistant|proxy)_[a-z_]*[a-z](?![\w:])", expression):
            if name == "assistant_window" or f"{name}:" in expression:
                continue
            base = next((name.removesuffix(each) for each in SUFFIXES if name.removesuffix(each) in exported), name)
            assert base in exported, f"{name} in {rule}"
        for name in re.findall(r"\b\w+:\w+:\w+\b", expression):
            assert name in RECORDS, f"{name} in {rule}"


def test_the_bounds_are_targets_that_are_exported() -> None:
    exported = {(labels["figure"], labels["bound"]) for _, labels in targets((Assistant(upstream="http://127.0.0.1:1"),))}
    for rule in rules():
        for figure, bound in re.findall(r'assistant_target:ratio\{figure="(\w+)",bound="(\w+)"\}', rule["expr"]):
            assert (figure, bound) in exported, rule


def test_what_is_not_the_assistants_fault_counts_in_no_rule() -> None:
    left_out = re.compile(r'error_type!~"([a-z_|]+)"')
    for rule in rules():
        for selector in re.findall(r"assistant_turns(?:_total|:increase)\{([^}]*)\}", rule["expr"]):
            if "error" in selector or "cancelled" in selector:
                found = left_out.search(selector)
                assert found is not None, rule
                assert set(found[1].split("|")) == NOT_ITS_FAULT
