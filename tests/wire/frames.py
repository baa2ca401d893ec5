"""Makes AWS event-stream messages and WebSocket frames as senders do."""

from __future__ import annotations

import zlib


def aws(name: str, payload: bytes, kind: str = "event") -> bytes:
    """One message with the headers that Bedrock sends."""
    texts = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    headers = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + len(text).to_bytes(2, "big") + text.encode() for key, text in texts.items()
    )
    return aws_raw(headers, payload)


def aws_raw(headers: bytes, payload: bytes) -> bytes:
    total = 16 + len(headers) + len(payload)
    prelude = total.to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    prelude += zlib.crc32(prelude).to_bytes(4, "big")
    message = prelude + headers + payload
    return message + zlib.crc32(message).to_bytes(4, "big")


def frame(payload: bytes, opcode: int = 1, *, last: bool = True, packed: bool = False, mask: bytes = b"") -> bytes:
    """One WebSocket frame."""
    size = len(payload)
    head = bytes([opcode | last << 7 | packed << 6])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + size.to_bytes(8, "big")
    if mask:
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    return head + mask + payload


class Packer:
    """permessage-deflate of one direction."""

    def __init__(self, *, takeover: bool = True) -> None:
        self._takeover = takeover
        self._inner = zlib.compressobj(wbits=-15)

    def pack(self, data: bytes) -> bytes:
        if not self._takeover:
            self._inner = zlib.compressobj(wbits=-15)
        return (self._inner.compress(data) + self._inner.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")
