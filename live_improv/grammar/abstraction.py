"""Abstraction: notes over changes become values, as Keller's group calls it.

It is what a corpus becomes before it is learned, and what a player becomes when heard. Every
onset, length and kind is kept; of each pitch its kind and its window are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from live_improv.grammar.values import (
    MAX_STEPS,
    GrammarValue,
    Kind,
    Window,
    resolves,
    rests,
    settled_kind,
)
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks

MIN_SILENCE = Ticks(PPQ // 2)
"""From how much silence after the played end on, the value ends there and a rest follows."""

SWUNG = (7, 8, 9)
"""Where a swung off-beat eighth is notated, in grid steps after the beat: at 7/12 to 3/4."""


class AbstractionError(ValueError):
    """Notes that are not one line on the grid."""


def monophonic(notes: Iterable[Note]) -> tuple[tuple[Note, ...], int]:
    """One line out of notes that may sound together, and how many notes were left out.

    Of notes that start on the same tick the highest is kept, the longest of equal ones.
    """
    kept: list[Note] = []
    dropped = 0
    for note in sorted(notes, key=lambda note: (note.onset, -note.pitch, -note.length)):
        if kept and kept[-1].onset == note.onset:
            dropped += 1
        else:
            kept.append(note)
    return tuple(kept), dropped


def on_grid(notes: Sequence[Note]) -> tuple[Note, ...]:
    """The line with its onsets moved to the grid of 12 a beat; the played ends stay.

    A note that lands on an occupied place moves to the next free one, so none is lost.
    """
    moved: list[Note] = []
    free = None
    for note in notes:
        step = (note.onset + GRID_TICKS // 2) // GRID_TICKS
        step = step if free is None else max(step, free)
        free = step + 1
        onset = Ticks(step * GRID_TICKS)
        moved.append(Note(onset, Ticks(max(note.end - onset, 1)), note.pitch, note.velocity))
    return tuple(moved)


def straighten(notes: Sequence[Note]) -> tuple[Note, ...]:
    """The line with its swung pairs written as even eighths.

    A beat whose notes are at most one on the beat and one from 7/12 to 9/12 after it is taken for
    a swung pair; other beats, with triplets or sixteenths, stay as they are.
    """
    by_beat: dict[int, list[Note]] = {}
    for note in notes:
        by_beat.setdefault(note.onset // PPQ, []).append(note)
    even: list[Note] = []
    for beat, inside in by_beat.items():
        off = inside[-1]
        others_on_beat = all(note.onset == beat * PPQ for note in inside[:-1])
        if others_on_beat and off.onset % PPQ // GRID_TICKS in SWUNG:
            onset = Ticks(beat * PPQ + PPQ // 2)
            inside[-1] = Note(onset, Ticks(off.end - onset), off.pitch, off.velocity)
        even.extend(inside)
    return tuple(even)


def kinds(notes: Sequence[Note], changes: Changes) -> tuple[Kind, ...]:
    """What each note of a line is to the chord that sounds at its onset.

    An approach tone is one outside the scale whose next note is a semitone away and a chord tone
    of the chord that sounds then. The last note resolves into nothing.
    """
    found = []
    for i, note in enumerate(notes):
        kind = settled_kind(note.pitch, changes.chord_at(note.onset))
        if kind is None:
            kind = Kind.OTHER
            if i + 1 < len(notes):
                after = notes[i + 1]
                if resolves(note.pitch, after.pitch, changes.chord_at(after.onset)):
                    kind = Kind.APPROACH
        found.append(kind)
    return tuple(found)


def sounding_steps(note: Note, gap: int) -> int:
    """How many of the `gap` grid steps to the next onset belong to the note, the rest to rests.

    All of them, unless half a beat or more is silent after the played end; then the note counts
    up to the first place of the grid at or after its end.
    """
    if gap * GRID_TICKS - note.length < MIN_SILENCE:
        return min(gap, MAX_STEPS)
    return min(max(-(-note.length // GRID_TICKS), 1), MAX_STEPS)


def abstract(
    notes: Sequence[Note],
    changes: Changes,
    start: Ticks = Ticks(0),  # noqa: B008
    end: Ticks | None = None,
) -> tuple[GrammarValue, ...]:
    """The values of a line from `start` to `end`, which defaults to the end of its last bar.

    Args:
        notes: one line in order, onsets on the grid (see `on_grid`), none before `start`.
        changes: the chords under it.
        start: where the first value begins; silence before the first note becomes rests.
        end: where the last value ends.

    Raises:
        AbstractionError: onsets are off the grid, out of order, or outside `start`..`end`.
    """
    if not notes:
        return rests(0 if end is None else (end - start) // GRID_TICKS)
    if end is None:
        last_bar = changes.bar_at(notes[-1].onset)
        end = Ticks(last_bar.start + last_bar.meter.bar_ticks)
    edges = [*(note.onset for note in notes), end]
    if start % GRID_TICKS or any(edge % GRID_TICKS for edge in edges):
        raise AbstractionError("notes are off the grid of 12 a beat")
    if notes[0].onset < start or any(b <= a for a, b in pairwise(edges)):
        raise AbstractionError("notes are not one line in order between its start and end")
    values = list(rests((notes[0].onset - start) // GRID_TICKS))
    before: Note | None = None
    for note, kind, (at, after) in zip(notes, kinds(notes, changes), pairwise(edges), strict=True):
        gap = (after - at) // GRID_TICKS
        steps = sounding_steps(note, gap)
        window = None if before is None else Window.around(note.pitch - before.pitch)
        values.append(GrammarValue(kind, steps, window))
        values.extend(rests(gap - steps))
        before = note
    return tuple(values)
