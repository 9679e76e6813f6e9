"""What is played and what is heard: notes, and the events that cross a MIDI port.

Conventions
    Pitch, velocity, control and program numbers are 0..127, as in the MIDI 1.0 specification;
    channels are 0..15 here and 1..16 only where a person reads or types them. A `Note` lies in
    musical time; an event has no time of its own: `Timed` says when it should happen (ticks),
    `Stamped` when it did (seconds).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto

from live_improv.music.timing import Seconds, Ticks


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a line: it sounds from `onset` up to, not including, `onset + length`."""

    onset: Ticks
    length: Ticks
    pitch: int
    velocity: int = 80

    @property
    def end(self) -> Ticks:
        """The first tick at which the note no longer sounds."""
        return Ticks(self.onset + self.length)


@dataclass(frozen=True, slots=True)
class NoteOn:
    """A key goes down; velocity is 1..127 (a velocity of 0 is a `NoteOff`)."""

    pitch: int
    velocity: int
    channel: int = 0


@dataclass(frozen=True, slots=True)
class NoteOff:
    """A key comes up."""

    pitch: int
    channel: int = 0


@dataclass(frozen=True, slots=True)
class ControlChange:
    """A controller moves to `value`."""

    control: int
    value: int
    channel: int = 0


@dataclass(frozen=True, slots=True)
class ProgramChange:
    """A channel takes another sound; programs are 0..127."""

    program: int
    channel: int = 0


@dataclass(frozen=True, slots=True)
class Pulse:
    """One MIDI clock, 24 to the quarter note."""


@dataclass(frozen=True, slots=True)
class Start:
    """The transport starts at the beginning; the next pulse is beat 0."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The transport stops."""


@dataclass(frozen=True, slots=True)
class Continue:
    """The transport goes on from where it is."""


@dataclass(frozen=True, slots=True)
class SongPosition:
    """The transport is placed `sixteenths` sixteenth notes (six pulses each) into the song."""

    sixteenths: int


TransportEvent = Pulse | Start | Stop | Continue | SongPosition
"""What a clock and its transport say."""

Event = NoteOn | NoteOff | ControlChange | ProgramChange | TransportEvent


@dataclass(frozen=True, slots=True)
class Timed:
    """An event and the tick at which it should happen."""

    tick: Ticks
    event: Event


@dataclass(frozen=True, slots=True)
class Stamped:
    """An event and the moment at which it was heard."""

    at: Seconds
    event: Event


class Ear(Flag):
    """What an input is listened to for; one port may be heard by several."""

    PLAYER = auto()
    CLOCK = auto()
    CHORDS = auto()


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, the moment at which it was heard, and by which ears."""

    at: Seconds
    event: Event
    ears: Ear = Ear.PLAYER
