"""Musical time and clock time, and every conversion between the two.

Conventions
    Musical time is an integer number of ticks, `PPQ` to the quarter note; tick 0 is the first
    beat of bar 1 and negative ticks are a pickup. Clock time is a float in seconds on a
    monotonic clock. The grammar's grid is 12 steps per quarter (`GRID_TICKS` ticks each), on
    which sixteenths and eighth-note triplets are both exact.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from math import floor
from typing import NewType

Ticks = NewType("Ticks", int)
Seconds = NewType("Seconds", float)

PPQ = 480
GRID_PER_BEAT = 12
GRID_TICKS = PPQ // GRID_PER_BEAT

MIN_BPM = 20.0
MAX_BPM = 500.0


class TimingError(ValueError):
    """A meter or a tempo that cannot be played."""


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature: `numerator` notes of the value 1/`denominator` in a bar.

    Raises:
        TimingError: the numerator is not in 1..32, or the denominator is not a power of two
            in 1..32.
    """

    numerator: int = 4
    denominator: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.numerator <= 32 or self.denominator not in (1, 2, 4, 8, 16, 32):
            raise TimingError(
                f"meter {self.numerator}/{self.denominator}: "
                "expected 1 to 32 over 1, 2, 4, 8, 16 or 32"
            )

    @classmethod
    def parse(cls, text: str) -> Meter:
        """Read a meter written as `3/4`.

        Raises:
            TimingError: the text is not two whole numbers around a slash, or out of range.
        """
        top, slash, bottom = text.strip().partition("/")
        if not (slash and top.strip().isdecimal() and bottom.strip().isdecimal()):
            raise TimingError(f"meter {text!r}: expected something like 4/4")
        return cls(int(top), int(bottom))

    @property
    def bar_ticks(self) -> Ticks:
        """Length of one bar in ticks."""
        return Ticks(PPQ * 4 * self.numerator // self.denominator)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From `tick` on, which happens at `at` seconds, the tempo is `bpm` quarters a minute."""

    tick: Ticks
    at: Seconds
    bpm: float

    @property
    def ticks_per_second(self) -> float:
        """How many ticks pass in one second at this tempo."""
        return self.bpm * PPQ / 60.0


@dataclass(frozen=True, slots=True)
class TempoMap:
    """A piecewise-constant tempo: the only place that knows both ticks and seconds.

    A map is a value: `with_tempo` returns a new one. Before its first change and after its last
    one the nearest tempo goes on.
    """

    changes: tuple[TempoChange, ...]

    @classmethod
    def constant(cls, bpm: float, start: Seconds = Seconds(0.0)) -> TempoMap:
        """One tempo throughout, with tick 0 at `start` seconds.

        Raises:
            TimingError: `bpm` is outside `MIN_BPM`..`MAX_BPM`.
        """
        return cls((TempoChange(Ticks(0), start, checked_bpm(bpm)),))

    def with_tempo(self, tick: Ticks, bpm: float) -> TempoMap:
        """The same map up to `tick`, and `bpm` quarters a minute from there on.

        Raises:
            TimingError: `bpm` is outside `MIN_BPM`..`MAX_BPM`.
        """
        kept = tuple(change for change in self.changes if change.tick < tick)
        return TempoMap((*kept, TempoChange(tick, self.seconds_at(tick), checked_bpm(bpm))))

    def delayed(self, by: Seconds) -> TempoMap:
        """The same map with every tick `by` seconds later."""
        return TempoMap(
            tuple(replace(change, at=Seconds(change.at + by)) for change in self.changes)
        )

    def seconds_at(self, tick: Ticks) -> Seconds:
        """The moment at which `tick` sounds, in seconds."""
        change = self.change_at(tick)
        return Seconds(change.at + (tick - change.tick) / change.ticks_per_second)

    def tick_at(self, at: Seconds) -> Ticks:
        """The last tick that has begun at the moment `at`."""
        index = bisect_right(self.changes, at, key=lambda change: change.at)
        change = self.changes[max(index - 1, 0)]
        exact = change.tick + (at - change.at) * change.ticks_per_second
        # `seconds_at` rounds, so a tick's own moment may come back a hair before the tick.
        return Ticks(floor(exact + 1e-6))

    def bpm_at(self, tick: Ticks) -> float:
        """The tempo at `tick`, in quarters a minute."""
        return self.change_at(tick).bpm

    def change_at(self, tick: Ticks) -> TempoChange:
        """The tempo change in force at `tick`."""
        index = bisect_right(self.changes, tick, key=lambda change: change.tick)
        return self.changes[max(index - 1, 0)]


def checked_bpm(bpm: float) -> float:
    """`bpm` itself, if it is a playable tempo.

    Raises:
        TimingError: it is outside `MIN_BPM`..`MAX_BPM` or not a number.
    """
    if not MIN_BPM <= bpm <= MAX_BPM:
        raise TimingError(f"tempo {bpm:g}: expected {MIN_BPM:g} to {MAX_BPM:g} quarters a minute")
    return bpm
