"""The one loop, live and offline, and what is plugged into it.

What differs between the two is the clock, where what is heard comes from and where events go.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from live_improv.music.events import Event, NoteOff, NoteOn, Timed
from live_improv.music.timing import Seconds
from live_improv.performance.clock import Clock
from live_improv.performance.incoming import Incoming
from live_improv.performance.session import Session, State

LONGEST_WAIT = Seconds(1.0)
"""A session that waits for others is asked at least this often."""

SHORT_TURN = Seconds(0.0005)
"""How long another thread may keep the interpreter; without a word Python allows ten times that."""


class Sink(Protocol):
    """Where the events of a performance go."""

    def send(self, timed: Timed) -> None:
        """Take one event, when it is due."""


class Source(Protocol):
    """Where what is heard comes from.

    Attributes:
        open: more may come.
    """

    open: bool

    def take(self, now: Seconds) -> Sequence[Incoming]:
        """What has come by `now` and was not taken before, in order."""

    def next_at(self) -> Seconds | None:
        """When something will come, if that is known."""


def run(session: Session, clock: Clock, sink: Sink, source: Source) -> None:
    """The loop, live and offline: hear, send what is due, think about what is next, wait.

    When it is interrupted it silences what sounds before it lets the interruption pass.
    """
    # What the sink is owed. It can be more than the session knows of: an interruption may come
    # after the session has handed out an off and before it is sent.
    owed: set[Event] = set()

    def send(due: Iterable[Timed]) -> None:
        for timed in due:
            if isinstance(timed.event, NoteOn):
                owed.add(NoteOff(timed.event.pitch, timed.event.channel))
            sink.send(timed)
            owed.discard(timed.event)

    try:
        while not _is_over(session):
            now = clock.now()
            for incoming in source.take(now):
                send(session.receive(incoming, now))
            due = session.advance(now)
            send(due)
            if due or _is_over(session):
                continue
            moments = [session.wake_at(clock.now()), source.next_at()]
            known = [moment for moment in moments if moment is not None]
            if not known and not source.open:
                break
            clock.wait(min(known, default=Seconds(now + LONGEST_WAIT)))
    finally:
        now = clock.now()
        for timed in session.close(now):
            owed.discard(timed.event)
            sink.send(timed)
        for event in owed:
            sink.send(Timed(session.tempo.tick_at(now), event))


def _is_over(session: Session) -> bool:
    return session.state is State.ENDED


class Script:
    """A source of what is known beforehand: a recorded player, or nobody."""

    open = False

    def __init__(self, items: Iterable[tuple[Seconds, Incoming]] = ()) -> None:
        self._items = sorted(items, key=lambda item: item[0])
        self._next = 0

    def take(self, now: Seconds) -> list[Incoming]:
        """What has come by `now`."""
        found = []
        while self._next < len(self._items) and self._items[self._next][0] <= now:
            found.append(self._items[self._next][1])
            self._next += 1
        return found

    def next_at(self) -> Seconds | None:
        """When the next one comes."""
        return self._items[self._next][0] if self._next < len(self._items) else None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within the block no garbage is collected, a full collection would be heard, and a busy thread
    keeps the interpreter for a short turn only.

    What is made while playing refers to nothing that refers back to it, and needs no collector.
    """
    turn = sys.getswitchinterval()
    sys.setswitchinterval(SHORT_TURN)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        sys.setswitchinterval(turn)
