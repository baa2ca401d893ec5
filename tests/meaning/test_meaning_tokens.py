"""Tokens hold by given keys at a given time, and in no other way; each other way has its one reason."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from proxy.meaning.sources import CLAIMS, REFUSED
from proxy.meaning.tokens import REFUSALS, KeysError, Verified, read_keys, verify
from proxy.settings.people import Identity, Jwt
from tests.tokens import AUDIENCE, ISSUER, Issuer

NOW = 1_800_000_000.0
WANTED = Jwt(keys_file="keys.json", issuer=ISSUER, audience=("other", AUDIENCE))
MINE = Issuer()
KEYS = read_keys(MINE.jwks())
THEIRS = Issuer()


def part(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: dict[str, Any], secret: bytes | None = None) -> str:
    """A token that anybody could make: without a signature, or by HMAC."""
    told = {"sub": "eve", "iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 300}
    signed = f"{part(header)}.{part(told)}"
    return f"{signed}." + ("" if secret is None else part(hmac.digest(secret, signed.encode(), "sha256")))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_token_holds(algorithm: str):
    found = verify(MINE.token(algorithm, at=NOW, aud=["x", AUDIENCE]), KEYS, WANTED, NOW)
    assert isinstance(found, Verified)
    assert json.loads(base64.urlsafe_b64decode(found.payload + "=="))["sub"] == "ann"


def test_a_token_without_key_id_is_tried_with_each_key():
    keys = (*read_keys(THEIRS.jwks()), *KEYS)
    assert isinstance(verify(MINE.token(at=NOW, headers={"kid": None}), keys, WANTED, NOW), Verified)
    assert verify(Issuer().token(at=NOW, headers={"kid": None}), keys, WANTED, NOW) == "signature"


@pytest.mark.parametrize(
    ("changed", "at", "reason"),
    [
        ({}, NOW + 330, "expired"),
        ({}, NOW - 31, "expired"),
        ({"exp": None}, NOW, "malformed"),
        ({"exp": str(NOW + 300)}, NOW, "malformed"),
        ({"exp": True}, NOW, "malformed"),
        ({"nbf": "now"}, NOW, "malformed"),
        ({"iss": "https://other.example.org"}, NOW, "issuer"),
        ({"iss": None}, NOW, "issuer"),
        ({"aud": "elsewhere"}, NOW, "audience"),
        ({"aud": None}, NOW, "audience"),
        ({"aud": []}, NOW, "audience"),
        ({"aud": {"other": 1}}, NOW, "audience"),
        ({"sub": "x" * 20_000}, NOW, "malformed"),
    ],
)
def test_claims_that_do_not_hold(changed: dict[str, Any], at: float, reason: str):
    assert verify(MINE.token("ES256", at=NOW, **changed), KEYS, WANTED, at) == reason


def test_clocks_may_differ_a_little():
    assert isinstance(verify(MINE.token("ES256", at=NOW), KEYS, WANTED, NOW + 329), Verified)
    assert isinstance(verify(MINE.token("ES256", at=NOW), KEYS, WANTED, NOW - 30), Verified)


def test_what_the_settings_leave_open_may_be_anything():
    token = MINE.token("ES256", at=NOW, iss=None, aud=None, nbf=None)
    assert isinstance(verify(token, KEYS, Jwt(keys_file="keys.json"), NOW), Verified)


def test_another_issuers_key_under_the_same_id_is_no_signature():
    for algorithm in ("RS256", "ES256", "EdDSA"):
        assert verify(THEIRS.token(algorithm, at=NOW), KEYS, WANTED, NOW) == "signature"


def test_an_altered_payload_is_no_signature():
    header, _, signature = MINE.token(at=NOW).split(".")
    assert verify(f"{header}.{part({'sub': 'eve', 'exp': NOW + 300})}.{signature}", KEYS, WANTED, NOW) == "signature"


def test_unknown_keys_and_no_keys():
    assert verify(Issuer("2").token(at=NOW), KEYS, WANTED, NOW) == "key_unknown"
    assert verify(MINE.token(at=NOW), (), WANTED, NOW) == "key_unknown"
    assert verify(MINE.token("ES256", at=NOW, headers={"kid": MINE.kid("RS256")}), KEYS, WANTED, NOW) == "key_unknown"


def test_nobody_signs_with_what_everybody_knows():
    """`none`, and HS256 with the public key as its secret (RFC 8725, 2.1)."""
    public = MINE.keys["RS256"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for name in ("none", "None", "NONE", ""):
        assert verify(forged({"alg": name}), KEYS, WANTED, NOW) == "algorithm"
    for secret in (pem, pem.strip(), MINE.jwks(), b""):
        assert verify(forged({"alg": "HS256", "kid": MINE.kid("RS256")}, secret), KEYS, WANTED, NOW) == "algorithm"


def test_only_the_algorithms_of_the_settings():
    token = jwt.encode({"exp": NOW + 300}, MINE.keys["RS256"], "PS256", {"kid": MINE.kid("RS256")})
    assert verify(token, KEYS, WANTED, NOW) == "algorithm"
    assert isinstance(verify(token, KEYS, Jwt(keys_file="k", algorithms=("PS256",)), NOW), Verified)


@pytest.mark.parametrize(
    "token",
    [
        "", "..", "a.b", "a.b.c", "%%%.%%%.%%%", "é.é.é", f"{part([])}.{part({})}.x", f"{part({'kid': 'x'})}.e30.x",
        f"{part({'alg': ['RS256']})}.e30.x", f"{part({'alg': 'RS256', 'kid': 3})}.e30.x", f"{part(b'[' * 9000)}.e30.x",
        f"{part({'alg': 'RS256', 'crit': ['x'], 'x': 1})}.e30.AAAA", f"{part({'alg': 'RS256', 'b64': False})}..AAAA",
    ],
)  # fmt: skip
def test_garbage_is_malformed(token: str):
    assert verify(token, KEYS, WANTED, NOW) == "malformed"


@given(st.one_of(st.text(), st.lists(st.binary().map(part), min_size=3, max_size=3).map(".".join)))
def test_no_text_raises_or_holds(text: str):
    assert verify(text, KEYS, WANTED, NOW) in REFUSALS


@given(st.binary())
def test_no_payload_or_signature_of_an_honest_head_raises_or_holds(data: bytes):
    assert verify(f"{part({'alg': 'ES256'})}.{part(data)}.{part(data[:64])}", KEYS, WANTED, NOW) in REFUSALS


def test_a_signed_payload_that_is_no_object():
    token = jwt.PyJWS().encode(b"[1]", MINE.keys["ES256"], "ES256", {"kid": MINE.kid("ES256")})
    assert verify(token, KEYS, WANTED, NOW) == "malformed"


@pytest.mark.parametrize(
    "document",
    [
        b"", b"{", b"[]", b'{"keys": {}}', b'{"keys": []}', b'{"keys": [1, {}, {"kty": "RSA"}, {"kty": "EC", "crv": 1}]}',
        b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "s"}]}',
        b'{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}',
    ],
)  # fmt: skip
def test_a_set_without_a_usable_key_is_refused(document: bytes):
    with pytest.raises(KeysError):
        read_keys(document)


def test_private_weak_and_other_keys_are_left_out():
    with pytest.raises(KeysError):
        read_keys(MINE.jwks(private=True))
    assert {key.algorithm for key in read_keys(Issuer(bits=1024).jwks())} == {"ES256", "EdDSA"}
    entries = json.loads(MINE.jwks())["keys"]
    entries[0]["alg"] = "RS512"
    entries[1]["use"] = "enc"
    assert {key.algorithm for key in read_keys(json.dumps({"keys": entries}).encode())} == {"RS512", "EdDSA"}


IDENTITY = Identity(user=("claim:sub", "body:user"), department=("claim:org.unit",), jwt=WANTED)
CHAT = "/v1/chat/completions"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "user": "body-user"}
ANSWER = {"object": "chat.completion", "choices": [{"message": {"content": "hello"}, "finish_reason": "stop"}]}


def test_verified_claims_are_believed_from_any_peer_and_a_refused_token_is_nobodys(understanding, exchange):
    reader = understanding(identity=IDENTITY, preset="openai-chat")

    def turn(headers: dict[str, str], client: str = "203.0.113.9") -> Any:
        (found,) = reader.read(exchange(CHAT, ASKED, ANSWER, headers=headers, client=client))
        return found

    claims = part({"sub": "ann", "org": {"unit": "RH"}})
    known, other, nobody = turn({CLAIMS: claims}), turn({}), turn({REFUSED: "expired"}, "127.0.0.1")
    assert known.user not in (None, other.user)
    assert known.user == turn({CLAIMS: part({"sub": "ann"})}, "127.0.0.1").user
    assert known.department == "RH"
    assert other.user
    assert not nobody.user
    assert not nobody.department
