"""Plain voicings: a chord as a pianist would hold it under a soloist to show the changes.

Pitches are MIDI notes (60 is middle C). The upper notes lie in close position around middle C,
led from chord to chord with as little movement as possible; the bass lies below them. The backing
band comps; this only sounds what the chart says.
"""

from __future__ import annotations

from itertools import pairwise

from live_improv.music.chords import Chord

LOWEST, HIGHEST = 48, 72
"""The range of the upper notes, both ends included."""

BASS_LOWEST = 36
"""The bass lies in the octave from here up."""

_CENTRE = 60
_MOST_NOTES = 4
_ROOT, _FIFTH, _NINTH, _ELEVENTH = 0, 7, 2, 5
_CLUSTER = 60


def voice(chord: Chord, previous: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """The upper notes of `chord`, ascending: four at most, nearest to those of `previous`.

    Where the symbol names more than four tones, those that the bass or the ear supplies are left
    out first: the root, the fifth, the ninth, then other tensions. Nothing for N.C.
    """
    tones = sorted(_tones(chord))
    if not tones:
        return ()
    voicings = [
        _close(tones[turn:] + tones[:turn], lowest)
        for turn in range(len(tones))
        for lowest in range(LOWEST, HIGHEST)
        if lowest % 12 == tones[turn]
    ]
    within = [notes for notes in voicings if notes[-1] <= HIGHEST]
    return min(within, key=lambda notes: (_cost(notes, previous or ()), notes))


def bass_note(chord: Chord) -> int | None:
    """The bass under the voicing: the bass the symbol names, else the root; None for N.C."""
    lowest = chord.root if chord.bass is None else chord.bass
    return None if lowest is None else BASS_LOWEST + (lowest - BASS_LOWEST) % 12


def _tones(chord: Chord) -> frozenset[int]:
    """The pitch classes to be sounded: all that the symbol names, or the four that tell most."""
    root = chord.root or 0
    has_third = any((root + third) % 12 in chord.pitch_classes for third in (3, 4))

    def weight(tone: int) -> tuple[int, int]:
        degree = (tone - root) % 12
        if degree in (_ROOT, _FIFTH):
            return (0, degree)
        if degree == _ELEVENTH and has_third and "11" not in chord.quality:
            # Implied by convention, as in a minor sixth; beside the third it makes a cluster.
            return (-1, degree)
        return (2 if tone in chord.chord_tones else 1, -(degree == _NINTH))

    by_weight = sorted(chord.pitch_classes, key=lambda tone: (*weight(tone), tone))
    return frozenset(by_weight[-_MOST_NOTES:])


def _close(tones: list[int], lowest: int) -> tuple[int, ...]:
    """The pitch classes in close position, upwards from the note `lowest`."""
    return tuple(lowest + (tone - lowest) % 12 for tone in tones)


def _cost(notes: tuple[int, ...], previous: tuple[int, ...]) -> int:
    """How far the voices move, and, for much less, how far they are from the centre.

    Three neighbours within two steps of each other cost as much as a large move.
    """
    gaps = [b - a for a, b in pairwise(notes)]
    clusters = sum(a <= 2 and b <= 2 for a, b in pairwise(gaps))
    movement = sum(min((abs(a - b) for b in previous), default=0) for a in notes)
    movement += sum(min(abs(a - b) for b in notes) for a in previous)
    return _CLUSTER * clusters + 4 * movement + abs(sum(notes) - _CENTRE * len(notes))
