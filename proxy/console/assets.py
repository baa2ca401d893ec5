"""The console's own style sheets, script and icon, served from memory."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Final

import msgspec
from aiohttp import web

from proxy.charts.style import css

TYPES: Final = {
    "console.css": "text/css",
    "live.js": "text/javascript",
    "reviews.js": "text/javascript",
    "widget.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Asset(msgspec.Struct, frozen=True):
    """A file with the hash of its content, which is in its address: a new version has a new one."""

    body: bytes
    tag: str
    content_type: str


def load() -> dict[str, Asset]:
    """All of them by name."""
    folder = files("proxy.console") / "static"
    found = {name: ((folder / name).read_bytes(), content_type) for name, content_type in TYPES.items()}
    found["charts.css"] = (css().encode(), "text/css")
    return {name: Asset(body, hashlib.sha256(body).hexdigest()[:16], kind) for name, (body, kind) in found.items()}


def respond(request: web.Request, asset: Asset) -> web.Response:
    """The file, or 304 to who has it. Kept for a year under its hash, checked each time under its bare name."""
    known = request.query.get("v") == asset.tag
    headers = {
        "ETag": f'"{asset.tag}"',
        "Cache-Control": "public, max-age=31536000, immutable" if known else "no-cache",
    }
    wanted = request.if_none_match or ()
    if any(tag.value in (asset.tag, "*") for tag in wanted):
        return web.Response(status=304, headers=headers)
    return web.Response(body=asset.body, content_type=asset.content_type, charset="utf-8", headers=headers)
