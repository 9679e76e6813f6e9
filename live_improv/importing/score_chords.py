"""A chord of ours -> a <harmony> of MusicXML.

The chord is spelled tone by tone, by the kind of the standard that needs the fewest degrees beside
it, so any program plays its tones; and it is printed as its symbol was written, so that
`charts.musicxml_harmony` reads the same symbol again. A polychord is two chords, the upper first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element, SubElement

from live_improv.charts.musicxml_kinds import STANDARD, Degree, tones_of_kind
from live_improv.music.chords import Chord, ChordSymbolError, parse_chord
from live_improv.music.timing import Ticks

NO_CHORD = "N.C."

_ROOT = re.compile(r"([A-G])(bb|##|[b#♭♯𝄫𝄪])?(.*)", re.DOTALL)
_ALTER = {"": 0, "b": -1, "♭": -1, "#": 1, "♯": 1, "bb": -2, "𝄫": -2, "##": 2, "𝄪": 2}

_ADDED = {
    1: (9, -1),
    2: (9, 0),
    3: (9, 1),
    4: (3, 0),
    5: (11, 0),
    6: (11, 1),
    7: (5, 0),
    8: (13, -1),
    9: (13, 0),
    10: (7, 0),
    11: (7, 1),
}
"""The degree that adds a tone, by its semitones above the root, and how it is altered."""

_KINDS = tuple(kind for kind in STANDARD if kind not in ("other", "pedal", "Tristan"))


def harmony(chord: Chord, offset: Ticks = Ticks(0)) -> Element:  # noqa: B008
    """The <harmony> of a chord that begins `offset` divisions after where it is written."""
    element = Element("harmony")
    for part in _parts(chord):
        _append(element, part)
    if offset:
        SubElement(element, "offset").text = str(offset)
    return element


def _parts(chord: Chord) -> Iterator[Chord]:
    """The chords that are written for one: two for a polychord."""
    if "\\" not in chord.quality:
        yield chord
        return
    for sign in "\\/":
        upper, there, lower = chord.symbol.rpartition(sign)
        if there:
            try:
                yield from (parse_chord(upper), parse_chord(lower))
            except ChordSymbolError:
                continue
            return


def _append(element: Element, chord: Chord) -> None:
    """Put one chord into a <harmony>."""
    root = SubElement(element, "root")
    match = _ROOT.match(chord.symbol)
    if chord.root is None or match is None:
        SubElement(root, "root-step", text="").text = "C"
        SubElement(element, "kind", text=NO_CHORD).text = "none"
        return
    suffix, bass = match[3], ""
    if chord.bass is not None:
        suffix, _, bass = suffix.rpartition("/")
    _note(root, "root", match[1], _ALTER[match[2] or ""])
    tones = frozenset((tone - (chord.root or 0)) % 12 for tone in chord.pitch_classes)
    kind, degrees = _spelling(tones)
    SubElement(element, "kind", text=suffix).text = kind
    if low := _ROOT.match(bass[:1].upper() + bass[1:]):
        _note(SubElement(element, "bass"), "bass", low[1], _ALTER[low[2] or ""])
    for degree in degrees:
        # The symbol says them already.
        added = SubElement(element, "degree", {"print-object": "no"})
        SubElement(added, "degree-value").text = str(degree.value)
        SubElement(added, "degree-alter").text = str(degree.alter)
        SubElement(added, "degree-type").text = degree.type


def _note(element: Element, name: str, step: str, alter: int) -> None:
    SubElement(element, f"{name}-step").text = step
    if alter:
        SubElement(element, f"{name}-alter").text = str(alter)


@lru_cache(maxsize=1024)
def _spelling(tones: frozenset[int]) -> tuple[str, tuple[Degree, ...]]:
    """The kind, and its degrees, that have just these tones above the root; the fewest degrees
    win, then the first kind."""
    spellings = [(kind, _degrees(kind, tones)) for kind in _KINDS]
    return min(spellings, key=lambda spelling: len(spelling[1]))


def _degrees(kind: str, tones: frozenset[int]) -> tuple[Degree, ...]:
    """What has to be taken out of a kind, and put in, to have these tones."""
    there = {value: {tone % 12 for tone in each} for value, each in tones_of_kind(kind, ()).items()}
    out = [value for value, each in there.items() if not each <= tones and value != 1]
    kept = {tone for value, each in there.items() if value not in out for tone in each}
    return (
        *(Degree(value, 0, "subtract", printed=False) for value in out),
        *(Degree(*_ADDED[tone], "add", printed=False) for tone in sorted(tones - kept)),
    )
