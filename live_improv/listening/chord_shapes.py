"""The tables of chord recognition: how chords are voiced, and which follows which.

Conventions
    A shape is a chord quality as hands play it. Its tones are degree names (`chord_tables.DEGREES`)
    with a mark for how often a voicing has them: `3!` (nearly always: without it the chord is
    another), `5` (mostly), `9~` (where it stands for the root, and now and then beside it), `13?`
    (now and then); what is not listed is foreign to the shape.
    A progression is counted from the root of the chord before, upwards, in semitones.

Sources
    Which tones a left-hand voicing keeps and leaves out: Levine, The Jazz Piano Book (1989),
    chapters 2 to 9. How common a shape and a progression are: the chords of the 334 solos of the
    training part of the Weimar Jazz Database, 21,981 changes of chord; qualities that charts
    leave to the player (sixths, triads, minor with a major seventh) are made more common.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from live_improv.music.chord_tables import DEGREES
from live_improv.music.chords import Chord


class QualityFamily(StrEnum):
    """What a chord is, apart from its root and its tensions."""

    MAJOR = "major"
    MINOR = "minor"
    DOMINANT = "dominant"
    HALF_DIMINISHED = "half-diminished"
    DIMINISHED = "diminished"
    AUGMENTED = "augmented"
    SUSPENDED = "suspended"
    OPEN = "open"


_FOURTH, _SECOND, _MINOR, _MAJOR, _FLAT_FIFTH, _FIFTH, _SHARP_FIFTH, _SEVENTH = (
    DEGREES[name] for name in ("4", "2", "b3", "3", "b5", "5", "#5", "b7")
)


def family_of(chord: Chord) -> QualityFamily | None:
    """The family of a chord, by its chord tones; None for N.C.

    With a major third: dominant if there is a minor seventh, else augmented if the fifth is
    raised, else major. With a minor third: half-diminished or diminished if the fifth is lowered,
    with and without a minor seventh, else minor (whatever its sixth or seventh). Without a third:
    suspended if there is a fourth or a second, else open.
    """
    if chord.root is None:
        return None
    tones = {(tone - chord.root) % 12 for tone in chord.chord_tones}
    if _MAJOR in tones:
        if _SEVENTH in tones:
            return QualityFamily.DOMINANT
        raised = _SHARP_FIFTH in tones and _FIFTH not in tones
        return QualityFamily.AUGMENTED if raised else QualityFamily.MAJOR
    if _MINOR in tones:
        if _FLAT_FIFTH not in tones or _FIFTH in tones:
            return QualityFamily.MINOR
        half = _SEVENTH in tones
        return QualityFamily.HALF_DIMINISHED if half else QualityFamily.DIMINISHED
    suspended = tones & {_FOURTH, _SECOND}
    return QualityFamily.SUSPENDED if suspended else QualityFamily.OPEN


class Kind(StrEnum):
    """What a chord is to the chords around it: its family, but that a minor chord with a minor
    seventh, which mostly moves on to a dominant, is told from one without, which is mostly a tonic.
    Augmented and open chords, which are rare, go with the major ones."""

    MAJOR = "major"
    MINOR_SEVENTH = "minor seventh"
    TONIC_MINOR = "tonic minor"
    DOMINANT = "dominant"
    HALF_DIMINISHED = "half-diminished"
    DIMINISHED = "diminished"
    SUSPENDED = "suspended"


_KINDS = {
    QualityFamily.MAJOR: Kind.MAJOR,
    QualityFamily.AUGMENTED: Kind.MAJOR,
    QualityFamily.OPEN: Kind.MAJOR,
    QualityFamily.DOMINANT: Kind.DOMINANT,
    QualityFamily.HALF_DIMINISHED: Kind.HALF_DIMINISHED,
    QualityFamily.DIMINISHED: Kind.DIMINISHED,
    QualityFamily.SUSPENDED: Kind.SUSPENDED,
}


def kind_of(chord: Chord) -> Kind | None:
    """The kind of a chord, by its chord tones; None for N.C."""
    family = family_of(chord)
    if chord.root is None or family is None:
        return None
    if family is not QualityFamily.MINOR:
        return _KINDS[family]
    seventh = (chord.root + _SEVENTH) % 12 in chord.chord_tones
    return Kind.MINOR_SEVENTH if seventh else Kind.TONIC_MINOR


@dataclass(frozen=True, slots=True)
class Shape:
    """A quality as it is voiced.

    Attributes:
        suffix: what follows the root in its symbol.
        family, kind: those of that symbol.
        share: how many of a thousand chords it is.
        needed, usual, standing, rare: semitones above the root of the tones marked `!`, not
            marked, `~` and `?`.
    """

    suffix: str
    family: QualityFamily
    kind: Kind
    share: float
    needed: frozenset[int]
    usual: frozenset[int]
    standing: frozenset[int]
    rare: frozenset[int]


def _shape(suffix: str, family: QualityFamily, share: float, tones: str) -> Shape:
    kind = _KINDS.get(family) or (Kind.MINOR_SEVENTH if "b7" in tones else Kind.TONIC_MINOR)
    marked: dict[str, set[int]] = {"!": set(), "": set(), "~": set(), "?": set()}
    for tone in tones.split():
        name = tone.rstrip("!~?")
        marked[tone[len(name) :]].add(DEGREES[name])
    sets = (frozenset(marked[mark]) for mark in ("!", "", "~", "?"))
    return Shape(suffix, family, kind, share, *sets)


_F = QualityFamily

SHAPES = (
    _shape("M7", _F.MAJOR, 105, "1 3! 7! 5 9~ 13?"),
    _shape("6", _F.MAJOR, 60, "1 3! 6! 5 9~"),
    _shape("", _F.MAJOR, 55, "1! 3! 5! 9~"),
    _shape("M7#11", _F.MAJOR, 6, "1 3! 7! #11! 5? 9~ 13?"),
    _shape("7", _F.DOMINANT, 320, "1 3! b7! 5 9~"),
    _shape("7", _F.DOMINANT, 100, "1 3! b7! 13! 9~ 5?"),
    _shape("7b9", _F.DOMINANT, 22, "1 3! b7! b9! 5 #9? b13?"),
    _shape("13b9", _F.DOMINANT, 3, "1 3! b7! b9! 13! 5?"),
    _shape("7b9b13", _F.DOMINANT, 3, "1 3! b7! b9! b13! 5?"),
    _shape("7b9#11", _F.DOMINANT, 2, "1 3! b7! b9! #11! 5? 13?"),
    _shape("7#9", _F.DOMINANT, 8, "1 3! b7! #9! 5 13?"),
    _shape("7#11", _F.DOMINANT, 5, "1 3! b7! #11! 5? 9~ 13?"),
    _shape("7#5", _F.DOMINANT, 9, "1 3! b7! #5! 9~"),
    _shape("7#5#9", _F.DOMINANT, 4, "1 3! b7! #5! #9! b9?"),
    _shape("7#5b9", _F.DOMINANT, 3, "1 3! b7! #5! b9! #11?"),
    _shape("7sus4", _F.SUSPENDED, 16, "1 4! b7! 5 9~ 13?"),
    _shape("7sus4b9", _F.SUSPENDED, 1, "1 4! b7! b9! 5"),
    _shape("sus4", _F.SUSPENDED, 3, "1! 4! 5!"),
    _shape("sus2", _F.SUSPENDED, 2, "1! 2! 5!"),
    _shape("m7", _F.MINOR, 230, "1 b3! b7! 5 9~ 11?"),
    _shape("m", _F.MINOR, 35, "1! b3! 5! 9~"),
    _shape("m6", _F.MINOR, 20, "1 b3! 6! 5 9~ 11?"),
    _shape("mM7", _F.MINOR, 3, "1 b3! 7! 5 9~"),
    _shape("m7b5", _F.HALF_DIMINISHED, 39, "1! b3! b5! b7! 11? b13?"),
    _shape("dim7", _F.DIMINISHED, 14, "1! b3! b5! bb7! 9? 11? 7? b13?"),
    _shape("dim", _F.DIMINISHED, 7, "1! b3! b5!"),
    _shape("aug", _F.AUGMENTED, 3, "1! 3! #5! 9~"),
    _shape("M7#5", _F.AUGMENTED, 1, "1 3! 7! #5! 9~"),
)


@dataclass(frozen=True, slots=True)
class Progressions:
    """How many of a thousand changes of chord go from a chord of the kind `before` to one of the
    kind `after`, whose root is 0, 1 ... 11 semitones further up."""

    before: Kind
    after: Kind
    shares: tuple[float, ...]


def _row(before: Kind, after: Kind, shares: str) -> Progressions:
    return Progressions(before, after, tuple(map(float, shares.split())))


# Counted; pairs of kinds that are not here are too rare to go by. The same chord again is no
# change.
PROGRESSIONS = (
    _row(Kind.MAJOR, Kind.MAJOR, "0 1.3 3.5 1.1 0.2 6.1 0.1 2.5 0.9 1.2 2.0 1.2"),
    _row(Kind.MAJOR, Kind.MINOR_SEVENTH, "8.8 2.0 13.0 2.2 3.0 3.4 4.5 5.3 0.8 10.0 2.1 4.9"),
    _row(Kind.MAJOR, Kind.TONIC_MINOR, "3.0 0 1.0 0.1 1.0 0 0 0 0 0.3 0 0.2"),
    _row(Kind.MAJOR, Kind.DOMINANT, "4.8 0.3 3.0 9.3 4.3 8.7 2.2 6.0 2.2 16.3 2.4 5.6"),
    _row(Kind.MAJOR, Kind.HALF_DIMINISHED, "0.3 0.4 1.7 0.4 1.9 0 2.7 0.2 0 0.4 0 4.3"),
    _row(Kind.MAJOR, Kind.DIMINISHED, "1.4 6.6 0 1.7 0 0 0.3 0 0.1 0 0 0.2"),
    _row(Kind.MAJOR, Kind.SUSPENDED, "0.2 0 1.8 0 0 0 0 0 0 0 0.1 0.3"),
    _row(Kind.MINOR_SEVENTH, Kind.MAJOR, "0 2.0 0.1 2.0 0 0.2 0 0.4 0.2 0.1 2.1 1.8"),
    _row(Kind.MINOR_SEVENTH, Kind.MINOR_SEVENTH, "0 3.8 4.3 1.5 0.6 15.0 0.2 2.9 0.7 1.6 3.2 7.0"),
    _row(Kind.MINOR_SEVENTH, Kind.DOMINANT, "0.9 2.2 2.3 0.2 0.2 148.9 0.2 4.4 3.1 0.2 1.4 3.3"),
    _row(Kind.MINOR_SEVENTH, Kind.HALF_DIMINISHED, "0.3 0 3.0 0 0.5 0.6 0 0.1 0 3.4 0 0.6"),
    _row(Kind.MINOR_SEVENTH, Kind.DIMINISHED, "0 0.5 0.1 0 0 0.1 0 0 0.1 0 0 5.1"),
    _row(Kind.TONIC_MINOR, Kind.MAJOR, "0 0 0.1 0.4 0 0.1 0 2.3 2.9 0 0.2 0.2"),
    _row(Kind.TONIC_MINOR, Kind.MINOR_SEVENTH, "1.8 0 0.8 0.2 0 0.2 0 0.8 0 0.2 0.2 0.5"),
    _row(Kind.TONIC_MINOR, Kind.TONIC_MINOR, "0 0.1 0.1 0 0 1.8 0 1.4 0 0.1 0.1 0.2"),
    _row(Kind.TONIC_MINOR, Kind.DOMINANT, "0.5 2.1 0.4 0.9 0 5.2 0 2.7 3.6 0 0.1 0.4"),
    _row(Kind.TONIC_MINOR, Kind.HALF_DIMINISHED, "0.2 0 5.6 0 0 0 0 0.6 0 1.1 0 0"),
    _row(Kind.DOMINANT, Kind.MAJOR, "0.1 4.0 4.7 0.9 0.4 114.1 0.9 0.8 0.3 0.5 0.8 5.3"),
    _row(Kind.DOMINANT, Kind.MINOR_SEVENTH, "15.6 1.1 5.0 1.3 5.1 57.5 6.6 7.0 1.2 6.9 0.6 6.5"),
    _row(Kind.DOMINANT, Kind.TONIC_MINOR, "0.2 0 0.2 0 0.7 20.1 0 0.4 0.1 0.3 0 2.2"),
    _row(Kind.DOMINANT, Kind.DOMINANT, "0 2.5 2.8 1.0 0.6 95.0 2.4 29.0 2.9 5.7 4.5 30.6"),
    _row(Kind.DOMINANT, Kind.HALF_DIMINISHED, "0.9 0.3 0.3 0 0.6 0.9 2.8 1.1 0.1 1.1 0 1.8"),
    _row(Kind.DOMINANT, Kind.DIMINISHED, "0.1 2.4 0 0 0 1.5 0 0.2 0 0 0 0"),
    _row(Kind.DOMINANT, Kind.SUSPENDED, "0.3 0 0 0 0 0.9 0 0.3 0.5 0 0 0.9"),
    _row(Kind.HALF_DIMINISHED, Kind.MINOR_SEVENTH, "0 0.5 0 0 0 0 0 0 0 0 0 1.6"),
    _row(Kind.HALF_DIMINISHED, Kind.TONIC_MINOR, "0 0 0 0 0 0 0 0 0 0 1.5 0.5"),
    _row(Kind.HALF_DIMINISHED, Kind.DOMINANT, "0.1 0 0.1 0 0 32.1 0.1 0 0 0 0 1.2"),
    _row(Kind.DIMINISHED, Kind.MAJOR, "2.1 0.2 0 0 0.2 0 1.5 0.1 0 0.5 0 0"),
    _row(Kind.DIMINISHED, Kind.MINOR_SEVENTH, "0.2 2.7 0.5 0 0.1 0 0 0.1 0.2 0 0.6 6.1"),
    _row(Kind.DIMINISHED, Kind.DOMINANT, "0.1 2.6 0 0 0 0.5 1.0 0.1 0.5 0.1 0 0.2"),
    _row(Kind.SUSPENDED, Kind.MAJOR, "0.3 0.2 0.2 0 0 1.0 0 0 0.1 0 0 0"),
    _row(Kind.SUSPENDED, Kind.DOMINANT, "2.9 0 0 0 0 0 0 0 0 0.2 0 0.5"),
    _row(Kind.SUSPENDED, Kind.SUSPENDED, "0 2.0 0.8 0.4 0.1 1.0 0 2.0 0.1 0.3 2.4 1.8"),
)
