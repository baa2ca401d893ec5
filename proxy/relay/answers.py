"""The answers that the relay gives itself."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

NAME: Final = "kpi-proxy"
_PROXY_STATUS: Final = {
    400: "http_request_error",
    404: "destination_not_found",
    408: "http_request_error",
    414: "http_request_error",
    431: "http_request_error",
    501: "http_request_error",
    502: "connection_terminated",
    503: "connection_limit_reached",
    504: "http_response_timeout",
    505: "http_protocol_error",
}
"""Error types of RFC 9209 by status; 502 for an upstream that can't be reached is said as destination_unavailable."""


def answer(status: int, reason: str, *, unreachable: bool = False, body: bool = True) -> bytes:
    """Make a whole response that ends the connection. `Proxy-Status` (RFC 9209) names the proxy."""
    error = "destination_unavailable" if unreachable else _PROXY_STATUS.get(status, "proxy_internal_error")
    content = json.dumps({"error": {"message": f"{NAME}: {reason}", "type": "proxy_error", "code": error}}).encode() + b"\n"
    phrase = HTTPStatus(status).phrase
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        f"Proxy-Status: {NAME}; error={error}\r\nConnection: close\r\n\r\n"
    ).encode()
    return head + content if body else head
