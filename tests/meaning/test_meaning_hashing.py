"""Keyed hashes are HMAC-SHA256, so that another program can make the same ones."""

from __future__ import annotations

import base64
import hmac

from hypothesis import given
from hypothesis import strategies as st

from proxy.meaning.hashing import Keyed


@given(st.binary(max_size=200), st.text(max_size=50))
def test_hashes_are_hmacs(secret: bytes, conversation: str) -> None:
    digest = hmac.digest(secret, f"conversation\0rh\0{conversation}".encode(), "sha256")
    assert Keyed(secret).conversation("rh", conversation) == base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
