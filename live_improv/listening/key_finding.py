"""The key of what is heard, for playing where nobody tells a chord.

How much each pitch class was heard, the last notes counting most, is compared with what soloists
play in every key: the likeliest key is the key. The method is that of Krumhansl and Schmuckler
(Krumhansl, Cognitive Foundations of Musical Pitch, 1990, chapter 4), with Temperley's comparison
by probability (Music and Probability, 2007, chapter 4). The profiles are counted in improvised
solos rather than in written music, where the seventh of the key is not lowered as often.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log

from live_improv.music.chords import Chord, parse_chord
from live_improv.music.timing import Seconds

HALF_LIFE = 30.0
"""Seconds in which what was heard loses half of its weight."""

ENOUGH = 6.0
"""Weight that must have been heard, and still count, before there is a key: some 15 notes."""

FEWEST_TONES = 4
"""Pitch classes that must have been heard before there is a key."""


class Mode(StrEnum):
    """Major or minor."""

    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Key:
    """A key: the pitch class of its tonic, C = 0, and its mode."""

    tonic: int
    mode: Mode


PROFILES = {
    Mode.MAJOR: (148, 33, 99, 67, 113, 91, 41, 133, 46, 105, 57, 67),
    Mode.MINOR: (132, 43, 92, 126, 35, 116, 47, 143, 68, 59, 87, 54),
}
"""How many of a thousand notes (weighted by the square root of their length) lie on each semitone
above the tonic: the 326 solos in a major or minor key of the training part of the Weimar Jazz
Database."""

# The mean log probability by which a minor key must fit better than a major one (solos are in
# minor less often), and any key better than the one that holds.
_MINOR_FITS_BETTER = 0.02
_CHANGE_FITS_BETTER = 0.01

_LOGS = {
    Key(tonic, mode): tuple(log(profile[(tone - tonic) % 12] / 1000) for tone in range(12))
    for mode, profile in PROFILES.items()
    for tonic in range(12)
}

_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_SUFFIXES = {Mode.MAJOR: "6", Mode.MINOR: "m7"}


def key_chord(key: Key) -> Chord:
    """The chord to play over where there is only a key.

    A sixth chord in major: among the chords whose scale is the key's, soloists play most on its
    tones (50 % of the notes of training solos; 46 % on those of the major seventh). In minor the
    minor seventh, whose Dorian scale holds 75 % of their notes (melodic minor holds 72 %).
    """
    return parse_chord(_NAMES[key.tonic] + _SUFFIXES[key.mode])


class KeyFinder:
    """Hears notes and tells the key."""

    def __init__(self, half_life: float = HALF_LIFE) -> None:
        """Nothing heard yet; `half_life` in seconds, above 0."""
        if not half_life > 0:
            raise ValueError(f"half-life {half_life:g}: expected seconds above 0")
        self._half_life = half_life
        self._heard = [0.0] * 12
        self._at: Seconds | None = None
        self._key: Key | None = None

    def hear(self, pitch: int, weight: float, at: Seconds) -> None:
        """A note (MIDI pitch) ends or goes on at `at`, in seconds.

        `weight` is 0 or more; the profiles were counted with the square root of the seconds that
        the note sounded.
        """
        self._fade(at)
        self._heard[pitch % 12] += max(weight, 0.0)

    def key(self, now: Seconds) -> Key | None:
        """The key at `now`; None until enough has been heard, or again after a long silence.

        A key holds on until another one fits clearly better.
        """
        self._fade(now)
        total = sum(self._heard)
        tones = sum(amount > 0.01 * total for amount in self._heard)
        if total < ENOUGH or tones < FEWEST_TONES:
            self._key = None if total < ENOUGH / 2 else self._key
            return self._key
        fits = {key: self._fit(key, total) for key in _LOGS}
        best = max(fits, key=lambda key: fits[key])
        if self._key is None or fits[best] >= fits[self._key] + _CHANGE_FITS_BETTER:
            self._key = best
        return self._key

    def _fit(self, key: Key, total: float) -> float:
        """The mean log probability of what was heard, in this key."""
        fit = sum(map(float.__mul__, self._heard, _LOGS[key])) / total
        return fit - (_MINOR_FITS_BETTER if key.mode is Mode.MINOR else 0.0)

    def _fade(self, now: Seconds) -> None:
        if self._at is not None and now > self._at:
            left = 0.5 ** ((now - self._at) / self._half_life)
            self._heard = [amount * left for amount in self._heard]
        self._at = now if self._at is None else max(now, self._at)
