"""Lines: anybody's notes over chords, in one notation, so that they can be compared.

Conventions
    Every line is written the same way before anything is counted (`written`), whoever made it:
    one note at a time, onsets on the grid of 12 a beat, swung pairs as even eighths, and a note
    that sounds until the next one unless half a beat or more is silent, which is a rest. That is
    the notation of the language. Human solos are transcribed as they were played, so their swung
    off-beats stand at 1/2, at 2/3 or at 3/4; a line that was composed has them at 1/2 only. How
    they are played is the feel's, and is measured apart; here rhythm is what is written.

    A bar is four quarters. Lines in other meters are left out (`in_four`): place in the bar,
    windows of 16 bars and notes a bar would mean something else in them.

    Steps are those of the grid, 12 to the beat.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from live_improv.corpus import Solo
from live_improv.grammar.abstraction import monophonic, on_grid, sounding_steps, straighten
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, PPQ, Ticks

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BAR_TICKS = 4 * PPQ
BAR_STEPS = 4 * GRID_PER_BEAT
WINDOW_BARS = 16
"""How many bars are judged at once, as in the study the figures come from."""


@dataclass(frozen=True, slots=True)
class Line:
    """A solo as written, over its chords.

    Attributes:
        name: for people, and unique in its set.
        notes: one line in order, as `written` leaves them.
        changes: the chords, for at least as long as the line.
        bpm: quarters a minute.
        kin: lines with the same kin have the same tune and, where one was made after the other,
            the same solo behind them; they are never both learned from and asked about.
        bars: how long it is, from tick 0, rests at the end included.
    """

    name: str
    notes: tuple[Note, ...]
    changes: Changes
    bpm: float
    kin: str = ""
    bars: int = 0

    def __post_init__(self) -> None:
        if not self.bars:
            last = self.notes[-1].onset // BAR_TICKS + 1 if self.notes else 0
            object.__setattr__(self, "bars", max(last, 1))

    @property
    def in_four(self) -> bool:
        """Whether all its bars are four quarters."""
        return all(bar.meter.bar_ticks == BAR_TICKS for bar in self.changes.bars)

    def onsets(self) -> Ints:
        """Onsets in steps, `(notes,)`."""
        return np.array([note.onset // GRID_TICKS for note in self.notes], np.int64)

    def pitches(self) -> Ints:
        """MIDI pitches, `(notes,)`."""
        return np.array([note.pitch for note in self.notes], np.int64)

    def rests(self) -> Ints:
        """The silence between each note and the next one, in steps, `(notes - 1,)`."""
        onsets = self.onsets()
        ends = np.array([-(-note.end // GRID_TICKS) for note in self.notes], np.int64)
        silences: Ints = np.maximum(onsets[1:] - ends[:-1], 0)
        return silences

    def windows(self) -> list[tuple[int, int, int]]:
        """The full windows of `WINDOW_BARS`: the first bar, and its notes `first` up to `last`."""
        onsets = self.onsets()
        starts = range(0, self.bars - WINDOW_BARS + 1, WINDOW_BARS)
        edges = [bar * BAR_STEPS for bar in starts]
        firsts = np.searchsorted(onsets, edges)
        lasts = np.searchsorted(onsets, [edge + WINDOW_BARS * BAR_STEPS for edge in edges])
        return [
            (bar, int(first), int(last))
            for bar, first, last in zip(starts, firsts, lasts, strict=True)
        ]


def written(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The line in the notation that all lines are compared in; idempotent."""
    even = straighten(on_grid(monophonic(notes)[0]))
    found = []
    for i, note in enumerate(even):
        last = i + 1 == len(even)
        gap = -(-note.length // GRID_TICKS) if last else even[i + 1].onset - note.onset
        steps = max(gap, 1) if last else sounding_steps(note, gap // GRID_TICKS)
        found.append(replace(note, length=Ticks(steps * GRID_TICKS)))
    return tuple(found)


def line_of(solo: Solo) -> Line:
    """A human solo as a line."""
    bars = len(solo.changes.bars)
    return Line(solo.id, written(solo.notes), solo.changes, solo.bpm, solo.title, bars)
