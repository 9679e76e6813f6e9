"""One line out of a track: what a horn plays, or the top of what two hands play.

Conventions
    Ticks are those of the file. Notes that begin within `midi_melody.STROKE` begin together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from live_improv.importing.midi_melody import STROKE, alone
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks

_ONE_LINE = 0.8
_AROUND = 8 * PPQ  # two bars on both sides, in which the hands are told apart
_APART = 9.0  # semitones between the middles of two hands
_COVERED = 8  # semitones below a note that is held: an inner voice
_HELD = PPQ // 4


@dataclass(frozen=True, slots=True)
class Taken:
    """A line, by onset, and the notes of the track that are not of it."""

    line: tuple[Note, ...]
    rest: tuple[Note, ...]


def top_line(notes: Sequence[Note]) -> Taken:
    """The line of a track, at least one note, by onset.

    Of notes that begin together the highest is kept. Where many do, as on a piano, the hands are
    told apart first, by the two middles that the pitches lie about within two bars, and what lies
    clearly below a note that is still held is an inner voice.
    """
    hands = alone(notes) < _ONE_LINE
    bounds = _bounds(notes) if hands else [0] * len(notes)
    line: list[Note] = []
    rest: list[Note] = []
    for note, bound in zip(notes, bounds, strict=True):
        if note.pitch < bound:
            rest.append(note)
        elif line and note.onset - line[-1].onset < STROKE:
            lower = min(note, line[-1], key=lambda each: each.pitch)
            rest.append(lower)
            if lower is not note:
                line[-1] = note
        elif hands and line and _is_inner(note, line[-1]):
            rest.append(note)
        else:
            line.append(note)
    return Taken(tuple(line), tuple(sorted(rest, key=lambda note: (note.onset, note.pitch))))


def _is_inner(note: Note, over: Note) -> bool:
    return over.end > note.onset + _HELD and over.pitch - note.pitch >= _COVERED


def _bounds(notes: Sequence[Note]) -> list[int]:
    """For each note the pitch from which on the right hand plays there, found bar by bar."""
    onsets = [note.onset for note in notes]
    found: dict[int, int] = {}
    bounds = []
    for note in notes:
        place = note.onset // (PPQ * 2)
        if place not in found:
            middle = place * PPQ * 2 + PPQ
            first = bisect_left(onsets, Ticks(middle - _AROUND))
            last = bisect_left(onsets, Ticks(middle + _AROUND))
            found[place] = _bound([each.pitch for each in notes[first:last]])
        bounds.append(found[place])
    return bounds


def _bound(pitches: Sequence[int]) -> int:
    """Between two hands; 0 where there is one."""
    low, high = float(min(pitches)), float(max(pitches))
    for _ in range(8):
        bound = (low + high) / 2
        left = [pitch for pitch in pitches if pitch < bound]
        right = [pitch for pitch in pitches if pitch >= bound]
        if not left or not right:
            return 0
        low, high = sum(left) / len(left), sum(right) / len(right)
    return round((low + high) / 2) if high - low >= _APART else 0
