"""The Dockerfile without an engine: its steps followed in a scratch directory, and what they make run as the image would.

Installs everything anew, so it is asked for: `make image`, or where services are insisted on.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.config.shipped import ROOT
from tests.e2e.product import fetch, until
from tests.ports import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (os.environ.get("KPI_PROXY_IMAGE") or os.environ.get("KPI_PROXY_REQUIRE_SERVICES")), reason="make image runs it"
    ),
]

TEXT: Final = (ROOT / "Dockerfile").read_text("utf-8")


def interpreter() -> str:
    """A Python that the image's user can reach: root's own may lie in its home."""
    for candidate in (Path(sys.executable).resolve(), Path("/usr/bin/python3").resolve()):
        if candidate.exists() and all(parent.stat().st_mode & 0o001 for parent in candidate.parents):
            return str(candidate)
    pytest.skip("no Python here is for everybody")


def steps() -> list[list[tuple[str, str]]]:
    """Instructions with their arguments, by stage."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE))
    stages: list[list[tuple[str, str]]] = []
    for line in filter(None, joined.splitlines()):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            stages.append([])
        stages[-1].append((name, rest.strip()))
    return stages


class Image:
    """A directory that stands for the image's root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment: dict[str, str] = {}
        self.user = ""
        self.entry: list[str] = []
        self.arguments: list[str] = []
        self.health: list[str] = []
        self._workdir = root

    def placed(self, text: str) -> str:
        """The image's own paths, below the directory."""
        return re.sub(r"(?<![\w.:/])/(?=(?:opt|src|tmp/wheels|var/lib/kpi-proxy)\b)", f"{self.root}/", text)

    def follow(self, name: str, rest: str) -> None:
        match name:
            case "FROM" | "EXPOSE" | "STOPSIGNAL" | "VOLUME":
                pass
            case "WORKDIR":
                self._workdir = Path(self.placed(rest))
                self._workdir.mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(rest)
            case "RUN":
                command = re.sub(r"\bpython -m venv", f"{interpreter()} -m venv", self.placed(rest))
                subprocess.run(command, shell=True, check=True, cwd=self._workdir, capture_output=True)
            case "ENV":
                for key, value in re.findall(r"(\w+)=(\S+)", self.placed(rest)):
                    self.environment[key] = value.replace("$PATH", os.environ["PATH"])
            case "USER":
                self.user = rest
            case "ENTRYPOINT":
                self.entry = json.loads(rest)
            case "CMD":
                self.arguments = json.loads(rest)
            case "HEALTHCHECK":
                self.health = json.loads(rest.partition("CMD ")[2])
            case _:
                raise AssertionError(f"a step that nobody follows here: {name}")

    def _copy(self, rest: str) -> None:
        if rest.startswith("--from=build"):
            return  # one directory stands for both stages
        *sources, target = rest.split()
        tracked = subprocess.run(["git", "-C", str(ROOT), "ls-files", *sources], capture_output=True, text=True, check=True)
        for file in tracked.stdout.split("\n"):
            if file and (ROOT / file).is_file():
                inside = Path(file).relative_to(sources[0]) if file.startswith(f"{sources[0]}/") else Path(Path(file).name)
                place = self._workdir / target / inside
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / file, place)

    def command(self, *command: str) -> list[str]:
        """As the image's user, with nothing of the rights of this one."""
        user, _, group = self.user.partition(":")
        drop = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs"] if not os.geteuid() else []
        return [*drop, *command]

    def files(self) -> dict[str, int]:
        return {str(path): path.lstat().st_mtime_ns for path in (self.root / "opt" / "kpi-proxy").rglob("*")}


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with tempfile.TemporaryDirectory(prefix="kpi-proxy-image-") as directory:
        root = Path(directory)
        root.chmod(0o755)
        made = Image(root)
        build, final = steps()
        if os.geteuid():  # who is not root can't give directories away
            final = [(name, re.sub(r" -o \d+ -g \d+", "", rest)) for name, rest in final]
        for name, rest in (*build, *final):
            made.follow(name, rest)
        shutil.rmtree(root / "src")
        shutil.rmtree(root / "opt" / "build")
        subprocess.run(["chmod", "-R", "a-w", str(root / "opt")], check=True)
        yield made
        subprocess.run(["chmod", "-R", "u+w", str(root / "opt")], check=True)


def test_the_image_holds_the_product_and_nothing_to_change_it_with(image: Image) -> None:
    home = image.root / "opt" / "kpi-proxy"
    (package,) = home.glob("lib/python3.*/site-packages/proxy")
    for name in ("presets/openai-chat.yaml", "markers/handover-fr.yaml", "prometheus/rules/alerts.yml"):
        assert (package / "_config" / name).is_file()
    assert (package / "console" / "templates" / "base.html").is_file()
    assert not list(home.glob("bin/pip*"))
    assert not list(package.parent.glob("tests"))
    assert "PYTHONDONTWRITEBYTECODE" in image.environment


def test_it_checks_settings_as_nobody_on_a_read_only_tree(image: Image) -> None:
    before = image.files()
    done = subprocess.run(
        image.command(f"{image.root}/opt/kpi-proxy/bin/kpi-proxy", "check", "--upstream", "http://assistant:5005"),
        env=image.environment,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert not done.returncode, done.stderr
    assert f"state: {image.root}/var/lib/kpi-proxy" in done.stdout
    assert image.files() == before


def test_it_serves_and_is_healthy_by_its_own_check(image: Image) -> None:
    before = image.files()
    listen, console = free_port(), free_port()
    arguments = [each.replace(":8080", f"127.0.0.1:{listen}") for each in image.arguments]
    environment = {**image.environment, "KPI_PROXY_UPSTREAM": "http://127.0.0.1:9", "KPI_PROXY_CONSOLE": f"127.0.0.1:{console}"}
    entry = [shutil.which(image.entry[0], path=image.environment["PATH"]) or image.entry[0], *image.entry[1:]]
    with (image.root / "log").open("wb") as log:
        process = subprocess.Popen(image.command(*entry, *arguments), env=environment, cwd="/", stdout=log, stderr=log)
    try:

        def ready() -> bool | None:
            assert process.poll() is None, (image.root / "log").read_text()
            return True if fetch(f"http://127.0.0.1:{console}/readyz")[0] == 200 else None

        try:
            until(ready, "the image's command is ready")
        except AssertionError as error:
            raise AssertionError((image.root / "log").read_text()) from error
        health = [each.replace(":8081", f":{console}") for each in image.health]
        assert health != image.health
        check = [f"{image.root}/opt/kpi-proxy/bin/{health[0]}", *health[1:]]
        assert not subprocess.run(image.command(*check), env=environment, check=False, cwd="/").returncode
    finally:
        process.terminate()
        assert process.wait(60) == 0
    assert subprocess.run(image.command(*check), env=environment, check=False, cwd="/", capture_output=True).returncode
    assert image.files() == before
    owner = re.search(r"^USER (\d+)", TEXT, re.MULTILINE)
    assert owner is not None
    state = image.root / "var" / "lib" / "kpi-proxy"
    assert state.stat().st_mode & 0o777 == 0o700
    assert (state / "secret").stat().st_uid == (int(owner[1]) if not os.geteuid() else os.geteuid())
