"""Pitches of a bass line: degrees of a chord, the range, and what leads where.

Conventions
    Pitches are MIDI notes. The range is that of the instrument; lines like to stay in its middle.
"""

from __future__ import annotations

from functools import lru_cache

from live_improv.music.chords import Chord

LOWEST, HIGHEST = 28, 55
"""E1 to G3, both included: what is walked on a double bass without the thumb."""

MIDDLE = 39
_COMFORT_LOW, _COMFORT_HIGH = 31, 47

_CHORDAL: dict[int, tuple[int, ...]] = {2: (4, 3, 5, 2), 4: (7, 6, 8), 6: (10, 11, 9)}
"""Of the third, the fifth and the seventh the semitones above the root, the first one in the chord
holds; or else the first one in the scale."""

_BETWEEN: dict[int, tuple[int, ...]] = {0: (0,), 1: (2, 1), 3: (5, 6), 5: (9, 8)}
"""Of the others, the first one in the scale."""


@lru_cache(maxsize=1024)
def degrees(chord: Chord) -> tuple[int, ...]:
    """The pitch classes of the seven degrees over a chord that has a root."""
    root = chord.root or 0

    def first(steps: tuple[int, ...], *sets: frozenset[int]) -> int:
        found = [(root + step) % 12 for step in steps]
        inside = (each for tones in sets for each in found if each in tones)
        return next(inside, found[0])

    return tuple(
        first(_CHORDAL[degree], chord.chord_tones, chord.scale)
        if degree in _CHORDAL
        else first(_BETWEEN[degree], chord.scale)
        for degree in range(7)
    )


def bass_class(chord: Chord) -> int | None:
    """The pitch class under a chord: the written bass, else the root; None for N.C."""
    return chord.root if chord.bass is None else chord.bass


def octaves(pitch_class: int, low: int = LOWEST, high: int = HIGHEST) -> list[int]:
    """The pitches of a pitch class in the range."""
    first = low + (pitch_class - low) % 12
    return list(range(first, high + 1, 12))


def nearest(pitch_class: int, to: int | None) -> int:
    """The pitch of a pitch class within an octave, nearest to a line drawn to the middle."""
    at = MIDDLE if to is None else to
    return min(
        octaves(pitch_class, max(LOWEST, at - 12), min(HIGHEST, at + 12)),
        key=lambda pitch: (abs(pitch - at) + 2 * strain(pitch) + abs(pitch - MIDDLE) / 3, pitch),
    )


def above(pitch_class: int, pitch: int) -> int:
    """The next pitch of a pitch class above."""
    return pitch + ((pitch_class - pitch - 1) % 12 + 1)


def below(pitch_class: int, pitch: int) -> int:
    """The next pitch of a pitch class below."""
    return pitch - ((pitch - pitch_class - 1) % 12 + 1)


def strain(pitch: int) -> float:
    """What it costs a line to be that low or high."""
    return 0.3 * max(_COMFORT_LOW - pitch, pitch - _COMFORT_HIGH, 0)


_FIFTHS = (-5, 7)


@lru_cache(maxsize=4096)
def leading(target: int, chord: Chord, to: Chord) -> tuple[tuple[int, float], ...]:
    """The pitches that lead to `target` out of `chord`, and what each costs: by step, or by fifth.

    The fifth of what comes next leads to it as its dominant does.
    """
    found = []
    for step in (-1, 1, -2, 2, *_FIFTHS):
        pitch = target + step
        if not LOWEST <= pitch <= HIGHEST:
            continue
        inside = pitch % 12 in chord.scale
        cost = 0.0 if inside else 0.15
        if abs(step) == 2:
            if not inside and pitch % 12 not in to.scale:
                continue
            cost += 0.1
        elif step in _FIFTHS:
            cost += 0.35
        if pitch % 12 in chord.chord_tones:
            cost -= 0.1
        found.append((pitch, cost))
    return tuple(found)
