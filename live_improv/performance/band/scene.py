"""The scene: all that a player of the band knows when a beat is planned.

It is a value, so that a beat planned again in the same scene sounds the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from live_improv.music.changes import Changes
from live_improv.music.chords import Chord
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band.beats import TWELFTHS, Beat
from live_improv.performance.band.room import Room
from live_improv.performance.band.styles import Groove
from live_improv.performance.chance import stream

OFF_BEAT = TWELFTHS // 2
"""The second of two eighths, which is swung."""

_LAST_EIGHTH = 8  # of three in a beat: where a swung off-beat lies among them
_SWUNG_AT_MOST = 0.75
TICKS_A_MS = PPQ / 60_000
"""Times quarters a minute: the ticks in a millisecond."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One beat to be planned.

    Attributes:
        ratio: of two swung eighths; 1 is even.
        bpm: quarters a minute.
        loose: how uneven the time is, 0 not at all and 1 as usual.
        heat: how much is going on, 0..1.
        start: nothing begins before it.
    """

    changes: Changes
    beat: Beat
    groove: Groove
    seed: int
    bpm: float
    ratio: float
    loose: float
    heat: float
    room: Room
    start: Ticks

    @property
    def pulse(self) -> float:
        """Beats a minute."""
        return self.bpm * PPQ / self.beat.length

    @property
    def chord(self) -> Chord:
        """The chord that the beat begins with."""
        return self.changes.chord_at(self.beat.start)

    def at(self, twelfths: int) -> Ticks:
        """The tick of a place in the beat as it is felt: off-beats are swung."""
        beat = self.beat
        if twelfths % TWELFTHS != OFF_BEAT:
            return beat.at(twelfths)
        if beat.compound:
            return beat.at(twelfths - OFF_BEAT + _LAST_EIGHTH)
        share = min(self.ratio / (1.0 + self.ratio), _SWUNG_AT_MOST)
        return Ticks(beat.at(twelfths - OFF_BEAT) + round(beat.length * share))

    def chance(self, part: str) -> Random:
        """The draws of a part in this beat."""
        return stream(self.seed, f"band/{part}", self.beat.start)

    def bar_chance(self, part: str, bars: int = 1) -> Random:
        """The draws of a part that hold for so many bars of the round."""
        number = self.beat.number - self.beat.number % bars
        return stream(self.seed, f"band/{part}/{self.beat.round}", Ticks(number))

    def uneven(self, chance: Random, early_ms: float = 0.0, width_ms: float = 3.0) -> int:
        """By how many ticks a note is off its place; negative is early."""
        drawn = min(max(chance.gauss(), -2.0), 2.0) * width_ms * self.loose
        return round((drawn - early_ms) * self.bpm * TICKS_A_MS)
