"""The scheduler: which note starts or ends next, and the ledger of what sounds.

Every note-on passes through here, and an off is owed for each from the moment it is handed out.
Ons that have not been handed out can be cancelled; offs cannot.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from live_improv.music.events import Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import Ticks

# At one tick ends come before beginnings, so a repeated pitch is released before it is struck.
_OFF, _ON = 0, 1

_Entry = tuple[Ticks, int, int, Ticks, Note, Ticks]


class Scheduler:
    """A heap of the notes of one channel, in ticks; times are given, never read.

    Attributes:
        dropped: how many notes were left out because they would have come too late.
    """

    def __init__(self, channel: int = 0) -> None:
        self.channel = channel
        self._heap: list[_Entry] = []
        self._count = 0
        # Sounding pitch -> the number of the note-on that holds it.
        self._ledger: dict[int, int] = {}
        self.dropped = 0

    def add(self, note: Note, written: Ticks | None = None) -> None:
        """Schedule a note, which has not started yet.

        Args:
            written: its onset as written, where the feel has moved it.
        """
        self._count += 1
        at = note.onset if written is None else written
        heappush(self._heap, (note.onset, _ON, self._count, note.end, note, at))

    def next_tick(self) -> Ticks | None:
        """When the next event is due, or None if nothing is scheduled."""
        return self._heap[0][0] if self._heap else None

    def due(self, tick: Ticks, since: Ticks | None = None) -> list[Timed]:
        """Take out the events due up to and including `tick`, in order of time.

        A note-on of a pitch that still sounds is preceded by its off; the off scheduled for the
        earlier note is then void, so each on has one off.

        Args:
            since: a note that should have begun before this is left out, and so is its off.
        """
        events: list[Timed] = []
        while self._heap and self._heap[0][0] <= tick:
            at, side, number, end, note, written = heappop(self._heap)
            held = self._ledger.get(note.pitch)
            if side == _OFF:
                if held == number:
                    events.append(self._off(at, note.pitch))
            elif since is not None and at < since:
                self.dropped += 1
            else:
                if held is not None:
                    events.append(self._off(at, note.pitch))
                self._ledger[note.pitch] = number
                events.append(Timed(at, NoteOn(note.pitch, note.velocity, self.channel)))
                heappush(self._heap, (end, _OFF, number, end, note, written))
        return events

    def cancel(self) -> Ticks | None:
        """Forget every note that has not started; what sounds ends as planned.

        Returns:
            The onset, as written, of the first note that was forgotten.
        """
        cancelled = [entry[-1] for entry in self._heap if entry[1] == _ON]
        self._heap = [entry for entry in self._heap if entry[1] == _OFF]
        heapify(self._heap)
        return min(cancelled, default=None)

    def all_off(self, tick: Ticks) -> list[Timed]:
        """End everything that sounds at `tick`, and forget all that was to come."""
        events = [self._off(tick, pitch) for pitch in sorted(self._ledger)]
        self._heap.clear()
        return events

    def sounding(self) -> frozenset[int]:
        """The pitches that sound: handed out, and not yet ended."""
        return frozenset(self._ledger)

    def _off(self, tick: Ticks, pitch: int) -> Timed:
        del self._ledger[pitch]
        return Timed(tick, NoteOff(pitch, self.channel))
