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

_CHOICES: tuple[tuple[int, ...], ...] = (
    (0,),
    (2, 1, 3),
    (4, 3, 5, 2),
    (5, 6, 4),
    (7, 6, 8),
    (9, 8),
    (10, 11, 9),
)
"""The semitones that each degree may be, the first one in the chord or in its scale holds."""


@lru_cache(maxsize=1024)
def degrees(chord: Chord) -> tuple[int, ...]:
    """The pitch classes of the seven degrees over a chord that has a root."""
    root = chord.root or 0
    found = []
    for choices in _CHOICES:
        pitch_classes = [(root + each) % 12 for each in choices]
        named = [each for each in pitch_classes if each in chord.chord_tones]
        usual = [each for each in pitch_classes if each in chord.scale]
        found.append((named or usual or pitch_classes)[0])
    return tuple(found)


def bass_class(chord: Chord) -> int | None:
    """The pitch class under a chord: the written bass, else the root; None for N.C."""
    return chord.root if chord.bass is None else chord.bass


def octaves(pitch_class: int, low: int = LOWEST, high: int = HIGHEST) -> list[int]:
    """The pitches of a pitch class in the range."""
    first = low + (pitch_class - low) % 12
    return list(range(first, high + 1, 12))


def nearest(pitch_class: int, to: int | None) -> int:
    """The pitch of a pitch class nearest to a line that is drawn to the middle."""
    at = MIDDLE if to is None else to
    return min(
        octaves(pitch_class),
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
