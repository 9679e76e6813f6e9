"""Which track of somebody's file has the melody.

Every track that is not drums gets points, a row of `_SAYS` for each thing that speaks for or
against it: its name, its General MIDI sound, whether its notes come one at a time, how it lies
beside the others, how much it has to say. The one with most points has the melody. Names are what
people really write, so they count most; where tracks have none, the notes must do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from live_improv.importing.imported import NotUnderstood
from live_improv.importing.midi_names import DRUM_NAMES, NAMES, SOUNDS
from live_improv.midi.parts import FilePart
from live_improv.music.events import Note
from live_improv.music.score import CHORDS
from live_improv.music.timing import PPQ

FEWEST = 8
"""Notes; fewer are no solo."""

DRUMS = 9
"""The channel of General MIDI on which programs are drums."""

STROKE = PPQ // 16
"""Notes that begin within so many ticks begin together."""

_MOST_OTHERS = 24  # tracks that one is seen beside
_ALONE = 0.8  # of the notes: from here on a track is one line
_BLOCKS = 0.15  # and up to here it is nothing but chords
_BAR = 4 * PPQ
_FINGERS = 12

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Beside:
    """A track, and what it is seen beside.

    Attributes:
        part: the track.
        others: the other pitched ones, those with most notes.
        most: notes of the longest one.
        bars: four quarters each, of the whole file.
    """

    part: FilePart
    others: tuple[FilePart, ...]
    most: int
    bars: int


def voices(parts: Sequence[FilePart]) -> tuple[FilePart, ...]:
    """The pitched tracks of a file, in its order.

    The channels of one track among several are one voice, as a guitar has one for each string.
    """
    pitched = [part for part in parts if not is_drums(part)]
    if len({part.track for part in parts}) < 2:
        return tuple(pitched)
    return tuple(
        _joined(list(together)) for _, together in groupby(pitched, key=lambda part: part.track)
    )


def is_drums(part: FilePart) -> bool:
    """Whether a part is drums."""
    return part.channel == DRUMS or bool(DRUM_NAMES.search(part.name))


def melody_of(found: Sequence[FilePart], choice: str | None = None) -> FilePart:
    """The voice that has the melody.

    Args:
        found: as `voices` has them.
        choice: a part of its name, or the number of its track from 1; where there is only one
            track, that of its channel from 1.

    Raises:
        NotUnderstood: none can be it, or none is called so.
    """
    if choice is not None:
        return _chosen(found, choice)
    able = [part for part in found if len(part.notes) >= FEWEST]
    if not able:
        most = max((len(part.notes) for part in found), default=0)
        raise NotUnderstood(
            f"no track has {FEWEST} notes that are not drums (the longest has {most})"
        )
    best = max(able, key=lambda part: points(beside(part, found)))
    if len(able) > 1 and alone(best.notes) < _BLOCKS and _name(beside(best, found)) <= 0.0:
        raise NotUnderstood(
            f"no track is a melody: in each several notes begin at once ({named(best)} is the "
            "likeliest); name one"
        )
    return best


def beside(part: FilePart, found: Sequence[FilePart]) -> Beside:
    """A voice among the others."""
    end = max(each.notes[-1].end for each in found)
    return Beside(
        part=part,
        others=tuple(
            sorted(
                (each for each in found if each is not part and len(each.notes) >= FEWEST),
                key=lambda each: -len(each.notes),
            )[:_MOST_OTHERS]
        ),
        most=max(len(each.notes) for each in found),
        bars=max(end // _BAR, 1),
    )


def points(seen: Beside) -> float:
    """How much speaks for it that a voice has the melody."""
    return sum(says(seen) for says in _SAYS)


def alone(notes: Sequence[Note]) -> float:
    """The share of the notes that begin when no other one does, 0..1; at least one note."""
    near = [after.onset - before.onset < STROKE for before, after in pairwise(notes)]
    together = sum(a or b for a, b in zip([False, *near], [*near, False], strict=True))
    return 1.0 - together / len(notes)


def is_line(part: FilePart) -> bool:
    """Whether a part is one line, but for a few notes."""
    return alone(part.notes) >= _ALONE


def named(part: FilePart) -> str:
    """A part in words."""
    name = f' "{part.name}"' if part.name else ""
    return f"track {part.track + 1}{name}, channel {part.channel + 1}"


def _name(seen: Beside) -> float:
    name = seen.part.name
    if name == CHORDS:
        return -6.0
    # A name that all tracks share is that of the piece.
    if seen.others and all(each.name == name for each in seen.others):
        return 0.0
    return next((says for pattern, says in NAMES if pattern.search(name)), 0.0)


def _sound(seen: Beside) -> float:
    program = seen.part.program
    if program is None:
        return 0.0
    return next((says for low, high, says in SOUNDS if low <= program <= high), 0.0)


def _one_at_a_time(seen: Beside) -> float:
    share = alone(seen.part.notes)
    return 2.0 if share >= 0.95 else 1.5 if share >= _ALONE else 3.0 * (share - 0.75)


def _register(seen: Beside) -> float:
    """A bass is one line as well: below the others it is none."""
    middle = _middle(seen.part)
    lowest = seen.others and middle < min(_middle(each) for each in seen.others)
    low = 4.0 if middle < 46 else 2.0 if middle < 52 else 0.0
    high = 1.0 if middle > 88 else 0.0
    return -low - high - (1.0 if lowest else 0.0)


def _on_top(seen: Beside) -> float:
    """How often it is the highest of what sounds when it begins a note."""
    if not seen.others:
        return 0.0
    onsets = np.array([note.onset for note in seen.part.notes])
    pitches = np.array([note.pitch for note in seen.part.notes])
    covered = np.zeros(len(onsets), bool)
    for each in seen.others:
        covered |= _over(each.notes, onsets, pitches)
    return 1.0 - 2.0 * int(covered.sum()) / len(covered)


def _says_much(seen: Beside) -> float:
    """How many notes, and in how much of the file."""
    bars = {note.onset // _BAR for note in seen.part.notes}
    notes = min(len(seen.part.notes) / (0.5 * seen.most), 1.0)
    few = -2.0 if len(seen.part.notes) < 24 < seen.most else 0.0
    return 1.0 * notes + 1.5 * min(len(bars) / seen.bars, 0.75) + few


def _varies(seen: Beside) -> float:
    """An accompaniment says its bars again, and has few tones."""
    by_bar: dict[int, list[tuple[int, int]]] = {}
    for note in seen.part.notes:
        by_bar.setdefault(note.onset // _BAR, []).append(
            (note.onset % _BAR // (PPQ // 4), note.pitch)
        )
    different = len({tuple(bar) for bar in by_bar.values()}) / len(by_bar)
    tones = len({note.pitch for note in seen.part.notes})
    return 2.0 * different + (0.5 if tones >= 10 else -1.5 if tones < 6 else 0.0)


def _rhythm(seen: Beside) -> float:
    """A walking bass has one note a beat, all alike; a melody has many gaps."""
    gaps = [after.onset - before.onset for before, after in pairwise(seen.part.notes)]
    gaps = [gap for gap in gaps if gap >= STROKE]
    if not gaps:
        return -1.0
    usual = median(gaps)
    alike = sum(abs(gap - usual) < 0.15 * usual for gap in gaps) / len(gaps)
    return -2.0 if alike > 0.8 and usual > 0.75 * PPQ else 0.5 if alike < 0.7 else 0.0


_SAYS: tuple[Callable[[Beside], float], ...] = (
    _name,
    _sound,
    _one_at_a_time,
    _register,
    _on_top,
    _says_much,
    _varies,
    _rhythm,
)


def _over(notes: Sequence[Note], onsets: Array, pitches: Array) -> Array:
    """Which of the notes with these onsets and pitches begin below one that sounds, `(notes,)`."""
    begin = np.array([note.onset for note in notes])
    end = np.array([note.end for note in notes])
    pitch = np.array([note.pitch for note in notes])
    begun = np.searchsorted(begin, onsets + STROKE)
    covered = np.zeros(len(onsets), bool)
    # Looking back over few notes is enough: who holds a chord has no more fingers.
    for back in range(1, 1 + min(_FINGERS, len(notes))):
        at = np.maximum(begun - back, 0)
        covered |= (begun >= back) & (end[at] > onsets + STROKE) & (pitch[at] > pitches)
    return covered


def _middle(part: FilePart) -> float:
    return median(note.pitch for note in part.notes)


def _joined(together: list[FilePart]) -> FilePart:
    if len(together) == 1:
        return together[0]
    notes = sorted(
        (note for part in together for note in part.notes),
        key=lambda note: (note.onset, note.pitch),
    )
    longest = max(together, key=lambda part: len(part.notes))
    return replace(longest, notes=tuple(notes))


def _chosen(found: Sequence[FilePart], choice: str) -> FilePart:
    """The voice that is asked for."""
    one_track = len({part.track for part in found}) < 2
    wanted = choice.strip()
    if re.fullmatch(r"[0-9]{1,3}", wanted):
        number = int(wanted) - 1
        same = [p for p in found if (p.channel if one_track else p.track) == number]
    else:
        folded = wanted.casefold()
        same = [p for p in found if p.name.casefold() == folded] or [
            p for p in found if folded and folded in p.name.casefold()
        ]
    if same:
        return max(same, key=lambda part: len(part.notes))
    there = ", ".join(named(part) for part in found[:12]) or "none that is not drums"
    raise NotUnderstood(f"no melody track {wanted[:40]!r}: there is {there}")
