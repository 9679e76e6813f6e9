"""A <harmony> of MusicXML -> a chord symbol of ours.

The tones are those of the standard (MusicXML 4.0, `kind-value`, `degree`): a kind is a list of
degrees over the root; `add` puts a degree in, altered from the scale of a dominant chord; `alter`
moves a degree that the kind has; `subtract` takes one out. A degree to alter that the kind has not
(a 7 with an altered 9, as many programs write it) is added.

The symbol has just these tones (`musicxml_symbols`), with one rule before it. Where the file says
how the chord is printed (`text` of <kind>, and the degrees that are printed) and that is a symbol
with the same tones, it is taken as printed. It is also taken where it differs in a tone that lead
sheets leave open and `music.chords` settles (`_OPEN`): a printed C13 is then the C13 of every
other chart, though the standard counts an eleventh in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from live_improv.charts.musicxml_kinds import KINDS, STANDARD, Degree, tones_of_kind
from live_improv.charts.musicxml_symbols import suffix_of, tones_of, written
from live_improv.charts.musicxml_tree import shown, text_at, whole
from live_improv.charts.text import ChartError
from live_improv.music.chords import ChordSymbolError, parse_chord

NO_CHORD = "N.C."
MAX_DEGREES = 16
MAX_DEGREE = 13
MAX_ALTER = 3
"""Bounds of what a harmony may spell: degrees, their numbers, and how far one is altered."""

_NO_CHORD = re.compile(r"(?:n\.? ?c\.?|no chord|tacet)?", re.IGNORECASE)

_OPEN = (
    # What is printed, and the tones in which it may then differ from the kind and its degrees.
    (re.compile(r"7?\(?alt\)?$"), frozenset((1, 3, 6, 7, 8))),
    (re.compile(r"11"), frozenset((4, 5, 7))),
    (re.compile(r""), frozenset((5, 7))),
)
"""An altered dominant has the altered ninths and fifths; an eleventh may suspend the third; the
eleventh is left out of a thirteenth and heard in a minor sixth, and the fifth gives way to a flat
thirteenth, unsaid."""


_ON_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
"""Letters along the circle of fifths; an accidental is seven steps on it."""
_LETTERS = "FCGDAEB"


@dataclass(frozen=True, slots=True)
class HarmonyChord:
    """One chord as the file spells it.

    Attributes:
        root, bass: places on the circle of fifths, C = 0; None where there is none.
        kind: one of `KINDS`, or `none`.
        text: how the kind is printed; None where the file does not say.
        inversion: which tone of the chord lies lowest, 0 the root; without `bass`.
    """

    root: int | None
    kind: str
    text: str | None = None
    degrees: tuple[Degree, ...] = ()
    bass: int | None = None
    inversion: int = 0


def read_harmony(harmony: Element, fifths: int) -> str:
    """The chord symbol of a <harmony>, `fifths` places on round the circle of fifths (0 as
    written; what a transposing part wants otherwise).

    Raises:
        ChartError: it is not a chord that has a symbol; the message names the value.
    """
    chords = list(_chords(harmony))
    if not chords:
        raise ChartError("a harmony without a kind: expected a root and a kind")
    if len(chords) > 2:
        raise ChartError(f"{len(chords)} stacked chords: expected at most two")
    symbol = "\\".join(_symbol(chord, fifths) for chord in chords)
    try:
        parse_chord(symbol)
    except ChordSymbolError:
        raise ChartError(f"the chord {shown(symbol)} is none that we read") from None
    return symbol


def _chords(harmony: Element) -> Iterator[HarmonyChord]:
    """The chords of a harmony; each begins with its root and has one kind."""
    parts: list[Element] = []
    for child in harmony:
        if child.tag in ("root", "numeral", "function") and any(
            part.tag == "kind" for part in parts
        ):
            yield _chord(parts)
            parts = []
        parts.append(child)
    if any(part.tag == "kind" for part in parts):
        yield _chord(parts)


def _chord(parts: list[Element]) -> HarmonyChord:
    """The chord that these elements spell."""
    first = {part.tag: part for part in reversed(parts)}
    kind = first["kind"]
    name = text_at(kind)
    symbols = kind.get("use-symbols") == "yes"
    text = None if symbols else kind.get("text")
    if name == "none":
        return HarmonyChord(None, name, text)
    if name not in KINDS:
        raise ChartError(f"kind {shown(name)}: expected {', '.join(STANDARD)} or none")
    root = first.get("root")
    if root is None:
        other = next((tag for tag in ("numeral", "function") if tag in first), "no root")
        raise ChartError(f"a harmony with {other}: expected a root such as C")
    bass = first.get("bass")
    degrees = [_degree(part) for part in parts if part.tag == "degree"]
    if len(degrees) > MAX_DEGREES:
        raise ChartError(f"a harmony with {len(degrees)} degrees: expected at most {MAX_DEGREES}")
    inversion = text_at(first.get("inversion"))
    return HarmonyChord(
        root=_note(root, "root"),
        kind=name,
        text=text,
        degrees=tuple(degrees),
        bass=None if bass is None else _note(bass, "bass"),
        inversion=whole(inversion, "inversion", 0, 6) if inversion else 0,
    )


def _note(element: Element, name: str) -> int:
    """The place on the circle of fifths of a root or a bass."""
    step = text_at(element, f"{name}-step")
    if step not in _ON_FIFTHS:
        raise ChartError(f"{name}-step {shown(step)}: expected A to G")
    alter = text_at(element, f"{name}-alter") or "0"
    return _ON_FIFTHS[step] + 7 * whole(alter, f"{name}-alter", -2, 2)


def _degree(element: Element) -> Degree:
    """A <degree>."""
    kind = text_at(element, "degree-type")
    if kind not in ("add", "alter", "subtract"):
        raise ChartError(f"degree-type {shown(kind)}: expected add, alter or subtract")
    return Degree(
        value=whole(text_at(element, "degree-value"), "degree-value", 1, MAX_DEGREE),
        alter=whole(text_at(element, "degree-alter") or "0", "degree-alter", -MAX_ALTER, MAX_ALTER),
        type=kind,
        printed=element.get("print-object") != "no",
    )


def _symbol(chord: HarmonyChord, fifths: int) -> str:
    """The symbol of a chord, moved on by `fifths`."""
    if chord.root is None:
        if _NO_CHORD.fullmatch((chord.text or "").strip()):
            return NO_CHORD
        raise ChartError(f"kind none with the text {shown(chord.text or '')}: expected N.C.")
    tones = tones_of_kind(chord.kind, chord.degrees)
    relative = frozenset(tone % 12 for each in tones.values() for tone in each)
    root = chord.root + fifths
    suffix = _printed(chord, relative)
    if suffix is None and chord.kind == "other" and not chord.degrees:
        raise ChartError(f"kind other with the text {shown(chord.text or '')}: expected degrees")
    if suffix is None:
        suffix = suffix_of(relative)
    if suffix is None:
        raise ChartError(
            f"kind {chord.kind} with the tones {sorted(relative)} above {note_name(root)}: "
            "no chord symbol has them"
        )
    bass = _bass(chord, tones)
    slash = f"/{note_name(bass + fifths)}" if bass is not None and (bass - chord.root) % 12 else ""
    return f"{note_name(root)}{suffix}{slash}"


def _printed(chord: HarmonyChord, tones: frozenset[int]) -> str | None:
    """The suffix as the file prints it, where that is a symbol for these tones."""
    if chord.text is None:
        return None
    text = written(
        chord.text.strip(), tuple(_modifier(each) for each in chord.degrees if each.printed)
    )
    read = tones_of(text)
    if read is None:
        return None
    if chord.kind == "other" and not chord.degrees and chord.text.strip():
        # There is nothing else to go by.
        return text
    differs = read ^ tones
    for pattern, open_tones in _OPEN:
        if pattern.match(text) and differs <= open_tones:
            return text
    return None


def _modifier(degree: Degree) -> str:
    """A degree as a symbol has it."""
    if degree.type == "subtract":
        return f"no{degree.value}"
    sign = ("#" if degree.alter > 0 else "b") * abs(degree.alter)
    return f"{sign}{degree.value}" if sign else f"add{degree.value}"


def _bass(chord: HarmonyChord, tones: dict[int, list[int]]) -> int | None:
    """The bass, on the circle of fifths: as written, or that of the inversion."""
    if chord.bass is not None or not chord.inversion or chord.root is None:
        return chord.bass
    stack = [value for value in sorted(tones) if value % 2]
    if chord.inversion >= len(stack):
        raise ChartError(
            f"inversion {chord.inversion} of {chord.kind}: expected at most {len(stack) - 1}"
        )
    value = stack[chord.inversion]
    return chord.root + _interval(value, tones[value][0])


def _interval(degree: int, semitones: int) -> int:
    """How far round the circle of fifths an interval leads: a fifth, degree 5 of 7 semitones, 1."""
    return 7 * semitones - 12 * ((degree - 1) % 7)


def note_name(fifths: int) -> str:
    """The note at a place on the circle of fifths, at most one accidental to it."""
    # Bbb9 would be two chords: a double accidental gives way to the same key.
    while not -9 < fifths < 13:
        fifths += 12 if fifths < 0 else -12
    accidentals, place = divmod(fifths + 1, 7)
    return _LETTERS[place] + ("#" * accidentals if accidentals > 0 else "b" * -accidentals)
