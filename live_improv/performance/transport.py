"""The transport: whether the music runs, and when each of its ticks is, by one of several clocks.

Conventions
    Ticks are those of the song: tick 0 is beat 1 of bar 1. Seconds are those of the clock that
    stamps what is heard. A change of place is told as a `Shift`; a change of tempo is not, the map
    is simply another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from live_improv.listening.clock_follower import ClockFollower, Move
from live_improv.music.events import Event, Pulse
from live_improv.music.timing import Seconds, TempoChange, TempoMap, Ticks, checked_bpm

JUMP = Seconds(0.06)
"""How far the place in a shared beat moves before it counts as another place."""


class ClockSource(StrEnum):
    """Whose beat is kept."""

    INTERNAL = "internal"
    MIDI = "midi"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Shift:
    """The music has left a place, and goes on at another, or stops.

    Attributes:
        left: where it was.
        to: where it goes on, or None where it has stopped.
    """

    left: Ticks
    to: Ticks | None


@dataclass(frozen=True, slots=True)
class Beat:
    """What a shared beat (Link) says now: its map, and whether it runs."""

    tempo: TempoMap
    running: bool = True


class Transport:
    """Where the music is.

    Args:
        source: the clock.
        tempo: of the internal clock; it is also the tempo until another one is known.

    Attributes:
        running: music is to be played.
        tempo: its ticks and seconds as now believed.
        position: where it is while it does not run.
    """

    def __init__(self, source: ClockSource, tempo: TempoMap) -> None:
        self.source = source
        self.running = source is ClockSource.INTERNAL
        self.position = Ticks(0)
        self.offset = Seconds(0.0)
        self._follower = ClockFollower()
        self._tempo = tempo
        self._beat: Beat | None = None
        # Where the player has put bar 1 in the ticks of a shared beat.
        self._bar_1 = Ticks(0)
        # Started out of silence: it counts from its first pulse on.
        self._starting = False

    @property
    def tempo(self) -> TempoMap:
        """Ticks and seconds, with the offset that was asked for where a clock is followed."""
        if self.source is ClockSource.INTERNAL or not self.offset:
            return self._tempo
        return self._tempo.delayed(self.offset)

    def lost(self, now: Seconds) -> bool:
        """Whether the clock that is followed has fallen silent; the music goes on."""
        return self.source is ClockSource.MIDI and self._follower.lost(now)

    def hear(self, event: Event, at: Seconds) -> Shift | None:
        """Take a message of a MIDI clock."""
        left = self._place(at)
        move = self._follower.receive(event, at)
        if self.source is not ClockSource.MIDI:
            return None
        return self._moved(move, left, at, pulse=isinstance(event, Pulse))

    def follow(self, beat: Beat, now: Seconds) -> Shift | None:
        """Take what a shared beat says."""
        if self.source is not ClockSource.LINK:
            return None
        left, was = self._place(now), self._beat
        self._beat = beat
        self._tempo = _earlier(beat.tempo, self._bar_1)
        if beat.running == self.running and was is not None:
            # Another session may have won, whose bar line is elsewhere.
            if not beat.running:
                return None
            off = self.tempo.seconds_at(left) - now
            return self._shift(left, self.tempo.tick_at(now)) if abs(off) > JUMP else None
        return self._shift(left, self.tempo.tick_at(now)) if beat.running else self._halt(left)

    def downbeat(self, now: Seconds, bar: Ticks) -> Shift | None:
        """Bar 1 is now: the player says so where no clock does.

        Args:
            bar: the length of a bar; a shared beat has its bar lines, of which one is nearest.
        """
        left = self._place(now)
        if self.source is ClockSource.MIDI:
            move = self._follower.downbeat(now)
            known = self._follower.tempo
            if move is Move.NONE or known is None:
                return None
            self._tempo = known
            return self._shift(left, self.tempo.tick_at(now))
        if self.source is ClockSource.INTERNAL:
            return self._begin(left, now)
        if not self.running or self._beat is None:
            return None
        moved = round(left / bar) * bar
        self._bar_1 = Ticks(self._bar_1 + moved)
        self._tempo = _earlier(self._tempo, Ticks(moved))
        return self._shift(left, Ticks(left - moved))

    def switch(self, source: ClockSource, now: Seconds) -> Shift | None:
        """Keep another clock's beat; until it has one to keep, the music goes on as it did."""
        left = self._place(now)
        if source is self.source:
            return None
        going_on = self.tempo
        self.source, self._beat, self._starting = source, None, False
        self._bar_1 = Ticks(0)
        if source is ClockSource.INTERNAL:
            self._tempo = going_on
            if self.running:
                return None
            self._tempo = TempoMap((TempoChange(left, now, self._bpm(now)),))
            return self._shift(left, left)
        known = self._follower.tempo
        if source is ClockSource.MIDI and self._follower.playing and known is not None:
            self._tempo = known
            return self._shift(left, self.tempo.tick_at(now))
        self._tempo = going_on.delayed(Seconds(-self.offset))
        self._starting = source is ClockSource.MIDI and self._follower.playing
        return None

    def start_stop(self, now: Seconds) -> Shift | None:
        """Stop, or start at bar 1; where a clock is followed that is not for us to say."""
        if self.source is not ClockSource.INTERNAL:
            return None
        if self.running:
            return self._halt(self._place(now))
        return self._begin(self.position, now)

    def rewind(self, now: Seconds) -> Shift | None:
        """Go to bar 1, or stay where a clock that is followed is; None while it stands still."""
        left = self._place(now)
        if self.source is not ClockSource.INTERNAL:
            return self._shift(left, left) if self.running else None
        if not self.running:
            self.position = Ticks(0)
            return None
        return self._begin(left, now)

    def at_tempo(self, bpm: float, now: Seconds) -> bool:
        """Go on at this tempo; False where a clock that is followed has its own."""
        if self.source is not ClockSource.INTERNAL:
            return False
        here = self._place(now)
        at = self._tempo.seconds_at(here) if self.running else now
        self._tempo = TempoMap((TempoChange(here, at, checked_bpm(bpm)),))
        return True

    def _begin(self, left: Ticks, now: Seconds) -> Shift:
        """Bar 1 is now."""
        self._tempo = TempoMap((TempoChange(Ticks(0), now, self._bpm(now)),))
        return self._shift(left, Ticks(0))

    def _moved(self, move: Move, left: Ticks, at: Seconds, *, pulse: bool = False) -> Shift | None:
        """What a move of the MIDI clock's transport means here."""
        follower = self._follower
        if move is Move.STOPPED:
            self._starting = False
            return self._halt(left)
        if not follower.playing:
            self.position = follower.position
            return None
        moved = move is not Move.NONE
        known = follower.tempo
        if known is None and not pulse:
            # Only the first pulse of a clock that was silent says when it is.
            self._starting = self._starting or moved
            return None
        moved, self._starting = moved or self._starting, False
        if known is not None:
            self._tempo = known
        elif follower.bpm is None:
            # The third pulse will tell the tempo; until then ours has to do.
            self._tempo = TempoMap((TempoChange(follower.position, at, self._bpm(at)),))
        return self._shift(left, follower.position) if moved else None

    def _bpm(self, at: Seconds) -> float:
        return self._tempo.bpm_at(self._tempo.tick_at(at))

    def _place(self, at: Seconds) -> Ticks:
        return self.tempo.tick_at(at) if self.running else self.position

    def _halt(self, left: Ticks) -> Shift | None:
        was, self.running = self.running, False
        follows = self.source is ClockSource.MIDI
        self.position = self._follower.position if follows else left
        return Shift(left, None) if was else None

    def _shift(self, left: Ticks, to: Ticks) -> Shift:
        self.running, self.position = True, to
        return Shift(left, to)


def _earlier(tempo: TempoMap, by: Ticks) -> TempoMap:
    """The same map with every tick `by` ticks less."""
    moved = (replace(change, tick=Ticks(change.tick - by)) for change in tempo.changes)
    return TempoMap(tuple(moved)) if by else tempo
