"""Facts about the files around the code that would otherwise rot unseen."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from proxy.settings.checks import Known
from proxy.settings.load import load
from proxy.settings.model import Annotation, Probe, Settings, Sign
from proxy.settings.sources import OVERLAYS
from proxy.settings.summary import values
from proxy.settings.value import Assumptions, Cost, Phase, Price, Rate
from proxy.settings.yaml import read_yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "config" / "kpi-proxy.yaml"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LISTS = {
    "markers.http": Sign,
    "probes": Probe,
    "annotations": Annotation,
    "value.rates": Rate,
    "value.prices": Price,
    "value.costs": Cost,
    "value.assumptions": Assumptions,
    "value.phases": Phase,
}
"""Lists of sections: each entry's settings are explained above the list."""
MARKERS = frozenset({"handover-fr", "handover-en", "no-answer", "tickets", "thanks"})


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def compose() -> Any:
    return read_yaml(text("docker-compose.yml"), "docker-compose.yml")


def model_paths() -> set[str]:
    settings = load({"--config": str(EXAMPLE)}, {}, ROOT, Known(presets=frozenset(), markers=MARKERS))
    below = {f"assistants.{path}" for path, *_ in values(settings.assistants[0], type(settings.assistants[0]))}
    return below | {path for path, *_ in values(settings, Settings) if path != "assistants"}


def yaml_paths(node: Any, path: str = "") -> set[str]:
    match node:
        case dict():
            return {deep for key, under in node.items() for deep in yaml_paths(under, f"{path}.{key}" if path else key)}
        case [dict() as first, *_]:
            return yaml_paths(first, path)
        case _:
            return {path}


def test_the_example_shows_every_setting_and_no_other():
    assert yaml_paths(read_yaml(text("config/kpi-proxy.yaml"), "example")) == model_paths()


def test_the_example_shows_the_defaults():
    known = Known(presets=frozenset(), markers=MARKERS)
    example = load({"--config": str(EXAMPLE)}, {}, ROOT, known)
    assert example == load({"--upstream": "http://127.0.0.1:5005"}, {}, ROOT, known)


def test_the_settings_page_has_a_row_for_every_setting_and_no_other():
    rows = set(re.findall(r"^\| `([a-z_.\[\]]+)` \|", text("docs/settings.md"), re.MULTILINE))
    entries = {f"assistants.{path}.{name}" for path, entry in LISTS.items() for name in entry.__struct_encode_fields__}
    assert {row.replace("[]", "") for row in rows} == model_paths() | entries


@pytest.mark.parametrize(("path", "entry"), LISTS.items())
def test_the_example_names_what_the_entries_of_a_list_have(path, entry):
    about = text("config/kpi-proxy.yaml").partition(f" {path.rpartition('.')[2]}: []")[0]
    about = re.split(r"\n *[a-z_]+:", about)[-1]  # the comment right above it
    assert all(re.search(rf"\b{name}\b", about) for name in entry.__struct_encode_fields__)


def test_the_settings_page_has_every_option_and_variable():
    page = text("docs/settings.md")
    for overlay in OVERLAYS:
        assert re.search(rf"\| `{overlay.option} [A-Z:]+` \| `{overlay.variable}` \|", page), overlay


def test_each_direct_dependency_has_its_line():
    page = text("docs/dependencies.md")
    groups = [*PROJECT["dependency-groups"].values(), *PROJECT["project"]["optional-dependencies"].values()]
    wanted = PROJECT["project"]["dependencies"] + [each for group in groups for each in group]
    rows = re.findall(r"^\| ([a-z0-9-, ]+) \| .+ \| .+ \| .+ \|$", page, re.MULTILINE)
    named = {name.strip() for row in rows for name in row.split(",")}
    assert {Requirement(each).name for each in wanted} == named - {"package"}


OURS = ("alone", "proxy")
"""Services of the image that the compose file builds."""


def test_every_image_is_pinned():
    images = [service["image"] for name, service in compose()["services"].items() if name not in OURS]
    images += [line.split()[1] for line in text("Dockerfile").splitlines() if line.startswith("FROM")]
    for image in images:
        assert re.search(r":v?\d+\.\d+\.\d+", image), image


def test_compose_and_prometheus_agree_on_the_console():
    proxy = compose()["services"]["proxy"]["environment"]
    scrape = read_yaml(text("config/prometheus/prometheus.yml"), "prometheus.yml")
    assert isinstance(scrape, dict)
    targets = [target for job in scrape["scrape_configs"] for static in job["static_configs"] for target in static["targets"]]
    assert targets == ["proxy" + proxy["KPI_PROXY_CONSOLE"]]


def test_one_database_gets_the_figures_once():
    for name in OURS:  # nothing is pushed before the operator says where to
        assert compose()["services"][name]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == "${KPI_PROXY_OTLP:-}"
    collector = read_yaml(text("config/otel-collector/config.yaml"), "config.yaml")
    assert isinstance(collector, dict)
    assert collector["service"]["pipelines"]["metrics"]["exporters"] == ["debug"]


def test_the_minimal_profile_is_the_proxy_alone_and_the_full_one_has_everything():
    services = {name: service["profiles"] for name, service in compose()["services"].items()}
    assert [name for name, profiles in services.items() if "minimal" in profiles] == ["alone"]
    full = {name for name, profiles in services.items() if "full" in profiles}
    assert full == {"proxy", "redis", "collector", "prometheus", "alertmanager", "grafana"}
    assert full | {"alone"} == set(services)


@pytest.mark.parametrize(("service", "store"), [("alone", "embedded"), ("proxy", "redis://redis:6379/0")])
def test_the_compose_settings_load(tmp_path, service, store):
    token = tmp_path / "console_token"
    token.write_text("0123456789abcdef")
    settings = tmp_path / "kpi-proxy.yaml"
    settings.write_text(text(compose()["configs"]["settings"]["file"]).replace("/run/secrets/console_token", str(token)))
    environ = {key: value for key, value in compose()["services"][service]["environment"].items() if "${" not in value}
    environ["KPI_PROXY_UPSTREAM"] = "http://assistant"
    loaded = load({"--config": str(settings)}, environ, tmp_path, Known(presets=frozenset(), markers=MARKERS))
    assert (loaded.assistants[0].listen, loaded.console.listen, loaded.store.url) == (":8080", ":8081", store)


def test_the_container_is_nobody():
    assert re.search(r"^USER [1-9][0-9]*:[1-9][0-9]*$", text("Dockerfile"), re.MULTILINE)


@pytest.mark.parametrize("verb", ["help", "install", "run", "demo", "test", "lint", "bench", "lock", "clean"])
def test_make_help_names_each_verb(verb):
    said = subprocess.run(["make", "--no-print-directory", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^  {verb} +\w", said, re.MULTILINE)


def test_make_says_when_python_is_too_old(tmp_path):
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\ncase "$*" in *-V*) echo Python 3.9.2;; *) exit 1;; esac\n')
    old.chmod(0o755)
    said = subprocess.run(
        ["make", "-C", str(ROOT), "install", f"PYTHON={old}", f"VENV={tmp_path}/venv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode
    assert "Python 3.9.2, kpi-proxy needs Python 3.11 or newer" in said.stderr


def test_no_path_of_a_machine_is_in_the_project():
    files = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    home = re.compile(rb"/(?:root|home/[a-z]+|work/(?:main|shared))/")
    assert [name for name in files if (ROOT / name).is_file() and home.search((ROOT / name).read_bytes())] == []
