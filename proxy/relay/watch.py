"""Which of many sockets can be read or written: an epoll of the relay's own, which the loop sees as one more socket.

Told by it, a socket costs an entry in a dictionary. uvloop makes several objects and system calls for each that it is told to
watch, and forgets one without a word when its peer has reset it.

What the events of a round have to send is sent together, a dozen messages at a time: a send wakes who waits for it, and who is
awake already need not be woken again. That takes a tenth off a message's processor time, and no message waits for longer than
the reading of the others takes.
"""

from __future__ import annotations

import asyncio
import logging
import select
from collections.abc import Callable
from time import monotonic
from typing import Final, Protocol

log = logging.getLogger(__name__)

IN: Final = select.POLLIN
OUT: Final = select.POLLOUT
LUMP: Final = 256
"""Sockets that are told of in one go, so that the loop has its turn as well; the system takes them in a circle."""

TOGETHER: Final = 16
"""Calls that a round puts off at most: sends, and what there is to note once they are done."""

Called = Callable[[int], None]
"""Takes what a socket is ready for, errors and ends of which it was not told to watch included."""


class Round:
    """Events that are read one after the other, and what they have to send, all together, after that."""

    __slots__ = ("ended", "later")

    def __init__(self) -> None:
        self.later: list[Callable[[], None]] = []
        self.ended = 0.0  # when everything had gone out, monotonic; 0.0: not yet

    def end(self) -> None:
        """Do what was put off, also what that puts off in its turn."""
        for do in self.later:
            try:
                do()
            except Exception:
                log.exception("what was put off has failed")
        self.later.clear()
        self.ended = monotonic()


class Watch(Protocol):
    """Watches sockets by their descriptors."""

    @property
    def round(self) -> Round | None:
        """The one that is being read, None when none is."""

    def set(self, file: int, called: Called, events: int) -> None:
        """Watch `file` for `events`: IN, OUT or both; 0, which has to come before it is closed, is for nothing."""

    def defer(self, do: Callable[[], None]) -> None:
        """Call `do` once the events that came with this one have been read, in the order of these calls; now, if none are."""


class EpollWatch:
    """With epoll(7)."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._called: dict[int, Called] = {}
        self.round: Round | None = None
        asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._ready)

    def set(self, file: int, called: Called, events: int) -> None:
        """Watch, or watch no longer."""
        if not events:
            if self._called.pop(file, None) is not None:
                self._epoll.unregister(file)
        elif file in self._called:
            self._epoll.modify(file, events)
        else:
            self._epoll.register(file, events)
            self._called[file] = called

    def defer(self, do: Callable[[], None]) -> None:
        """Put off what is cheaper done together."""
        if self.round is None:
            do()
        else:
            self.round.later.append(do)

    def _ready(self) -> None:
        found = self._called.get
        self.round = now = Round()
        for file, events in self._epoll.poll(0, LUMP):
            if (called := found(file)) is not None:  # else what came before has ended it
                called(events)
                if len(now.later) >= TOGETHER:
                    now.end()
                    self.round = now = Round()
        now.end()
        self.round = None


class LoopWatch:
    """With what the loop has, where there is no epoll."""

    round: Round | None = None

    def set(self, file: int, called: Called, events: int) -> None:
        """Watch, or watch no longer."""
        loop = asyncio.get_running_loop()
        if events & IN:
            loop.add_reader(file, called, IN)
        else:
            loop.remove_reader(file)
        if events & OUT:
            loop.add_writer(file, called, OUT)
        else:
            loop.remove_writer(file)

    def defer(self, do: Callable[[], None]) -> None:
        """Each event comes alone here."""
        do()


def watching() -> Watch:
    """What this system has; one for a process."""
    return EpollWatch() if hasattr(select, "epoll") else LoopWatch()
