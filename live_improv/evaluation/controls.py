"""Controls: human lines spoiled in one way each, which the board has to notice.

A board that gives these the marks of the humans they are made of measures nothing. Each control is
a row of `CONTROLS`: how it spoils a line, and the figures that were made to notice it, each of
which has to fall outside what chance leaves humans in, on the side that is worse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from live_improv.evaluation.lines import BAR_TICKS, Line
from live_improv.music.changes import Changes, ChordSpan
from live_improv.music.events import Note
from live_improv.music.timing import Ticks

MOVED = 4 * BAR_TICKS


def chords_moved(line: Line) -> Line:
    """The same notes, over the chords that come four bars later."""
    return replace(line, changes=_turned(line.changes, MOVED % line.changes.length))


def bars_shuffled(line: Line) -> Line:
    """The same rhythm and chords; the pitches of each bar in an order drawn by chance."""
    chance = np.random.default_rng(len(line.notes))
    by_bar: dict[int, list[int]] = {}
    for note in line.notes:
        by_bar.setdefault(note.onset // BAR_TICKS, []).append(note.pitch)
    pitches = [int(pitch) for inside in by_bar.values() for pitch in chance.permutation(inside)]
    return replace(line, notes=_with(line.notes, pitches))


def pitches_reversed(line: Line) -> Line:
    """The same rhythm and chords; the pitches from the last to the first."""
    return replace(line, notes=_with(line.notes, [note.pitch for note in line.notes[::-1]]))


@dataclass(frozen=True, slots=True)
class Control:
    """One way to spoil a line.

    Attributes:
        falls, rises: names of figures that have to be below the humans' band, or above it.
    """

    name: str
    spoil: Callable[[Line], Line]
    falls: tuple[str, ...] = ()
    rises: tuple[str, ...] = ()


CONTROLS = (
    Control("chords moved four bars", chords_moved, ("lift", "chord_tones", "resolved")),
    Control(
        "notes shuffled in the bar",
        bars_shuffled,
        ("resolved", "recurrence", "copied", "coverage"),
        ("told_by_solo", "told_by_window"),
    ),
    Control("lines reversed", pitches_reversed, ("lift", "resolved", "copied"), ("told_by_solo",)),
)


def _with(notes: tuple[Note, ...], pitches: list[int]) -> tuple[Note, ...]:
    return tuple(replace(note, pitch=pitch) for note, pitch in zip(notes, pitches, strict=True))


def _turned(changes: Changes, by: int) -> Changes:
    """The changes with each chord `by` ticks earlier; the first ones come round to the end."""
    edges = {0, *(span.start for span in changes.chords)}
    starts = sorted({(start - by) % changes.length for start in edges} | {0})
    return replace(
        changes,
        chords=tuple(
            ChordSpan(Ticks(start), Ticks(end), changes.chord_at(Ticks(start + by)))
            for start, end in zip(starts, [*starts[1:], changes.length], strict=True)
        ),
    )
