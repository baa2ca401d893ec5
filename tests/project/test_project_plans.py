"""What a relay may copy of a head is what presets and settings read, and no more."""

from pathlib import Path

import pytest

from proxy.plans import presets_of, relay_plan
from proxy.settings.model import Assistant, Export, Settings
from proxy.settings.people import Identity, Jwt


@pytest.mark.parametrize("traces", [False, True])
def test_a_relay_notes_the_callers_trace_only_when_told_to(traces: bool, tmp_path: Path):
    settings = Settings(assistants=(Assistant(upstream="http://127.0.0.1:1"),), export=Export(traces=traces))
    (assistant,) = relay_plan(settings, presets_of(settings), tmp_path, b"secret", [0]).assistants
    assert ("traceparent" in assistant.wanted.headers) is traces


def test_a_relay_hashes_keys_for_presets_of_the_operators_own_too(tmp_path: Path):
    own = tmp_path / "desk.yaml"
    own.write_text(
        "id: desk\ntitle: Desk\nmatch: [{path: /desk$}]\nrequest: {user: 'hash:x-desk-key', text: q}\nresponse: {text: a}\n"
        "examples: {match: [{path: /desk, request: {q: hi}, response: {a: ho}, expect: {user_text: hi}}]}\n"
    )

    def hashed(preset: str | tuple[str, ...]) -> frozenset[str]:
        settings = Settings(assistants=(Assistant(upstream="http://127.0.0.1:1", preset=preset),))
        return relay_plan(settings, presets_of(settings), tmp_path, b"secret", [0]).assistants[0].wanted.hashed_headers

    assert hashed(str(own)) == {"x-desk-key"}
    assert hashed((str(own), "voiceflow")) == {"x-desk-key", "authorization"}
    assert hashed("auto") == set()


def test_a_relay_ships_tokens_only_of_the_assistant_that_verifies_them(tmp_path: Path):
    identity = Identity(user=("claim:sub",), jwt=Jwt(keys_url="https://login.example.org/keys", header="X-Token"))
    checked = Assistant(upstream="http://127.0.0.1:1", name="checked", identity=identity)
    beside = Assistant(upstream="http://127.0.0.1:1", name="beside", identity=Identity(user=("jwt:x-token#sub",)))
    settings = Settings(assistants=(checked, beside))
    found = relay_plan(settings, presets_of(settings), tmp_path, b"secret", [0, 1]).assistants
    assert [each.wanted.token_headers for each in found] == [{"x-token"}, set()]
    assert [each.wanted.jwt_headers for each in found] == [set(), {"x-token"}]
