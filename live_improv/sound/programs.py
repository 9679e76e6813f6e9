"""Which sound a General MIDI program is, and where on the stage it stands."""

from __future__ import annotations

from dataclasses import dataclass

DRUM_CHANNEL = 9

DRUMS = "drums"

_RANGES = (
    (0, 3, "piano"),
    (4, 7, "electric piano"),
    (8, 15, "vibes"),
    (16, 23, "organ"),
    (24, 31, "guitar"),
    (32, 32, "upright bass"),
    (33, 39, "electric bass"),
    (40, 44, "strings"),
    (45, 47, "guitar"),
    (48, 55, "strings"),
    (56, 56, "trumpet"),
    (57, 58, "trombone"),
    (59, 59, "trumpet"),
    (60, 61, "trombone"),
    (62, 63, "strings"),
    (64, 64, "soprano"),
    (65, 65, "alto"),
    (66, 66, "tenor"),
    (67, 67, "baritone"),
    (68, 69, "soprano"),
    (70, 70, "baritone"),
    (71, 71, "clarinet"),
    (72, 79, "flute"),
    (80, 87, "clarinet"),
    (88, 103, "strings"),
    (104, 108, "guitar"),
    (109, 111, "soprano"),
    (112, 127, "vibes"),
)
"""The first and the last program of each sound; General MIDI's, counted from 0."""

USUAL = {0: 65, 1: 32, 2: 0}
"""The programs of the channels where nobody has asked for one: alto, bass, piano; else a piano."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sound comes from.

    Attributes:
        pan: -1 (left) to 1 (right), of middle C.
        width: how much further to the right what is an octave higher is.
        send: how much of it goes into the room.
    """

    pan: float
    width: float
    send: float


_FRONT = Place(0.0, 0.0, 0.30)

PLACES = {
    "piano": Place(-0.30, 0.12, 0.22),
    "electric piano": Place(-0.30, 0.10, 0.18),
    "vibes": Place(0.0, 0.12, 0.30),
    "organ": Place(-0.25, 0.0, 0.25),
    "guitar": Place(-0.10, 0.0, 0.24),
    "upright bass": Place(0.08, 0.0, 0.08),
    "electric bass": Place(0.08, 0.0, 0.05),
    "strings": Place(-0.2, 0.08, 0.40),
    DRUMS: Place(0.0, 0.0, 0.16),
}
"""By sound; winds stand in front."""


def place_of(sound: str) -> Place:
    """Where a sound stands."""
    return PLACES.get(sound, _FRONT)


def name_of(program: int, channel: int) -> str:
    """The sound of a program on a channel."""
    if channel == DRUM_CHANNEL:
        return DRUMS
    return next(name for first, last, name in _RANGES if first <= program <= last)
