"""A chunked body without its framing, for clients that know no chunks."""

from __future__ import annotations

from proxy.relay.body import Chunked


class Unchunked:
    """Follows a chunked body as strictly as `Chunked` and gives its content; trailers are dropped (RFC 9112 7.1.2, 7.1.3)."""

    __slots__ = ("_framing", "_last", "_left")

    def __init__(self) -> None:
        self._framing = Chunked()
        self._left = 0  # bytes of the chunk's data still to come
        self._last = False  # the last chunk has come: what follows are trailers

    @property
    def done(self) -> bool:
        """Whether the last chunk and its trailers have come."""
        return self._framing.done

    @property
    def failed(self) -> str:
        """Why the framing is wrong."""
        return self._framing.failed

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Give (content, bytes after the body)."""
        framed, rest = self._framing.take(data)
        content = []
        position = 0
        while position < len(framed) and not self._last:
            if self._left:
                piece = framed[position : position + self._left]
                content.append(piece)
                self._left -= len(piece)
                position += len(piece)
                continue
            end = framed.index(b"\n", position)  # lines are held back until they are whole
            size = framed[position:end].partition(b";")[0].strip()
            position = end + 1
            if size:  # else the CRLF after a chunk's data
                self._left = int(size, 16)
                self._last = self._left == 0
        return b"".join(content), rest
