"""Tones -> a chord symbol that has just these tones.

MusicXML spells a chord tone by tone; our chords are read from symbols (`music.chords`). The symbol
of some tones is a plain suffix of `SUFFIXES` with as few modifiers as bring it to those tones; it
is read by `parse_chord` before it is given out, so what is named is what will be played. Where two
are as short, the suffix that stands first in the table wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from live_improv.music.chords import ChordSymbolError, parse_chord

_FIFTH, _THIRDS = 7, frozenset((3, 4))


@dataclass(frozen=True, slots=True)
class _Suffix:
    """A suffix, and the tones that it stands for, in semitones above the root."""

    text: str
    tones: frozenset[int]


def _row(text: str, tones: str) -> _Suffix:
    return _Suffix(text, frozenset(map(int, tones.split())))


SUFFIXES = (
    _row("", "0 4 7"),
    _row("m", "0 3 7"),
    _row("7", "0 4 7 10"),
    _row("maj7", "0 4 7 11"),
    _row("m7", "0 3 7 10"),
    _row("m7b5", "0 3 6 10"),
    _row("dim7", "0 3 6 9"),
    _row("dim", "0 3 6"),
    _row("aug", "0 4 8"),
    _row("7#5", "0 4 8 10"),
    _row("maj7#5", "0 4 8 11"),
    _row("6", "0 4 7 9"),
    _row("m(maj7)", "0 3 7 11"),
    _row("9", "0 2 4 7 10"),
    _row("maj9", "0 2 4 7 11"),
    _row("m9", "0 2 3 7 10"),
    _row("13", "0 2 4 7 9 10"),
    _row("maj13", "0 2 4 7 9 11"),
    _row("69", "0 2 4 7 9"),
    _row("m69", "0 2 3 7 9"),
    _row("m11", "0 2 3 5 7 10"),
    _row("maj11", "0 2 4 5 7 11"),
    _row("m13", "0 2 3 5 7 9 10"),
    _row("m(maj9)", "0 2 3 7 11"),
    _row("m9b5", "0 2 3 6 10"),
    _row("sus4", "0 5 7"),
    _row("sus2", "0 2 7"),
    _row("7sus4", "0 5 7 10"),
    _row("9sus4", "0 2 5 7 10"),
    _row("13sus4", "0 2 5 7 9 10"),
    _row("7sus2", "0 2 7 10"),
    _row("maj7sus4", "0 5 7 11"),
    _row("6sus4", "0 5 7 9"),
    _row("6(maj7)", "0 4 7 9 11"),
    _row("m6(maj7)", "0 3 7 9 11"),
    _row("dim7(maj7)", "0 3 6 9 11"),
    _row("5", "0 7"),
    _row("Bass", "0"),
)
"""Suffixes, the plainest first; their tones are those that `parse_chord` reads."""

_ADDITIONS = {
    1: ("b9", "addb9"),
    2: ("add9",),
    3: ("#9", "add#9"),
    4: ("add3",),
    5: ("add11",),
    6: ("#11", "add#11"),
    8: ("b13", "b6"),
    9: ("add6", "add13"),
}
"""Modifiers that put a tone in, by its semitones above the root."""

_FIFTHS = {6: "b5", 8: "#5"}
"""Modifiers that put a tone in, in place of the fifth."""


@lru_cache(maxsize=4096)
def suffix_of(tones: frozenset[int]) -> str | None:
    """What follows the root in the symbol of the chord with these semitones above the root.

    None where no symbol has just these tones.
    """
    spellings = sorted(_spellings(tones), key=lambda spelling: spelling[0])
    return next((text for _, text in spellings if tones_of(text) == tones), None)


def tones_of(suffix: str) -> frozenset[int] | None:
    """The tones of a symbol, in semitones above its root; None where it is none, or has a bass."""
    try:
        chord = parse_chord(f"C{suffix}")
    except ChordSymbolError:
        return None
    return chord.pitch_classes if chord.root == 0 and chord.bass is None else None


def _spellings(tones: frozenset[int]) -> Iterator[tuple[tuple[int, int], str]]:
    """Every suffix that may have these tones, each with its rank: how many modifiers, which row."""
    for place, row in enumerate(SUFFIXES):
        for modifiers in _modifiers(row.tones - tones, tones - row.tones):
            yield (len(modifiers), place), written(row.text, modifiers)


def _modifiers(extra: frozenset[int], missing: frozenset[int]) -> Iterator[tuple[str, ...]]:
    """The modifiers that take `extra` out and put `missing` in, in all ways."""
    if not (extra <= _THIRDS | {_FIFTH} and missing <= _ADDITIONS.keys()):
        return
    taken = ("no3",) if extra & _THIRDS else ()
    replaced = [tone for tone in _FIFTHS if _FIFTH in extra and tone in missing]
    for tone in (*replaced, None):
        if tone is not None:
            taken_here = (*taken, _FIFTHS[tone])
        else:
            taken_here = (*taken, "no5") if _FIFTH in extra else taken
        rest = sorted(missing - {tone})
        for short in (0, -1):
            yield (*taken_here, *(_ADDITIONS[added][short] for added in rest))


def written(suffix: str, modifiers: tuple[str, ...]) -> str:
    """A suffix with its modifiers: one alone after a number stands plain, others in parentheses.

    After a bare root a flat would read as its accidental.
    """
    if len(modifiers) == 1 and suffix[-1:].isdigit():
        return suffix + modifiers[0]
    return f"{suffix}({','.join(modifiers)})" if modifiers else suffix
