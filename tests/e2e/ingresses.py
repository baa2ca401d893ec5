"""Servers that stand in front of the product, set up by the notes of docs/operating.md: nginx, Envoy and Traefik themselves."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.e2e.product import until
from tests.ports import free_port

PAGE: Final = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")
Ingress = Callable[[Path, int], AbstractContextManager[int]]
"""Takes a directory of its own and the product's port; gives its own."""


def notes(language: str, begin: str) -> str:
    """The one block of the page in a language that begins so."""
    (found,) = [block for block in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if block.startswith(begin)]
    return str(found)


def binary(name: str, variable: str = "") -> str:
    """A program: named by a variable, or on the path."""
    found = os.environ.get(variable) or shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
            pytest.fail(f"{name} is missing, and KPI_PROXY_REQUIRE_SERVICES is set")
        pytest.skip(f"{name} is not installed")
    return found


@contextmanager
def running(command: Sequence[str], directory: Path, port: int) -> Iterator[int]:
    """A server, from the moment at which it listens."""
    log = directory / "ingress.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)

    def listening() -> bool:
        assert process.poll() is None, log.read_text()
        with socket.create_connection(("127.0.0.1", port), 60):
            return True

    try:
        until(listening, f"{command[0]} listens")
        yield port
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def nginx(directory: Path, upstream: int) -> Iterator[int]:
    program, port = binary("nginx"), free_port()
    block = notes("nginx", "map ").replace("kpi-proxy:80", f"127.0.0.1:{upstream}")
    block = block.replace("server {\n", f"server {{ listen 127.0.0.1:{port};\n")
    settings = directory / "nginx.conf"
    settings.write_text(
        f"daemon off; master_process off; pid {directory}/nginx.pid; error_log stderr;"
        f"events {{}} http {{ access_log off; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;"
        f"fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;\n{block}}}"
    )
    with running([program, "-p", str(directory), "-c", str(settings), "-e", "stderr"], directory, port):
        yield port


@contextmanager
def envoy(directory: Path, upstream: int) -> Iterator[int]:
    program, port = binary("envoy", "KPI_PROXY_ENVOY"), free_port()
    manager, cluster = yaml.safe_load_all(notes("yaml", "# HttpConnectionManager"))
    extensions = "type.googleapis.com/envoy.extensions.filters"
    router = {"name": "router", "typed_config": {"@type": f"{extensions}.http.router.v3.Router"}}
    kind = f"{extensions}.network.http_connection_manager.v3.HttpConnectionManager"
    filters = [{"name": "http", "typed_config": {"@type": kind, "stat_prefix": "in", **manager, "http_filters": [router]}}]
    endpoint = {"endpoint": {"address": _address(upstream)}}
    assignment = {"cluster_name": "kpi-proxy", "endpoints": [{"lb_endpoints": [endpoint]}]}
    bootstrap = {
        "static_resources": {
            "listeners": [{"name": "in", "address": _address(port), "filter_chains": [{"filters": filters}]}],
            "clusters": [{"name": "kpi-proxy", "type": "STATIC", "load_assignment": assignment, **cluster}],
        }
    }
    settings = directory / "envoy.yaml"
    settings.write_text(yaml.safe_dump(bootstrap))
    command = [program, "-c", str(settings), "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]
    with running(command, directory, port):
        yield port


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


@contextmanager
def traefik(directory: Path, upstream: int) -> Iterator[int]:
    program, port = binary("traefik", "KPI_PROXY_TRAEFIK"), free_port()
    settings = directory / "dynamic.yaml"
    settings.write_text(notes("yaml", "http:").replace("kpi-proxy:80", f"127.0.0.1:{upstream}"))
    where = [f"--entryPoints.web.address=127.0.0.1:{port}", f"--providers.file.filename={settings}"]
    with running([program, *where, "--global.checkNewVersion=false", "--log.level=WARN"], directory, port):
        yield port
