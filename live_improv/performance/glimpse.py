"""A glimpse of a session: how things stand at one moment, for those who look on."""

from __future__ import annotations

from dataclasses import dataclass

from live_improv.music.changes import Changes
from live_improv.music.timing import Ticks
from live_improv.performance.controls import Knobs
from live_improv.performance.hands import Learning


@dataclass(frozen=True, slots=True)
class Glimpse:
    """How a session stands.

    Attributes:
        tick: where the music is; before 0 in a count-in.
        bpm: quarters a minute, there.
        state: `playing`, `stopped` or `ended`.
        turn: who plays: `machine`, `player`, or nobody (empty).
        knobs: as they are set.
        changes: one chorus of what is played over; another object where other chords hold.
        end: where it ends, or None.
        clock_lost: the clock that is followed has fallen silent.
        learning: what MIDI learn has come to last.
    """

    tick: Ticks
    bpm: float
    state: str
    turn: str
    knobs: Knobs
    changes: Changes
    end: Ticks | None
    clock_lost: bool
    learning: Learning | None
