"""Kubernetes manifests, the unit for systemd, the compose file: valid, and in agreement with the product."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from proxy.settings.checks import Known
from proxy.settings.load import load
from proxy.settings.model import Limits
from proxy.supervisor import OBSERVER_END
from tests.config.shipped import ROOT, documents

KUBERNETES: Final = ROOT / "config" / "kubernetes"
UNIT: Final = ROOT / "config" / "systemd" / "kpi-proxy.service"
VARIANTS: Final = ("gateway", "sidecar")
VERSIONS: Final = ("1.30", "1.37")
"""The first with all that the manifests use (a preStop that sleeps), and the newest with a schema."""

RELAYS_MORE: Final = 5.0
"""Seconds that the supervisor gives relays beyond `limits.drain`."""
NEEDED: Final = Limits().drain + RELAYS_MORE + OBSERVER_END


def render(variant: str) -> str:
    """What kustomize makes of a variant. No Debian package has a kustomize that is new enough, so this is never insisted on."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    return subprocess.run([kubectl, "kustomize", str(KUBERNETES / variant)], capture_output=True, text=True, check=True).stdout


def resources(variant: str) -> dict[str, Any]:
    found = [each for each in yaml.safe_load_all(render(variant)) if each]
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in found}


def pod(found: dict[str, Any], variant: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The pod's template and the container of kpi-proxy in it."""
    workload = found["StatefulSet/kpi-proxy" if variant == "gateway" else "Deployment/assistant"]
    template: dict[str, Any] = workload["spec"]["template"]
    containers = template["spec"]["containers"] + template["spec"].get("initContainers", [])
    return template, next(each for each in containers if each["name"] == "kpi-proxy")


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_manifests_fit_the_published_schemas(variant: str, tmp_path: Path) -> None:
    file = tmp_path / f"{variant}.yaml"
    file.write_text(render(variant))
    versions = [part for version in VERSIONS for part in ("-k", version)]
    command = [sys.executable, "-m", "kubernetes_validate", "--strict", *versions, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("passed for resource") == len(VERSIONS) * len(resources(variant))


@pytest.mark.parametrize("variant", VARIANTS)
def test_there_is_time_to_drain(variant: str) -> None:
    template, container = pod(resources(variant), variant)
    wait = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert template["spec"]["terminationGracePeriodSeconds"] >= wait + NEEDED


def test_compose_and_systemd_leave_time_to_drain() -> None:
    grace = documents(ROOT / "docker-compose.yml")[0]["services"]["proxy"]["stop_grace_period"]
    assert float(grace.removesuffix("s")) >= NEEDED
    stop = re.search(r"^TimeoutStopSec=(\d+)s$", UNIT.read_text(), re.MULTILINE)
    assert stop is not None
    assert float(stop[1]) >= NEEDED


def test_what_compose_gives_a_read_only_container_are_files() -> None:
    compose = documents(ROOT / "docker-compose.yml")[0]
    ours = [each for each in compose["services"].values() if each.get("read_only")]
    assert len(ours) == 2
    for service in ours:
        given = [compose["configs"][each["source"]] for each in service["configs"]]
        given += [compose["secrets"][name] for name in service["secrets"]]
        assert {key for each in given for key in each} == {"file"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_container_has_no_rights(variant: str) -> None:
    template, container = pod(resources(variant), variant)
    security = template["spec"]["securityContext"] | container["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert user is not None
    assert (security["runAsUser"], security["runAsGroup"]) == (int(user[1]), int(user[2]))
    assert template["spec"]["automountServiceAccountToken"] is False


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_settings_load_and_the_ports_agree(variant: str, tmp_path: Path) -> None:
    found = resources(variant)
    _, container = pod(found, variant)
    values = {each["name"]: each.get("value", "redis://redis:6379/0") for each in container["env"]}
    settings = next(each for name, each in found.items() if name.startswith("ConfigMap/"))["data"]["kpi-proxy.yaml"]
    (tmp_path / "console-token").write_text("0123456789abcdef")
    file = tmp_path / "kpi-proxy.yaml"
    file.write_text(settings.replace("/run/secrets/kpi-proxy/", f"{tmp_path}/"))
    markers = frozenset({"handover-fr", "handover-en", "no-answer", "tickets", "thanks"})
    loaded = load({"--config": str(file)}, values, tmp_path, Known(presets=frozenset(), markers=markers))
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert loaded.assistants[0].listen == f":{ports['http']}"
    assert loaded.console.listen == f":{ports['console']}"
    mounts = {each["mountPath"] for each in container["volumeMounts"]}
    assert str(Path(loaded.state).parent) in mounts
    assert {str(Path(values["KPI_PROXY_SECRET_FILE"]).parent), "/tmp", "/etc/kpi-proxy"} <= mounts
    paths = {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert paths == {"/readyz", "/healthz"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_resources_mean_one_another(variant: str) -> None:
    found = resources(variant)
    template, _ = pod(found, variant)
    labels = template["metadata"]["labels"]
    for name, each in found.items():
        match each["kind"]:
            case "Service":
                assert each["spec"]["selector"] == labels, name
            case "PodDisruptionBudget":
                assert each["spec"]["selector"]["matchLabels"] == labels
            case "NetworkPolicy":
                assert each["spec"]["podSelector"]["matchLabels"] == labels
            case "HorizontalPodAutoscaler":
                target = each["spec"]["scaleTargetRef"]
                assert f"{target['kind']}/{target['name']}" in found
    keys = {item["key"] for volume in template["spec"]["volumes"] for item in volume.get("secret", {}).get("items", [])}
    told = set(re.findall(r"--from-literal=([a-z-]+)=", (KUBERNETES / "base" / "kustomization.yaml").read_text()))
    assert keys | {"redis-url"} == told


def test_the_unit_starts_what_is_installed_and_writes_where_it_may() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)  # some keys of a unit stand twice
    unit.read_string(UNIT.read_text())
    assert set(unit.sections()) == {"Unit", "Service", "Install"}
    service = unit["Service"]
    assert service["ExecStart"].startswith("/opt/kpi-proxy/bin/kpi-proxy serve --config ")
    assert f"KPI_PROXY_STATE=/var/lib/{service['StateDirectory']} " in service["Environment"]
    assert service["ProtectSystem"] == "strict"
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"


def test_systemd_takes_the_unit_and_finds_little_exposed(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:  # a container has no systemd, and wants none
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "kpi-proxy.service"
    unit.write_text(UNIT.read_text().replace("/opt/kpi-proxy/bin/kpi-proxy", shutil.which("true") or "/bin/true"))
    done = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # In tenths: 0 has no access to anything, 100 has to everything.
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", str(unit)], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout
