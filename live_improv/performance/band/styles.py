"""Grooves: what the words of a style, the meter and the tempo ask of the band."""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache

from live_improv.music.timing import PPQ


class Groove(Enum):
    """How the band plays."""

    SWING = auto()
    TWO = auto()
    BALLAD = auto()
    BOSSA = auto()
    SAMBA = auto()
    LATIN = auto()
    EVEN = auto()
    FUNK = auto()
    AFRO = auto()
    SHUFFLE = auto()


_WORDS: tuple[tuple[frozenset[str], Groove], ...] = tuple(
    (frozenset(words.split()), groove)
    for words, groove in (
        ("ballad ballade", Groove.BALLAD),
        ("bossa nova bossanova", Groove.BOSSA),
        ("samba baiao batucada", Groove.SAMBA),
        ("afro african", Groove.AFRO),
        ("latin cuban salsa mambo cha rumba tango bolero beguine calypso songo", Groove.LATIN),
        ("funk fusion rock pop soul disco country hip boogaloo achy una", Groove.FUNK),
        ("even straight ecm equal 8ths 16ths pedal", Groove.EVEN),
        ("march polka two ragtime dixieland dixie", Groove.TWO),
    )
)
"""The first row with a word of the style decides; without one it swings."""

_COMPOUND = {Groove.AFRO: Groove.AFRO, Groove.LATIN: Groove.AFRO, Groove.BALLAD: Groove.BALLAD}
"""What a groove is where beats have three eighths; the others shuffle."""

_SIMPLE = {Groove.AFRO: Groove.LATIN}
"""What a groove is where they have two."""

BALLAD_BELOW = 72.0
"""Beats a minute below which what swings is a ballad."""


@lru_cache(maxsize=256)
def groove_of(style: str, beat: int, bpm: float) -> Groove:
    """The groove of a style.

    Args:
        beat: ticks of a beat.
        bpm: quarters a minute.
    """
    words = set(re.findall(r"[a-z0-9]+", style.lower()))
    found = next((groove for row, groove in _WORDS if row & words), Groove.SWING)
    if beat == 3 * PPQ // 2:
        return _COMPOUND.get(found, Groove.SHUFFLE)
    found = _SIMPLE.get(found, found)
    slow = found is Groove.SWING and bpm * PPQ / beat < BALLAD_BELOW
    return Groove.BALLAD if slow else found
