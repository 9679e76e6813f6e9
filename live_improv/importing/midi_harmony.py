"""Chords out of an accompaniment: what everybody but the soloist plays, beat by beat.

Of each beat the pitch classes that sound are weighed by how long they do, and the lowest tone where
a bar or half a bar begins counts as a bass. Each chord of a table of shapes on every root has a
score for it; the likeliest row of chords is found by Viterbi's method, where a chord changes
readily at a bar line, less readily in the middle of a bar and seldom elsewhere, and to a chord that
usually follows rather than to another (`chord_shapes.PROGRESSIONS`).

Conventions
    Pitch classes are 0..11, C = 0. Scores are in nats, more or less: they were set by hand on
    accompaniments that our own band plays to the chords of eight `train` solos. On those of the 45
    `valid` solos the root is right under 76 % of the notes, root and family under 73 %
    (`benchmarks/import_melody.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from live_improv.listening.chord_shapes import PROGRESSIONS, Kind, kind_of
from live_improv.midi.reader import ChordMark
from live_improv.music.changes import Bar
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks

Array = npt.NDArray[Any]

_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True, slots=True)
class Shape:
    """A chord without its root, in semitones above it.

    Attributes:
        suffix: of the symbol.
        tells: the tones that tell it from others; each that is not heard speaks against it.
        fits: other tones of it and its colours.
        prior: how usual it is.
    """

    suffix: str
    tells: tuple[int, ...]
    fits: tuple[int, ...]
    prior: float = 0.0


_SHAPES = (
    Shape("7", (4, 10), (0, 7, 2, 9, 1, 3, 6, 8), 0.3),
    Shape("maj7", (4, 11), (0, 7, 2, 9, 6), 0.1),
    Shape("6", (4, 9), (0, 7, 2), 0.05),
    Shape("", (4, 7), (0, 2), -0.1),
    Shape("m7", (3, 10), (0, 7, 2, 5), 0.1),
    Shape("m6", (3, 9), (0, 7, 2, 11), -0.3),
    Shape("m", (3, 7), (0, 2), 0.1),
    Shape("m7b5", (3, 6, 10), (0, 5)),
    Shape("dim7", (3, 6, 9), (0,), -0.6),
    Shape("7sus4", (5, 10), (0, 7, 2, 9), -0.4),
)

# What a tone says that sounds through a whole beat.
_TELLS, _ROOT, _FIFTH, _FITS, _FOREIGN = 1.3, 1.0, 0.3, 0.5, -1.4
_ALTERED = -0.1  # a b9, #9, #11 or b13 over a dominant
_MISSING = -0.9
# What the lowest tone says that begins a bar or half of one: it is the root, the fifth, the third
# or seventh, something else.
_BASS_ROOT, _BASS_FIFTH, _BASS_TONE, _BASS_OTHER = 2.4, 0.6, 0.0, -1.0
# What a change of chord costs: at a bar line, in the middle of a bar, at another beat.
_AT_BAR, _AT_HALF, _AT_BEAT = 2.2, 2.7, 4.9

_LONGEST = 16  # beats: a note that sounds longer is stuck
_NEAR_SOUND = 64  # beats: in a silence no chord changes further than this from what sounds
_FOLLOWS = 0.45  # what is known of progressions counts so much
_UNSEEN = 0.3  # of those that were not counted, in the unit of the table

_SILENT = 0.05  # of a beat: less is no sound
_EARLY = PPQ // 8  # who plays the next chord may be so early
_ANTICIPATED = PPQ // 2  # and this early what is then held over the beat
_LOW = 52


def recognised(notes: Sequence[Note], bars: Sequence[Bar], last: Ticks) -> tuple[ChordMark, ...]:
    """The chords of an accompaniment up to `last`, where they change; none where nothing sounds.

    Args:
        notes: of all who accompany.
        bars: without gaps; a beat is a quarter, and what is left at the end of a bar.
    """
    beats = _beats(bars, last)
    heard, bass = _sounding(notes, beats)
    if not heard.any():
        return ()
    near = _near_sound(heard)
    path = _best_path(_scores(heard[near], bass[near]), [beats[i][2] for i in near])
    marks: list[ChordMark] = []
    started = False
    for i, row in zip(near, path, strict=True):
        start = beats[i][0]
        started = started or bool(heard[i].any())
        if not started:
            continue
        root, shape = divmod(row, len(_SHAPES))
        chord = parse_chord(_ROOTS[root] + _SHAPES[shape].suffix)
        if not marks or marks[-1].chord != chord:
            marks.append(ChordMark(start, chord))
    return tuple(marks)


def _beats(bars: Sequence[Bar], last: Ticks) -> list[tuple[Ticks, Ticks, float]]:
    """Start, end and the cost of a change at each beat."""
    found = []
    for bar in bars:
        if bar.start > last:
            break
        length = bar.meter.bar_ticks
        half = length // 2 if length % (2 * PPQ) == 0 else 0
        for within in range(0, length, PPQ):
            cost = _AT_BAR if not within else _AT_HALF if within == half else _AT_BEAT
            start = Ticks(bar.start + within)
            found.append((start, Ticks(min(start + PPQ, bar.start + length)), cost))
    return found


def _sounding(
    notes: Sequence[Note], beats: Sequence[tuple[Ticks, Ticks, float]]
) -> tuple[Array, Array]:
    """How much of each beat each pitch class sounds, `(beats, 12)`, and the same for basses."""
    heard, bass = np.zeros((len(beats), 12)), np.zeros((len(beats), 12))
    starts = np.array([start for start, _, _ in beats])
    ends = np.array([end for _, end, _ in beats])
    onset = np.array([note.onset for note in notes])
    end = np.array([note.end for note in notes])
    pitch = np.array([note.pitch for note in notes])
    early = np.where(end - onset > _ANTICIPATED, _ANTICIPATED, _EARLY)
    first = np.maximum(np.searchsorted(starts, onset + early, "right") - 1, 0)
    lows = np.full(len(beats), 128)
    low_shares: list[tuple[Array, Array, Array]] = []
    for further in range(_LONGEST):
        place = first + further
        sounds = np.flatnonzero(place < len(beats))
        sounds = sounds[starts[place[sounds]] < end[sounds]]
        at = place[sounds]
        both = np.minimum(end[sounds], ends[at]) - np.maximum(onset[sounds], starts[at])
        share = np.minimum(both / (ends[at] - starts[at]), 1.0)
        loud = share > _SILENT
        # A short stroke says what a long one does, or nearly.
        sounds, at, share = sounds[loud], at[loud], share[loud] ** 0.5
        np.maximum.at(heard, (at, pitch[sounds] % 12), share)
        begun = onset[sounds] < starts[at] + PPQ // 2
        low_shares.append((at[begun], pitch[sounds][begun], share[begun]))
        np.minimum.at(lows, at[begun], pitch[sounds][begun])
    strong = np.array([cost < _AT_BEAT for _, _, cost in beats]) & (lows < _LOW)
    for at, low, share in low_shares:
        is_bass = strong[at] & (low == lows[at])
        np.maximum.at(bass, (at[is_bass], low[is_bass] % 12), share[is_bass])
    return heard, bass


def _near_sound(heard: Array) -> list[int]:
    """The beats that are near one with sound: of long silences the middle is left out."""
    sounding = np.flatnonzero(heard.any(1))
    every = np.arange(len(heard))
    after = np.searchsorted(sounding, every)
    behind = every - sounding[np.maximum(after - 1, 0)]
    ahead = sounding[np.minimum(after, len(sounding) - 1)] - every
    found: list[int] = np.flatnonzero(np.minimum(abs(behind), abs(ahead)) <= _NEAR_SOUND).tolist()
    return found


def _scores(heard: Array, bass: Array) -> Array:
    """How well each chord fits each beat, `(beats, 12 x shapes)`."""
    says, tells, basses = (np.zeros((12 * len(_SHAPES), 12)) for _ in range(3))
    prior = np.zeros(12 * len(_SHAPES))
    for root in range(12):
        for number, shape in enumerate(_SHAPES):
            row = root * len(_SHAPES) + number
            prior[row] = shape.prior
            for tone in range(12):
                pitch_class = (root + tone) % 12
                says[row, pitch_class] = _says(shape, tone)
                tells[row, pitch_class] = tone in shape.tells
                basses[row, pitch_class] = _bass_says(shape, tone)
    score = heard @ says.T + bass @ basses.T
    missing = (heard == 0.0).astype(float) @ tells.T
    loud = heard.any(axis=1, keepdims=True)
    return np.asarray(np.where(loud, score + _MISSING * missing + prior, 0.0))


def _says(shape: Shape, tone: int) -> float:
    if tone == 0:
        return _ROOT
    if tone in shape.tells:
        return _TELLS
    if tone in shape.fits:
        if tone == 7:
            return _FIFTH
        return _ALTERED if shape.suffix == "7" and tone in (1, 3, 6, 8) else _FITS
    return _FOREIGN


def _bass_says(shape: Shape, tone: int) -> float:
    if tone == 0:
        return _BASS_ROOT
    if tone == 7 and 6 not in shape.tells:
        return _BASS_FIFTH
    return _BASS_TONE if tone in shape.tells else _BASS_OTHER


def _best_path(scores: Array, costs: Sequence[float]) -> list[int]:
    """The likeliest row of chords, one for each beat."""
    usual = _FOLLOWS * _following()
    everyone = np.arange(scores.shape[1])
    total = scores[0].copy()
    origins = []
    for score, cost in zip(scores[1:], costs[1:], strict=True):
        ways = total[:, None] + usual
        best = ways.argmax(0)
        top = ways[best, everyone] - cost
        changed = top > total
        origins.append(np.where(changed, best, everyone))
        total = np.where(changed, top, total) + score
    path = [int(total.argmax())]
    for origin in reversed(origins):
        path.append(int(origin[path[-1]]))
    return path[::-1]


@cache
def _following() -> Array:
    """How much likelier each chord is after each other than by chance, log, `(before, after)`."""
    kinds = [kind_of(parse_chord(f"C{shape.suffix}")) or Kind.MAJOR for shape in _SHAPES]
    counted = {(row.before, row.after): row.shares for row in PROGRESSIONS}
    none = (0.0,) * 12
    table = np.zeros((12, len(kinds), 12, len(kinds)))
    for root in range(12):
        for i, before in enumerate(kinds):
            for up in range(12):
                for j, after in enumerate(kinds):
                    share = counted.get((before, after), none)[up]
                    table[root, i, (root + up) % 12, j] = share
    flat = table.reshape(12 * len(kinds), 12 * len(kinds)) + _UNSEEN
    logs = np.log(flat / flat.mean(1, keepdims=True))
    return np.asarray(logs)
