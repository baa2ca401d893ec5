"""The lock files fit pyproject.toml: no network, so that `make lint` holds it everywhere."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = {
    "runtime": PROJECT["project"]["dependencies"],
    "pdf": PROJECT["project"]["optional-dependencies"]["pdf"],
    "prices": PROJECT["project"]["optional-dependencies"]["prices"],
    "build": [*PROJECT["dependency-groups"]["build"], *PROJECT["build-system"]["requires"]],
    "test": PROJECT["dependency-groups"]["test"],
    "lint": PROJECT["dependency-groups"]["lint"],
}


def locked(name: str) -> dict[str, list[Version]]:
    """Versions by distribution; several where markers choose."""
    found: dict[str, list[Version]] = {}
    for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==(\S+)", line):
            found.setdefault(canonicalize_name(match[1]), []).append(Version(match[2]))
    return found


@pytest.mark.parametrize("name", WANTED)
def test_each_direct_dependency_is_locked_within_its_bounds(name):
    versions = locked(name)
    for text in WANTED[name]:
        wanted = Requirement(text)
        assert canonicalize_name(wanted.name) in versions, f"{wanted}: run `make lock`"
        for version in versions[canonicalize_name(wanted.name)]:
            assert wanted.specifier.contains(version, prereleases=True), f"{wanted} is locked at {version}: run `make lock`"


@pytest.mark.parametrize("name", WANTED)
def test_each_pin_has_hashes_and_no_place_of_its_own(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert blocks
    for block in blocks:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", block), block[:80]
        assert "--hash=sha256:" in block, block[:80]
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links|-e)\b|file:|https?://| @ ", text, re.MULTILINE)


def test_the_locks_agree_on_what_they_share():
    together: dict[str, set[tuple[Version, ...]]] = {}
    for name in WANTED:
        for package, versions in locked(name).items():
            together.setdefault(package, set()).add(tuple(versions))
    assert [package for package, seen in together.items() if len(seen) > 1] == []
