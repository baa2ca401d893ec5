"""The short way of most exchanges: a request in one piece on an open connection, its answer in one piece.

Nothing is tracked, cut or held back there, so two writes and one record are all there is to do: half of the work of an
Exchange. Whatever else comes - an answer in pieces, an end, a sweep that finds it waiting - makes an Exchange of it, as it
would stand by then, and that one goes on.
"""

from __future__ import annotations

from time import monotonic, time

from proxy.records import Answered, Ending, Opened, Segment
from proxy.relay.body import EMPTY, Length
from proxy.relay.curtain import is_readable
from proxy.relay.exchange import Exchange
from proxy.relay.fields import Refusal
from proxy.relay.known import Known
from proxy.relay.parties import Caller
from proxy.relay.pool import Pool
from proxy.relay.response import ResponseHead
from proxy.relay.stay import Stay
from proxy.relay.upstream import Upstream


class Straight:
    """A request that has been sent on whole, and waits for its answer."""

    __slots__ = (
        "_answer",
        "_begin",
        "_came",
        "_data",
        "_fields",
        "_known",
        "_pool",
        "_started",
        "_status",
        "_stay",
        "_upstream",
        "client",
    )

    def __init__(
        self, client: Caller, known: Known, pool: Pool, upstream: Upstream, data: bytes, begin: int, started: float
    ) -> None:
        """Send `data`, a head of `known`'s pattern and from `begin` on its body."""
        self.client = client
        self._known = known
        self._pool = pool
        self._upstream = upstream
        self._data = data
        self._begin = begin
        self._started = started
        pool.busy += 1
        upstream.exchange = self
        upstream.transport.write(known.pattern.onward(data))
        self._stay = Stay(known.site.watch, started)
        self._stay.came(started)

    # -- the answer -----------------------------------------------------------------------------------------------

    def response_data(self, data: bytes) -> None:
        """Pass on a whole answer."""
        now = monotonic()
        client, upstream, site = self.client, self._upstream, self._known.site
        if not client.keep_alive or client.draining or len(data) > site.whole_limit:
            self.unfold().response_data(data)  # it must be told to close, or is cut in the capture
            return
        last = upstream.answers.last
        if last is not None and last.straight and (begin := last.pattern.whole(data)):
            self._status, self._answer, self._fields = last.head.status, data[begin:], upstream.answers.fields(site.curtain)
            client.transport.write(last.pattern.onward(data))
        else:
            found = upstream.answers.read(site.responses, data, self._known.head)
            if isinstance(found, Refusal) or not _is_whole(*found):
                self.unfold().response_data(data, found)
                return
            (head,), self._answer = found
            self._status, self._fields = head.status, site.curtain.response(head.wanted)
            client.transport.write(head.onward(close=False) + self._answer)
        self._came = now
        self._stay.came(now)
        pool = self._pool
        client.exchange = None
        pool.busy -= 1
        if pool.failures:
            pool.answered()
        if client.full:
            upstream.go_on()  # this very answer has filled the client's side
        pool.release(upstream, now)
        site.watch.defer(self._ended)
        client.exchange_done(EMPTY)

    def _ended(self) -> None:
        """Note the exchange once its answer has gone out."""
        after = monotonic()
        started, shown, answer = self._started, self._known.shown, self._answer
        came = self._came - started
        asked = self._data[self._begin :]
        segments: tuple[Segment, ...] = ()
        if asked:
            segments = (Segment(True, 0, asked, (0.0,)),)
        if answer:
            segments = (*segments, Segment(False, 0, answer, (came,)))
        self._known.site.whole(
            Opened(time() - (after - started), self.client.peer, shown.method, shown.path, shown.query, shown.headers),
            segments,
            Answered(came, self._status, self._fields),
            Ending(after - started, "complete", len(asked), len(answer), 0.0),
            self._stay.seconds,
        )

    # -- everything else ------------------------------------------------------------------------------------------

    def unfold(self) -> Exchange:
        """Become an exchange that has sent its request and waits."""
        begin = self._begin
        exchange = Exchange(self.client, self._known, self._data[:begin], EMPTY, self._started, self._pool)
        self._pool.busy -= 1  # the exchange counts for itself
        self.client.exchange = exchange
        exchange.go_on_from(self._data[begin:], self._upstream, self._stay)
        return exchange

    def request_data(self, data: bytes) -> bytes:
        """Give everything back: the request was whole."""
        return data

    def client_gone(self, detail: str = "") -> None:
        """The client has left."""
        self.unfold().client_gone(detail)

    def hold(self) -> None:
        """Do not read from the assistant until the client has caught up."""
        self._upstream.hold()

    def go_on(self) -> None:
        """Read on."""
        self._upstream.go_on()

    def upstream_ended(self) -> None:
        """The assistant has sent its FIN."""
        self.unfold().upstream_ended()

    def upstream_lost(self, *, broken: bool, fresh: bool) -> None:
        """The connection to the assistant is gone."""
        self.unfold().upstream_lost(broken=broken, fresh=fresh)

    def sweep(self, now: float) -> None:
        """Become what can be looked at: it waits for long enough."""
        self.unfold().sweep(now)

    def cut(self) -> None:
        """Break it off at the end of a drain."""
        self.unfold().cut()


def _is_whole(heads: list[ResponseHead], rest: bytes) -> bool:
    """Whether one head came with its whole body, nothing behind, in a way that leaves both connections as they are."""
    head = heads[-1] if len(heads) == 1 else None
    return (
        head is not None
        and isinstance(head.body, Length)
        and head.body.left == len(rest)
        and head.keep_alive
        and not (head.old or head.interim)
        and is_readable(head.kind)
    )
