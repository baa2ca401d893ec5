"""Listeners, upstreams, certificates, and who may share an address."""

from pathlib import Path

import pytest

from proxy.settings.checks import Known
from proxy.settings.load import settings_of
from proxy.settings.model import Settings
from proxy.settings.sources import Given
from tests.relay.certificates import certificate

KNOWN = Known(presets=frozenset(), markers=frozenset({"handover-fr", "handover-en", "no-answer", "tickets", "thanks"}))


def faults(*assistants: str, base: Path = Path("/nowhere")) -> dict[str, str]:
    text = "assistants:\n" + "".join(
        f"  - {{name: a{at}, upstream: 'http://u:1', {each}}}\n" for at, each in enumerate(assistants)
    )
    outcome = settings_of(text, "x", Given(values={}, origins={}), base=base, here=base, known=KNOWN)
    return {} if isinstance(outcome, Settings) else {problem.path: f"{problem.what}, {problem.advice}" for problem in outcome}


@pytest.mark.parametrize(
    ("assistant", "path", "words"),
    [
        ("certificate: c.pem", "assistants[0].certificate", "no file"),
        ("client_key: k.pem", "assistants[0].client_certificate", "missing beside client_key"),
        ("proxied: [10.0.0]", "assistants[0].proxied[0]", "not a network"),
        ("hosts: ['a.test:80']", "assistants[0].hosts[0]", "without a port"),
        ("prefix: hr", "assistants[0].prefix", "write it as /hr"),
        ("replicas: ['http://u:1']", "assistants[0].replicas[0]", "twice"),
        ("replicas: ['https://u:1']", "assistants[0].replicas[0]", "another way"),
        ("replicas: ['http://127.0.0.1:8080']", "assistants[0].replicas[0]", "the proxy itself"),
        ("hosts: ['a.test', '*.b.test', '[::1]'], prefix: /hr, replicas: ['http://v:1'], proxied: [10.0.0.0/8]", "", ""),
    ],
)
def test_one_assistant(assistant: str, path: str, words: str) -> None:
    found = faults(assistant)
    assert bool(found) == bool(path)
    assert words in found.get(path, "")


@pytest.mark.parametrize(
    ("assistants", "path"),
    [
        (("prefix: /hr", ""), ""),
        (("hosts: [a.test]", "hosts: [b.test]"), ""),
        (("hosts: [a.test]", "hosts: [a.test], prefix: /b"), ""),
        (("", ""), "assistants[1].listen"),
        (("hosts: [a.test, c.test]", "hosts: [b.test, C.test]"), "assistants[1].listen"),
        (("prefix: /hr", "prefix: /hr"), "assistants[1].listen"),
        (("proxied: [10.0.0.0/8]", "prefix: /hr"), "assistants[1].proxied"),
        (("", "listen: 'localhost:8080', prefix: /hr"), "assistants[1].listen"),
    ],
)
def test_two_on_one_address(assistants: tuple[str, str], path: str) -> None:
    assert list(faults(*assistants)) == ([path] if path else [])


def test_a_certificate_and_the_key_of_another(tmp_path: Path) -> None:
    one, other = certificate(tmp_path, "one.test"), certificate(tmp_path, "other.test")
    assert faults(f"certificate: {one.file}, key: {one.key}") == {}
    assert list(faults(f"certificate: {one.file}, key: {other.key}")) == ["assistants[0].certificate"]
