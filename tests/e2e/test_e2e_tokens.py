"""People of an issuer whose keys are published: those of tokens that hold are counted, and no token stays anywhere."""

from __future__ import annotations

import base64
import hmac
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say
from tests.tokens import AUDIENCE, ISSUER, Issuer

pytestmark = pytest.mark.e2e

CANARY = "canari7f3b"
MINE = Issuer()


async def published(_: web.Request) -> web.Response:
    return web.Response(body=MINE.jwks())


def person(name: str) -> str:
    return f"{CANARY}-{name}@example.org"


def forged() -> str:
    """HS256 with the public key as its secret."""
    public = MINE.keys["RS256"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = {"alg": "HS256", "kid": MINE.kid("RS256")}
    claims = {"email": person("forged"), "iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 300}
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (head, claims)]
    signature = base64.urlsafe_b64encode(hmac.digest(pem, b".".join(parts), "sha256")).rstrip(b"=")
    return b".".join([*parts, signature]).decode()


def refusals(product: Product) -> dict[str, int]:
    found = re.findall(
        r'^proxy_tokens_refused_total\{[^}]*reason="(\w+)"[^}]*\} (\S+)$', product.get("/metrics").decode(), re.MULTILINE
    )
    return {reason: int(float(count)) for reason, count in found if float(count)}


def test_people_are_known_by_tokens_that_hold_and_by_no_other(start: Start, tmp_path: Path) -> None:
    now = time.time()
    holding = [
        MINE.token(name, at=now, email=person(who)) for name, who in (("RS256", "ann"), ("ES256", "bob"), ("EdDSA", "eve"))
    ]
    holding.append(MINE.token("ES256", at=now - 10, email=person("ann")))
    refused = {
        "expired": MINE.token(at=now - 3600, email=person("late")),
        "signature": Issuer().token(at=now, email=person("other")),
        "key_unknown": Issuer("2").token(at=now, email=person("unknown")),
        "audience": MINE.token(at=now, email=person("elsewhere"), aud="elsewhere"),
        "issuer": MINE.token(at=now, email=person("stranger"), iss="https://else.example.org"),
        "algorithm": forged(),
        "malformed": f"{CANARY}-key",
    }
    with Server(chat) as upstream, Server(published) as issuer:
        jwt = {"keys_url": f"{issuer.url}/jwks", "issuer": ISSUER, "audience": [AUDIENCE]}
        identity = {"user": ["claim:email", "header:x-forwarded-user", "body:user"], "trusted": ["10.0.0.0/8"], "jwt": jwt}
        product = start(
            {"assistants": [{"name": "chat", "upstream": upstream.url, "identity": identity}], "log": {"level": "debug"}}
        )
        until(lambda: "keys of its tokens were read" in product.log.read_text() or None, "the keys")
        recording, told = tmp_path / "product" / "recorded.jsonl", tmp_path / "told"
        with told.open("wb") as errors:
            command = [sys.executable, "-m", "proxy", "record", str(recording), "--state", str(product.state)]
            recorder = subprocess.Popen(command, stderr=errors)
        until(lambda: "recording;" in told.read_text() or None, "the recorder")
        port = product.listen["chat"]
        for number, token in enumerate((*holding, *refused.values())):
            said = {"Authorization": f"Bearer {token}", "X-Forwarded-User": person("header")}
            say(port, f"question {number}", user=person("body"), headers=said)
        until(lambda: product.kpis("chat")["kpis"]["turns"]["value"] == len(holding) + len(refused) or None, "the turns")
        assert until(lambda: refusals(product) or None, "the refusals") == dict.fromkeys(refused, 1)
        assert product.kpis("chat")["kpis"]["wau"]["value"] == 3
        assert b'proxy_tokens_keys_stale{assistant="chat"' in product.get("/metrics")
        until(lambda: len(recording.read_text().splitlines()) == 1 + len(holding) + len(refused) or None, "all is recorded")
        recorder.send_signal(signal.SIGINT)
        assert recorder.wait(60) == 0
        shown = [product.get(path) for path in ("/", "/metrics", "/api/v1/kpis?assistant=chat")]
        product.stop()
    assert len(recording.read_text().splitlines()) == 1 + len(holding) + len(refused)
    kept = {str(path): path.read_bytes() for path in product.directory.rglob("*") if path.is_file()}
    kept.update({f"page {number}": content for number, content in enumerate(shown)})
    secrets = [CANARY.encode(), base64.b64encode(CANARY.encode())[:11]]
    secrets += [token.rpartition(".")[2].encode() for token in (*holding, *refused.values())]
    assert not {where for where, content in kept.items() for secret in secrets if secret in content}
    assert any("outbox" in where or "aof" in where for where in kept), "the store's files were looked at"
