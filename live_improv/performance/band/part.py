"""A part: what one player of the band plays, on its channel, on the way to being heard.

A player who strikes anew lets go of what sounds: a bass has one note at a time, a piano one chord.
So a part may be told to let go at a tick; then what has begun before it ends there.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

from live_improv.music.events import Note, Timed
from live_improv.music.timing import Ticks
from live_improv.performance.feel import EARLIEST
from live_improv.performance.scheduler import Scheduler

Strike = tuple[Note, ...]
"""Notes that are struck together: a chord, or one note."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What of a beat may be played.

    Attributes:
        start: where it begins; what is a little early belongs to it.
        since: nothing begins before it.
        latest: all is over there; None where there is no end.
        after: what begins up to there has been played; None where nothing has.
    """

    start: Ticks
    since: Ticks
    latest: Ticks | None = None
    after: Ticks | None = None


class Part:
    """The notes of one player."""

    def __init__(self, channel: int) -> None:
        self._scheduler = Scheduler(channel)
        self._coming: list[Note] = []
        self._ends: list[Ticks] = []

    def add(self, strike: Strike, lets_go: Ticks | None = None) -> None:
        """Take the notes of one stroke, none of which has begun yet.

        Args:
            lets_go: what began before this tick ends there.
        """
        for note in strike:
            self._scheduler.add(note)
            self._coming.append(note)
        if lets_go is not None:
            heappush(self._ends, lets_go)

    def next_tick(self) -> Ticks | None:
        """When the next event is due."""
        return self._scheduler.next_tick()

    @property
    def dropped(self) -> int:
        """How many notes were left out because they would have come too late."""
        return self._scheduler.dropped

    def due(self, tick: Ticks, since: Ticks | None = None) -> list[Timed]:
        """The events due up to and including `tick`, in order of time; see `Scheduler.due`."""
        found: list[Timed] = []
        while self._ends and self._ends[0] <= tick:
            end = heappop(self._ends)
            found += self._scheduler.due(Ticks(end - 1), since)
            found += self._let_go(end)
        found += self._scheduler.due(tick, since)
        self._coming = [note for note in self._coming if note.onset > tick]
        return found

    def cancel(self) -> None:
        """Forget every note that has not begun; what sounds ends as planned."""
        self._scheduler.cancel()
        self._coming.clear()
        self._ends.clear()

    def all_off(self, tick: Ticks) -> list[Timed]:
        """End everything that sounds at `tick`, and forget all that was to come."""
        self._coming.clear()
        self._ends.clear()
        return self._scheduler.all_off(tick)

    def sounding(self) -> frozenset[int]:
        """The pitches that sound."""
        return self._scheduler.sounding()

    def _let_go(self, tick: Ticks) -> list[Timed]:
        """End what sounds at `tick`; what begins there or later is still to come."""
        if not self._scheduler.sounding():
            return []
        self._coming = [note for note in self._coming if note.onset >= tick]
        found = self._scheduler.all_off(tick)
        for note in self._coming:
            self._scheduler.add(note)
        return found


def within(note: Note, bounds: Bounds, level: float) -> Note | None:
    """A note as it may be played, or None.

    Args:
        level: how loud the player is, 1 is as planned.
    """
    if note.onset < bounds.start - EARLIEST:
        return None
    onset = Ticks(max(note.onset, bounds.since))
    end = note.end if bounds.latest is None else min(note.end, bounds.latest)
    if end <= onset:
        return None
    velocity = min(max(round(note.velocity * level), 1), 127)
    return Note(onset, Ticks(end - onset), note.pitch, velocity)
