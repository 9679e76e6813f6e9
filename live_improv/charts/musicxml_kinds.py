"""The kinds of chord of MusicXML, and what degrees make of them.

A kind is a list of degrees over the root (MusicXML 4.0, `kind-value`); a degree is then added,
altered or subtracted (`degree`, `degree-alter`, `degree-type`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from live_improv.charts.text import ChartError

_MAJOR, _MINOR, _AUGMENTED, _DIMINISHED = "1 3 5", "1 b3 5", "1 3 #5", "1 b3 b5"

KINDS = {
    "major": _MAJOR,
    "minor": _MINOR,
    "augmented": _AUGMENTED,
    "diminished": _DIMINISHED,
    "dominant": f"{_MAJOR} b7",
    "major-seventh": f"{_MAJOR} 7",
    "minor-seventh": f"{_MINOR} b7",
    "diminished-seventh": f"{_DIMINISHED} bb7",
    "augmented-seventh": f"{_AUGMENTED} b7",
    "half-diminished": f"{_DIMINISHED} b7",
    "major-minor": f"{_MINOR} 7",
    "major-sixth": f"{_MAJOR} 6",
    "minor-sixth": f"{_MINOR} 6",
    "dominant-ninth": f"{_MAJOR} b7 9",
    "major-ninth": f"{_MAJOR} 7 9",
    "minor-ninth": f"{_MINOR} b7 9",
    "dominant-11th": f"{_MAJOR} b7 9 11",
    "major-11th": f"{_MAJOR} 7 9 11",
    "minor-11th": f"{_MINOR} b7 9 11",
    "dominant-13th": f"{_MAJOR} b7 9 11 13",
    "major-13th": f"{_MAJOR} 7 9 11 13",
    "minor-13th": f"{_MINOR} b7 9 11 13",
    "suspended-second": "1 2 5",
    "suspended-fourth": "1 4 5",
    "pedal": "1",
    "power": "1 5",
    # Names, not tones, in the standard: this is the chord F B D# G# over its lowest note.
    "Tristan": "1 #4 #6 #9",
    "other": "1",
    # Kinds that programs write besides those of the standard, music21 most of them.
    "minor-major": f"{_MINOR} 7",
    "augmented-major-seventh": f"{_AUGMENTED} 7",
    "seventh-flat-five": "1 3 b5 b7",
    "minor-major-ninth": f"{_MINOR} 7 9",
    "augmented-major-ninth": f"{_AUGMENTED} 7 9",
    "augmented-dominant-ninth": f"{_AUGMENTED} b7 9",
    "half-diminished-ninth": f"{_DIMINISHED} b7 9",
    "half-diminished-minor-ninth": f"{_DIMINISHED} b7 b9",
    "diminished-ninth": f"{_DIMINISHED} bb7 9",
    "diminished-minor-ninth": f"{_DIMINISHED} bb7 b9",
    "minor-major-11th": f"{_MINOR} 7 9 11",
    "augmented-major-11th": f"{_AUGMENTED} 7 9 11",
    "augmented-11th": f"{_AUGMENTED} b7 9 11",
    "half-diminished-11th": f"{_DIMINISHED} b7 9 11",
    "diminished-11th": f"{_DIMINISHED} bb7 9 11",
    "minor-major-13th": f"{_MINOR} 7 9 11 13",
    "augmented-major-13th": f"{_AUGMENTED} 7 9 11 13",
    "augmented-dominant-13th": f"{_AUGMENTED} b7 9 11 13",
    "half-diminished-13th": f"{_DIMINISHED} b7 9 11 13",
    "suspended-fourth-seventh": "1 4 5 b7",
}
"""The degrees of each kind. `none` is N.C.; the sixths of functional harmony (Neapolitan, Italian,
French, German) are refused: the standard does not say which of their notes the root is."""

STANDARD = tuple(KINDS)[: tuple(KINDS).index("other") + 1]
"""The kinds of the standard."""

_STEPS = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 11}
"""Semitones of the degrees of a major scale."""
_DOMINANT = _STEPS | {7: 10}


@dataclass(frozen=True, slots=True)
class Degree:
    """A degree that is added, altered or subtracted; `printed` where it stands in the symbol."""

    value: int
    alter: int
    type: str
    printed: bool = True


def tones_of_kind(kind: str, degrees: Iterable[Degree]) -> dict[int, list[int]]:
    """The tones of a chord: its degrees, and the semitones above the root of each."""
    tones: dict[int, list[int]] = {}
    for name in KINDS.get(kind, "").split():
        value = int(name.lstrip("b#"))
        tones[value] = [_STEPS[(value - 1) % 7 + 1] + name.count("#") - name.count("b")]
    for degree in degrees:
        value = degree.value
        if degree.type == "subtract":
            if value == 1 or value not in tones:
                valid = ", ".join(str(each) for each in sorted(tones) if each > 1) or "none"
                raise ChartError(f"subtract {value} from {kind}: expected one of {valid}")
            del tones[value]
        elif degree.type == "alter" and value in tones:
            if value == 1:
                raise ChartError("alter 1: expected a degree above the root")
            tones[value] = [tone + degree.alter for tone in tones[value]]
        else:
            added = _DOMINANT[(value - 1) % 7 + 1] + degree.alter
            tones.setdefault(value, []).append(added)
    return tones
