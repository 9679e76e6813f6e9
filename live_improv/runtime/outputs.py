"""The sink of live playing: notes to a port and to the speakers, the clock to a port of its own."""

from __future__ import annotations

from collections.abc import Callable

from live_improv.music.events import NoteOn, Timed, TransportEvent
from live_improv.music.timing import Seconds
from live_improv.performance.session import Session
from live_improv.runtime.gear import Ports
from live_improv.runtime.lateness import Lateness
from live_improv.runtime.speakers import Speakers


class Outputs:
    """Where the loop sends what it plays.

    Args:
        session: whose events they are; it knows when a note was due.
        now: its clock.
        ports: what is open.
        speakers: what notes are heard through too, or None.

    Attributes:
        lateness: of the notes, as they have been sent.
    """

    def __init__(
        self,
        session: Session,
        now: Callable[[], Seconds],
        ports: Ports,
        speakers: Speakers | None,
    ) -> None:
        self.lateness = Lateness()
        self._session = session
        self._now = now
        self._notes = ports.notes
        self._clock = ports.clock
        self._speakers = speakers

    def send(self, timed: Timed) -> None:
        """Send one event."""
        if isinstance(timed.event, TransportEvent):
            if self._clock is not None:
                self._clock.send(timed.event)
            return
        if self._notes is not None:
            self._notes.send(timed.event)
        if self._speakers is not None:
            self._speakers.send(timed.event)
        if isinstance(timed.event, NoteOn):
            self.lateness.add(Seconds(self._now() - self._session.due_at(timed.tick)))
