"""Verified tokens in the settings: each fault is told with its path."""

from pathlib import Path

import pytest

from proxy.settings.model import Settings
from proxy.settings.people import Identity, Jwt
from tests.settings.one import NOWHERE, one_or_faults


def load(identity: str, base: Path = NOWHERE) -> Settings | dict[str, str]:
    return one_or_faults(f"identity: {identity}", base)


def test_tokens_are_read(tmp_path: Path):
    (tmp_path / "keys.json").write_text("{}")
    found = load("{user: ['claim:sub'], jwt: {keys_file: keys.json, issuer: i, audience: [a], algorithms: [PS256]}}", tmp_path)
    assert isinstance(found, Settings)
    jwt = Jwt(keys_file=str(tmp_path / "keys.json"), issuer="i", audience=("a",), algorithms=("PS256",))
    assert found.assistants[0].identity == Identity(user=("claim:sub",), jwt=jwt)


@pytest.mark.parametrize(
    "url", ["https://login.example.org/keys", "http://127.0.0.1:80/k", "http://localhost/k", "http://[::1]/k"]
)
def test_a_url_is_https_or_loopback(url: str):
    assert isinstance(load(f"{{user: ['claim:sub'], jwt: {{keys_url: '{url}'}}}}"), Settings)


@pytest.mark.parametrize(
    ("identity", "path"),
    [
        ("{user: ['claim:sub']}", "user[0]"),
        ("{department: ['header:x', 'claim:unit']}", "department[1]"),
        ("{user: ['claim:'], jwt: {keys_url: 'https://a/k'}}", "user[0]"),
        ("{jwt: {issuer: 'https://a'}}", "jwt"),
        ("{jwt: {keys_url: 'https://a/k'}}", "jwt"),
        ("{user: ['claim:sub'], jwt: {keys_file: /nowhere/at/all}}", "jwt.keys_file"),
        ("{user: ['claim:sub'], jwt: {keys_file: /etc/hostname, keys_url: 'https://a/k'}}", "jwt.keys_url"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'http://login.example.org/k'}}", "jwt.keys_url"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'http://127.0.0.1.example.org/k'}}", "jwt.keys_url"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'https://me:secret@a/k'}}", "jwt.keys_url"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'file:///keys'}}", "jwt.keys_url"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'https://[a/k'}}", "jwt.keys_url"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'https://a:x/k'}}", "jwt.keys_url"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'https://a/k', algorithms: []}}", "jwt.algorithms"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'https://a/k', algorithms: [HS256]}}", "jwt.algorithms[0]"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'https://a/k', algorithms: [none]}}", "jwt.algorithms[0]"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'https://a/k', header: 'a b'}}", "jwt.header"),
        ("{user: ['claim:sub'], jwt: {keys_url: 'https://a/k', leeway: 1h}}", "jwt.leeway"),
    ],
)
def test_faults_are_told_with_their_path(identity: str, path: str):
    found = load(identity)
    assert isinstance(found, dict)
    assert f"identity.{path}" in found
