"""Rhythms of comping, by groove and the beats of a group.

Conventions
    A cell is a bar, or two divided by `|`: places in beats, each with how long a chord is held: `.`
    short, `-` a beat or two, `_` until the next one. Off-beats are swung where the music is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from live_improv.performance.band.beats import TWELFTHS
from live_improv.performance.band.styles import Groove


@dataclass(frozen=True, slots=True)
class Hit:
    """A chord, so many twelfths of a beat after its group begins, held as the sign says."""

    at: int
    held: str


Cell = tuple[tuple[Hit, ...], ...]
"""One or two bars."""


def _bar(text: str) -> tuple[Hit, ...]:
    return tuple(Hit(round(float(each[:-1]) * TWELFTHS), each[-1]) for each in text.split())


def _cells(*texts: str) -> tuple[Cell, ...]:
    return tuple(tuple(_bar(bar) for bar in text.split("|")) for text in texts)


_SWING_4 = _cells(
    "0- 1.5.",
    "0. 1.5-",
    "1.5-",
    "1- 2.5.",
    "0.5. 2-",
    "1.5. 3.5-",
    "3.5-",
    "2- 3.5.",
    "0-",
    "0- 3.5-",
    "1. 2.5-",
    "2.5-",
    "0.5-",
    "1.5. 2.5-",
    "0.5. 1.5. 3-",
    "1. 2. 3.5-",
    "0. 1.5. 3.5-",
    "0. 2.5. 3.5-",
)
_SWING_3 = _cells(
    "0- 1.5.",
    "0-",
    "1- 2.",
    "1.5-",
    "0- 2.5-",
    "1-",
    "0.5. 2-",
    "0. 1.5. 2.5-",
    "2.5-",
    "1.5- 2.5-",
)
_SWING_2 = _cells("0-", "0.5-", "1.5-", "0. 1.5-", "1-")
_ONE = _cells("0-")
_SWING = {4: _SWING_4, 3: _SWING_3, 2: _SWING_2, 1: _ONE}
_LONG_3 = _cells("0_", "0_ 2_", "0_ 1.5_")
_LONG_2 = _cells("0_", "0_ 1.5_")
_BOSSA_4 = _cells(
    "0- 1.5- 3.|1- 2.5-",
    "0. 1.5- 3.5-|1.5- 3.",
    "0- 1.5-|0.5- 2.5-",
    "1- 2.5-|0.5. 2- 3.5-",
    "0- 1.5. 2.5-|1. 2.5- 3.5-",
)

CELLS: Mapping[Groove, Mapping[int, tuple[Cell, ...]]] = MappingProxyType(
    {
        Groove.SWING: _SWING,
        Groove.SHUFFLE: _SWING,
        Groove.TWO: {
            4: _cells("1. 3.", "1. 2.5- ", "0- 1.5."),
            3: _cells("1. 2."),
            2: _cells("1."),
            1: _ONE,
        },
        Groove.BALLAD: {
            4: _cells("0_", "0_ 2_", "0_ 2.5_", "0_ 1.5_", "0_ 3_", "0_ 3.5_"),
            3: _LONG_3,
            2: _LONG_2,
            1: _ONE,
        },
        Groove.BOSSA: {4: _BOSSA_4, 3: _SWING_3, 2: _SWING_2, 1: _ONE},
        Groove.SAMBA: {
            4: _cells(
                "0. 1.5. 2.5-|0.5. 1.5. 3-",
                "0- 1. 2.5.|0.5. 2- 3.5-",
                "0.5. 1.5- 3.|0. 1.5. 2.5-",
            ),
            3: _SWING_3,
            2: _SWING_2,
            1: _ONE,
        },
        Groove.LATIN: {
            4: _cells(
                "0. 1. 2.5. 3.5-|1.5. 2.5. 3.5-",
                "0- 1.5. 2.5.|0.5. 1.5. 3-",
                "0. 1.5. 3.|1. 2.-".replace(".-", "-"),
            ),
            3: _SWING_3,
            2: _SWING_2,
            1: _ONE,
        },
        Groove.EVEN: {
            4: _cells("0_ 1.5_", "0_ 2.5_", "0- 1.5- 3-", "0_", "0.5_ 2_", "1.5_ 3.5_"),
            3: _LONG_3,
            2: _LONG_2,
            1: _ONE,
        },
        Groove.FUNK: {
            4: _cells("0. 1.5. 2.5-", "0.5. 1.5.", "0. 2.5. 3.", "1.5. 3.5."),
            3: _SWING_3,
            2: _SWING_2,
            1: _ONE,
        },
        Groove.AFRO: {
            4: _cells("0. 0.67. 1.33- 2.67. 3.33-", "0.67- 2. 2.67-"),
            3: _cells("0. 0.67. 1.33-", "0- 1.67-"),
            2: _cells(
                "0. 0.67. 1.33-|0.67- 1.67.",
                "0- 1.33.|0.33. 1-",
                "0.67-|0. 1.33-",
                "0-|0.67. 1.33-",
            ),
            1: _ONE,
        },
    }
)

PHRASES = ("AAAB", "ABAB", "ABAC", "AABC", "ABCB")
"""How four bars are made of cells of one bar; of two bars they are the first two of these."""
