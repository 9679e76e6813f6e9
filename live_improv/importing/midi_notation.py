"""What was played becomes what is written, and both are kept.

Conventions
    As in `midi_solos`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import pi
from statistics import quantiles

import numpy as np

from live_improv.corpus import Played
from live_improv.grammar.abstraction import monophonic, on_grid
from live_improv.importing.midi_form import Form
from live_improv.importing.midi_melody import STROKE, is_drums, is_line
from live_improv.importing.midi_rhythm import rhythm_reader
from live_improv.midi.parts import FilePart
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks

_EXACT, _NEARLY_ALL = 2, 0.9  # ticks from the grid, and the share of notes: a machine
_MOST, _SPAN = 9, PPQ * 3 // 4  # so many notes take so many ticks at least
_LONG = 64 * PPQ  # ticks without an onset: more of a rest says nothing of the rhythm
_LEGATO = 0.95  # of the notes end where the next begins: nobody's own lengths
_MIDDLE, _APART, _SOFTEST, _LOUDEST = 84, 19, 36, 120  # of velocities, see `corpus.Played`
_ENOUGH = 100  # notes, to tell whether a track keeps a beat
_BEAT, _LOOSE = 2.2, 0.95  # standard errors; the first is reached 1 time in 30 by chance
_DIVISIONS = np.array([1, 2, 3, 4])  # of a beat


def written(line: Sequence[Note], bpm: float) -> tuple[tuple[Note, ...], tuple[Played, ...]]:
    """A played line on the grid, and how each of its notes was played.

    A line that lies on the grid means what it says. Of others the rhythm is read that is likeliest,
    swung pairs as even eighths; notes for which a beat has no place are left out.
    """
    if _is_exact(line):
        kept = monophonic(line)[0]
        notes = on_grid(kept)
    else:
        # The velocity carries the number of the note through the reading.
        numbered = [replace(note, velocity=number) for number, note in enumerate(line)]
        numbered = _thinned(numbered)
        earlier = _earlier(numbered)
        nearer = [
            replace(note, onset=Ticks(note.onset - earlier[note.velocity])) for note in numbered
        ]
        read = rhythm_reader().read(nearer, bpm).notes
        kept = tuple(line[note.velocity] for note in read)
        notes = on_grid(
            [
                replace(was, onset=Ticks(max(onset, 0)), length=Ticks(max(was.end - onset, 1)))
                for note, was in zip(read, kept, strict=True)
                for onset in (note.onset + earlier[note.velocity],)
            ]
        )
    loudness = _velocities([note.velocity for note in kept])
    played = tuple(
        Played(note.onset, note.length, velocity)
        for note, velocity in zip(kept, loudness, strict=True)
    )
    return tuple(replace(note, velocity=80) for note in notes), played


def _earlier(numbered: Sequence[Note]) -> dict[int, int]:
    """By how many ticks each note, by its number, is read earlier: whole beats of long rests."""
    found, sum_of_them, before = {}, 0, numbered[0].onset
    for note in numbered:
        sum_of_them += max(note.onset - before - _LONG, 0) // PPQ * PPQ
        found[note.velocity] = sum_of_them
        before = note.onset
    return found


def _thinned(line: Sequence[Note]) -> list[Note]:
    """Without the notes that come too soon after the `_MOST` before them to be read as a rhythm."""
    kept: list[Note] = []
    for note in line:
        if len(kept) < _MOST or note.onset - kept[-_MOST].onset >= _SPAN:
            kept.append(note)
    return kept


def is_legato(line: Sequence[Note]) -> bool:
    """Whether the notes' ends only follow from the onsets."""
    if len(line) < 2:
        return False
    meet = sum(abs(note.end - after.onset) <= _EXACT for note, after in pairwise(line))
    return meet >= _LEGATO * (len(line) - 1)


def stretches(line: Sequence[Note], form: Form, rest: int) -> Iterator[tuple[Note, ...]]:
    """The parts of a line between rests of `rest` whole bars and more."""
    first = 0
    for number, (note, after) in enumerate(pairwise(line), 1):
        ends = form.bar_index(note.end + form.lead)
        if form.bar_index(after.onset + form.lead) - ends > rest:
            yield tuple(line[first:number])
            first = number
    yield tuple(line[first:])


def keeps_time(parts: Sequence[FilePart]) -> bool:
    """Whether the notes of a file keep to its beats; so few that nobody can tell do.

    Tracks whose onsets are spread evenly over the beat, and over its halves, thirds and quarters,
    were played to another beat or to none. Who accompanies keeps time, so they are asked where
    there are some: of 369 solos of the Weimar Jazz Database 69 are as free by themselves as what
    does not, and 9 are where a line is asked for less.
    """
    able = [part for part in parts if len(part.notes) >= _ENOUGH]
    many = [part for part in able if is_drums(part) or not is_line(part)]
    bound = _BEAT if many else _LOOSE
    return not able or any(_beat(part.notes) >= bound for part in many or able)


def _beat(notes: Sequence[Note]) -> float:
    """How far strokes are from spread evenly, in standard errors (Rayleigh's test)."""
    strokes: list[int] = []
    for note in notes:
        if not strokes or note.onset - strokes[-1] >= STROKE:
            strokes.append(note.onset)
    angles = 2j * pi * np.outer(_DIVISIONS, np.array(strokes) / PPQ)
    return float(np.abs(np.exp(angles).mean(1)).max() * len(strokes) ** 0.5)


def _is_exact(line: Sequence[Note]) -> bool:
    off = [abs((note.onset + GRID_TICKS // 2) % GRID_TICKS - GRID_TICKS // 2) for note in line]
    return sum(each <= _EXACT for each in off) >= _NEARLY_ALL * len(line)


def _velocities(raw: Sequence[int]) -> list[int | None]:
    """Loudness within the solo in the corpus's scale; None where all notes are as loud."""
    if len(set(raw)) < 3:
        return [None] * len(raw)
    low, middle, high = quantiles(raw, n=4, method="inclusive")
    scale = _APART / max(high - low, 1.0)
    return [min(max(round(_MIDDLE + scale * (each - middle)), _SOFTEST), _LOUDEST) for each in raw]
