"""A token is taken off as its record comes in; what is left says whom it proves, or why nobody."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from proxy.meaning.sources import CLAIMS, REFUSED
from proxy.observer.tokens import Tokens
from proxy.records import Opened
from proxy.settings.model import Assistant
from proxy.settings.people import Identity, Jwt
from tests.tokens import AUDIENCE, ISSUER, Issuer

NOW = 1_800_000_000.0
MINE = Issuer()


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    (tmp_path / "keys.json").write_bytes(MINE.jwks())
    jwt = Jwt(keys_file=str(tmp_path / "keys.json"), issuer=ISSUER, audience=(AUDIENCE,))
    checked = Assistant(upstream="http://a", name="rh", identity=Identity(user=("claim:sub",), jwt=jwt))
    return Tokens([checked, Assistant(upstream="http://b", name="it")])


def opened(*found: str, at: float = NOW) -> Opened:
    fields = (("content-type", "application/json"), *(("token:authorization", each) for each in found))
    return Opened(at, "203.0.113.9", "POST", "/chat", (), fields)


def refused(tokens: Tokens) -> dict[str, int]:
    return {reason: count for (name, reason), count in tokens.refused.items() if count and name == "rh"}


def test_a_token_that_holds_leaves_its_claims_alone(tokens: Tokens):
    token = MINE.token(at=NOW)
    fields = dict(tokens.admit("rh", opened(token)).headers)
    assert set(fields) == {"content-type", CLAIMS}
    assert json.loads(base64.urlsafe_b64decode(fields[CLAIMS] + "=="))["sub"] == "ann"
    assert token.rpartition(".")[2] not in repr(fields)
    assert not refused(tokens)


def test_a_record_that_comes_late_is_judged_by_its_own_time(tokens: Tokens):
    token = MINE.token(at=NOW - 1000)
    assert CLAIMS in dict(tokens.admit("rh", opened(token, at=NOW - 900)).headers)
    assert dict(tokens.admit("rh", opened(token)).headers)[REFUSED] == "expired"


def test_refusals_are_counted_and_leave_nothing_of_the_token(tokens: Tokens):
    holding = MINE.token(at=NOW)
    for found in (
        (MINE.token(at=NOW - 1000),),
        (Issuer("2").token(at=NOW),),
        (Issuer().token(at=NOW),),
        ("",),
        (holding, holding),
    ):
        head = tokens.admit("rh", opened(*found))
        assert {name for name, _ in head.headers} == {"content-type", REFUSED}
        assert not [each for each in found if each and each in repr(head)]
    assert refused(tokens) == {"expired": 1, "key_unknown": 1, "signature": 1, "malformed": 2}
    assert len(tokens.refused) == 7


def test_a_head_without_a_token_stays_as_it_is(tokens: Tokens):
    head = opened()
    assert tokens.admit("rh", head) is head
    assert not refused(tokens)


def test_a_token_of_an_assistant_that_no_longer_verifies_any_is_dropped(tokens: Tokens):
    assert dict(tokens.admit("it", opened(MINE.token(at=NOW))).headers) == {"content-type": "application/json"}


def test_keys_that_can_not_be_had_are_told(tmp_path: Path):
    jwt = Jwt(keys_file=str(tmp_path / "none.json"))
    tokens = Tokens([Assistant(upstream="http://a", name="rh", identity=Identity(user=("claim:sub",), jwt=jwt))])
    assert tokens.stale == ("rh",)
    assert dict(tokens.admit("rh", opened(MINE.token(at=NOW))).headers)[REFUSED] == "key_unknown"
