"""Keys on paper: the signature of a key's name, and how pitches are spelled in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"([A-G])([b#]?)[\s_-]*([a-z]*)", re.IGNORECASE)
_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_LETTERS = "FCGDAEB"
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

_MODES = {
    "": ("major", 0),
    "maj": ("major", 0),
    "major": ("major", 0),
    "m": ("minor", -3),
    "min": ("minor", -3),
    "minor": ("minor", -3),
    "dor": ("dorian", -2),
    "dorian": ("dorian", -2),
    "phryg": ("phrygian", -4),
    "phrygian": ("phrygian", -4),
    "lyd": ("lydian", 1),
    "lydian": ("lydian", 1),
    "mix": ("mixolydian", -1),
    "mixolydian": ("mixolydian", -1),
    "blues": ("major", 0),
    "chrom": ("none", 0),
}
"""Endings of the names of keys, the mode of each and how far its signature lies from that of the
major key on the same note; MeloSpySuite and our charts have these."""

_LEAST, _MOST = -7, 7


@dataclass(frozen=True, slots=True)
class Spelling:
    """A pitch as it is written: C4 is 60."""

    step: str
    alter: int
    octave: int


def fifths_and_mode(key: str) -> tuple[int, str] | None:
    """The sharps of a key's signature, flats negative, and its mode; None where it has none."""
    match = _NAME.fullmatch(key.strip())
    if match is None or match[3].lower() not in _MODES:
        return None
    mode, moved = _MODES[match[3].lower()]
    accidental = {"b": -7, "#": 7, "": 0}[match[2].lower()]
    fifths = _FIFTHS[match[1].upper()] + accidental + moved
    while not _LEAST <= fifths <= _MOST:
        fifths += 12 if fifths < 0 else -12
    return fifths, mode


def spelled(pitch: int, key: str) -> Spelling:
    """A MIDI pitch as it is written in a key, by at most one accidental."""
    known = fifths_and_mode(key)
    lowest = min(max((known[0] if known else 0) - 5, -7), -1)
    place = lowest + (7 * pitch - lowest) % 12
    accidentals, letter = divmod(place + 1, 7)
    step = _LETTERS[letter]
    return Spelling(step, accidentals, (pitch - accidentals - _SEMITONES[step]) // 12 - 1)
