"""Voicings: which tones of a chord a pianist takes who leaves the root to the bass, and where.

Shapes are the usual left-hand ones: third and seventh, and two colours; whichever of them lies
lowest, the others follow as close as they can (Bill Evans' A and B have the third and the seventh
lowest). Each chord is laid nearest to the one before.

Conventions
    Tones are semitones above the root, 0..11. Pitches are MIDI notes, ascending.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from live_improv.music.chords import Chord

LOWEST, HIGHEST = 52, 77
"""E3 to F5, both included: below the right hand's solos, above the mud."""

_CENTRE = 63.5


@dataclass(frozen=True, slots=True)
class Shape:
    """The tones of chords that have `needs` and lack `lacks`; the first row that fits decides.

    Attributes:
        guides: always sounded.
        colours: of each entry one tone: the first that the symbol names, of those before the bar,
            or else the first that lies in the scale, of those after it.
    """

    name: str
    needs: frozenset[int]
    lacks: frozenset[int]
    guides: tuple[int, ...]
    colours: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]


def _tones(text: str) -> tuple[int, ...]:
    return tuple(int(tone) for tone in text.split())


def _shape(name: str, needs: str, lacks: str, guides: str, *colours: str) -> Shape:
    pairs = (colour.split("|") for colour in colours)
    return Shape(
        name,
        frozenset(_tones(needs)),
        frozenset(_tones(lacks)),
        _tones(guides),
        tuple((_tones(named), _tones(usual)) for named, usual in pairs),
    )


SHAPES = (
    _shape("suspended seventh", "5 10", "3 4", "5 10", "1 3|2 1", "9 8|9 7"),
    _shape("dominant", "4 10", "", "4 10", "3 1|2 1 3", "9 8 6|9 7 8 6"),
    _shape("augmented major seventh", "4 8 11", "7", "4 11 8", "2|2"),
    _shape("major seventh", "4 11", "", "4 11", "2 1 3|2 7", "6 8 9|7"),
    _shape("major sixth", "4 9", "", "4 9", "2|2", "6|7"),
    _shape("augmented", "4 8", "7", "4 8 0"),
    _shape("half-diminished", "3 6 10", "7", "3 6 10", "2 5|0"),
    _shape("minor major seventh", "3 11 7", "", "3 11", "2|2", "6 9|7"),
    _shape("minor seventh", "3 10", "", "3 10", "1 2|2 0", "5 8 9|7"),
    _shape("diminished seventh", "3 6 9", "7", "3 6 9", "11 2|0"),
    _shape("diminished", "3 6", "7", "3 6 0", "|9"),
    _shape("minor sixth", "3 9", "", "3 9", "2|2", "|7"),
    _shape("minor augmented", "3 8", "7", "3 8 0"),
    _shape("minor", "3", "", "3 7 0", "2|"),
    _shape("major", "4", "", "4 7", "2 1 3 6|9 2", "8|0"),
    _shape("suspended fourth", "5", "", "0 5 7", "1 2|"),
    _shape("suspended second", "2", "", "0 2 7"),
)
"""In the order they are tried; what fits none is sounded as it is written."""

_PLAIN_MAJOR = (0, 4, 7)
_MOST = 4


@lru_cache(maxsize=1024)
def tones(chord: Chord) -> tuple[int, ...]:
    """The tones of a voicing, semitones above the root, what matters most first.

    None for N.C.
    """
    if chord.root is None:
        return ()
    named = {(each - chord.root) % 12 for each in chord.pitch_classes}
    if "\\" in chord.quality:
        return _polychord(chord, chord.root)
    scale = {(each - chord.root) % 12 for each in chord.scale}
    shape = next((row for row in SHAPES if row.needs <= named and not row.lacks & named), None)
    if shape is None:
        return tuple(sorted(named, key=lambda tone: (tone in (0, 7), tone)))[:_MOST]
    found = list(shape.guides)
    for special, usual in shape.colours:
        choices = [each for each in special if each in named]
        choices += [each for each in usual if each in scale]
        found += [each for each in choices if each not in found][:1]
    return tuple(found[:_MOST])


def _polychord(chord: Chord, root: int) -> tuple[int, ...]:
    """The tones that the upper chord adds, and of the lower one what there is room for."""
    added = sorted((each - root) % 12 for each in chord.pitch_classes - chord.chord_tones)
    below = {(each - root) % 12 for each in chord.chord_tones}
    kept = [each for each in (4, 3, 10, 11, 9, 7, 0) if each in below]
    return tuple((added[:3] + kept)[:_MOST])


@lru_cache(maxsize=4096)
def _places(root: int, shape: tuple[int, ...]) -> tuple[tuple[tuple[int, ...], float], ...]:
    """Every place in the range where the tones lie close, and what is amiss with each."""
    found = []
    around = sorted((root + tone) % 12 for tone in shape)
    guides = {(root + tone) % 12 for tone in shape[:2]}
    for turn in range(len(around)):
        turned = around[turn:] + around[:turn]
        for lowest in range(LOWEST, HIGHEST + 1):
            if lowest % 12 != turned[0]:
                continue
            notes = tuple(lowest + (each - turned[0]) % 12 for each in turned)
            if notes[-1] <= HIGHEST:
                found.append((notes, _amiss(notes, guides)))
    return tuple(found)


def _amiss(notes: tuple[int, ...], guides: set[int]) -> float:
    gaps = [b - a for a, b in pairwise(notes)]
    cost = 0.5 * (notes[0] % 12 not in guides)
    cost += 2.0 * (gaps[-1:] == [1]) + 4.0 * sum(a <= 2 and b <= 2 for a, b in pairwise(gaps))
    cost += 1.5 * (notes[0] < 55 and gaps[:1] in ([1], [2]))
    return cost + 0.4 * abs(sum(notes) / len(notes) - _CENTRE)


def movement(notes: tuple[int, ...], previous: tuple[int, ...]) -> float:
    """How far a voice moves on the average, in semitones."""
    if not previous:
        return 0.0
    if len(notes) == len(previous):
        return sum(abs(a - b) for a, b in zip(notes, previous, strict=True)) / len(notes)
    return sum(min(abs(a - b) for b in previous) for a in notes) / len(notes)


@lru_cache(maxsize=8192)
def voiced(
    chord: Chord, previous: tuple[int, ...] = (), voices: int = _MOST, *, plain: bool = False
) -> tuple[int, ...]:
    """The chord in so many voices at most, nearest to `previous`; nothing for N.C.

    Args:
        plain: a major triad stays one.
    """
    shape = tones(chord)
    if plain and chord.quality == "":
        shape = _PLAIN_MAJOR if shape else ()
    shape = shape[:voices]
    if not shape or chord.root is None:
        return ()
    places = _places(chord.root, shape)
    return min(places, key=lambda place: (movement(place[0], previous) + place[1], place[0]))[0]
