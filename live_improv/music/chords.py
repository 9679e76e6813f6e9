"""Chord symbols: what a chord written on a lead sheet means.

`parse_chord` reads what musicians write: `C`, `Cmaj7`, `CΔ`, `C^7`, `C-7`, `Cø`, `Co7`, `C+`,
`C6/9`, `C7(b9,#11)`, `Calt`, `C7sus`, `C/E`, `N.C.`. The rules are the tables of
`chord_tables`; a symbol that they do not cover is an error, never a guess.

Conventions
    Pitch classes are 0..11, C = 0, and absolute. `Chord.pitch_classes` holds the tones that the
    symbol names, divided into the basic chord (root, third or its suspension, fifth, sixth or
    seventh) and the tensions, which are colour tones.
    A slash is followed by a bass only where a note name alone stands to the right of the last
    one: `C6/9` has no bass, `C6/9/E` has E. A polychord, the upper chord left and the lower one
    right (`E\\FM7`, and `Fm7/Bb7` where the right side is itself a chord), is the lower chord,
    coloured by the upper.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from live_improv.music.chord_tables import (
    ADDITIONS,
    ALIASES,
    ALTERATIONS,
    CHORD_DEGREES,
    DEGREES,
    EXCEPTIONS,
    FAMILIES,
    FAMILY_NUMBERS,
    FAMILY_SPELLINGS,
    MAJOR_SEVENTH_ADDED,
    MODIFIER_SPELLING,
    MODIFIERS,
    NUMBERS,
    PLAIN,
    REVISIONS,
    SCALE_ROWS,
    SEVENTH,
    WORDS,
    FamilySpelling,
    degrees,
)

MAX_SYMBOL = 64
"""Longest symbol that is read, in characters."""

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "b": -1, "#": 1, "bb": -2, "##": 2}

# Signs that are set in many ways, in the one way the tables use.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("♭", "b"),
        **dict.fromkeys("♯", "#"),
        **dict.fromkeys("Δ△∆▵", "^"),
        **dict.fromkeys("øØ⌀∅", "h"),
        **dict.fromkeys("°º˚", "o"),
        **dict.fromkeys("−–‐‑", "-"),
        "𝄫": "bb",
        "𝄪": "##",
        "⁺": "+",
    }
)

_NOTE = r"([A-G])(bb|##|b|#)?"
_ROOT = re.compile(_NOTE)
_BASS = re.compile(r"([A-Ga-g])(bb|##|b|#)?")
_NO_CHORD = re.compile(r"n\.?c\.?", re.IGNORECASE)
_PARENTHESES = re.compile(r"[^()]*(?:\([^()]+\)[^()]*)*")
_FAMILY = re.compile("|".join(f"(?P<f{i}>{row.pattern})" for i, row in enumerate(FAMILY_SPELLINGS)))
_NUMBER = re.compile(r"6/9|69|67|13|11|9|7|6|5|2")
_MODIFIER = re.compile(MODIFIER_SPELLING, re.VERBOSE)
_MODIFIER_ORDER = {name: place for place, name in enumerate(MODIFIERS)}

_HINT = (
    "expected a root A to G with b or #, a quality such as m7, maj7, 7b9, dim7, ø, sus4, alt, 6/9 "
    "or 7(b9,#11), and perhaps a bass such as /E; or N.C."
)


class ChordSymbolError(ValueError):
    """A chord symbol that cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord, compared by value.

    Attributes:
        symbol: as written.
        root: pitch class, None for N.C.; a polychord has the root of its lower chord.
        quality: the canonical suffix, without root and bass: `m7` for `C-7`, `M7` for `CΔ`, empty
            for a major triad and for N.C.; a polychord has its upper chord and a backslash first.
        pitch_classes: the tones that the symbol names, without the bass.
        bass: pitch class after the slash, None where there is none.
        chord_tones: the basic chord, a part of `pitch_classes`.
        colour_tones: named and available tensions; none is a chord tone, all are in the scale.
        scale: the chord-scale, which holds `pitch_classes`.

    N.C. has no root, no bass and empty sets.
    """

    symbol: str
    root: int | None
    quality: str
    pitch_classes: frozenset[int]
    bass: int | None
    chord_tones: frozenset[int]
    colour_tones: frozenset[int]
    scale: frozenset[int]


@lru_cache(maxsize=4096)
def parse_chord(symbol: str) -> Chord:
    """Read one chord symbol; spaces around it do not count.

    Raises:
        ChordSymbolError: the symbol is empty, longer than `MAX_SYMBOL`, or not understood.
    """
    text = symbol.strip()
    if not text or len(text) > MAX_SYMBOL:
        _fail(symbol)
    if _NO_CHORD.fullmatch(text):
        none: frozenset[int] = frozenset()
        return Chord(text, None, "", none, None, none, none, none)
    plain = text.translate(_SIGNS)
    upper, backslash, lower = plain.partition("\\")
    if backslash:
        return _polychord(text, upper, lower)
    stem, slash, right = plain.rpartition("/")
    if slash and _ROOT.match(stem):
        if bass := _BASS.fullmatch(right):
            return _plain_chord(text, stem, _pitch_class(bass[1].upper(), bass[2]))
        if _ROOT.match(right):
            return _polychord(text, stem, right)
    return _plain_chord(text, plain, None)


def _polychord(symbol: str, upper_text: str, lower_text: str) -> Chord:
    """The chord `lower_text`, coloured by the tones of `upper_text`."""
    try:
        upper, lower = parse_chord(upper_text), parse_chord(lower_text)
    except ChordSymbolError:
        _fail(symbol)
    nested = "\\" in upper.quality + lower.quality
    if upper.root is None or lower.root is None or upper.bass is not None or nested:
        _fail(symbol)
    return Chord(
        symbol=symbol,
        root=lower.root,
        quality=f"{upper_text}\\{lower.quality}",
        pitch_classes=lower.pitch_classes | upper.pitch_classes,
        bass=lower.bass,
        chord_tones=lower.chord_tones,
        colour_tones=(lower.colour_tones | upper.pitch_classes) - lower.chord_tones,
        scale=lower.scale | upper.pitch_classes,
    )


def _plain_chord(symbol: str, text: str, bass: int | None) -> Chord:
    """The chord of a root and a suffix."""
    match = _ROOT.match(text)
    if match is None:
        _fail(symbol)
    suffix = text[match.end() :]
    if len(match[2] or "") == 2 and re.match(r"[569]|1[13]", suffix):
        # Bbb9 may be B double flat with a ninth as well as Bb with a flat ninth.
        _fail(symbol, f"write {match[0][:2]}({match[0][2]}{suffix}) or another name for the root")
    root = _pitch_class(match[1], match[2])
    read = _read_suffix(suffix)
    if read is None:
        _fail(symbol)
    quality, spelling = read
    named = frozenset(DEGREES[name] for name in spelling)
    basic = frozenset(DEGREES[name] for name in spelling & CHORD_DEGREES)
    row = next(row for row in SCALE_ROWS if row.needs <= named and not row.lacks & named)

    def absolute(relative: frozenset[int]) -> frozenset[int]:
        return frozenset((root + step) % 12 for step in relative)

    return Chord(
        symbol=symbol,
        root=root,
        quality=quality,
        pitch_classes=absolute(named),
        bass=bass,
        chord_tones=absolute(basic),
        colour_tones=absolute((named | row.tensions) - basic),
        scale=absolute(named | row.scale),
    )


def _pitch_class(letter: str, accidental: str | None) -> int:
    return (_LETTERS[letter] + _ACCIDENTALS[accidental or ""]) % 12


def _read_suffix(suffix: str) -> tuple[str, frozenset[str]] | None:
    """The canonical quality and the spelling of what follows the root; None if it has none."""
    suffix = ALIASES.get(suffix, suffix)
    if suffix in WORDS:
        return suffix, degrees(WORDS[suffix])
    # An underscore marks a voicing in Impro-Visor's spellings; the chord is the same.
    text = suffix.removesuffix("_")
    if not _PARENTHESES.fullmatch(text) or re.search(r"[\s,]", re.sub(r"\(.*?\)", "", text)):
        return None
    text = re.sub(r"[(),\s]+", " ", text)
    family = _FAMILY.match(text)
    spelling = FAMILY_SPELLINGS[int((family.lastgroup or "f0")[1:])] if family else PLAIN
    at = family.end() if family else 0
    number = _NUMBER.match(text, at)
    modifiers = _read_modifiers(text, number.end() if number else at)
    if modifiers is None:
        return None
    written = number[0].replace("/", "") if number else ""
    if written and written not in spelling.numbers:
        return None
    return _spell(spelling, written, *modifiers)


def _read_modifiers(text: str, at: int) -> tuple[str, frozenset[str]] | None:
    """The number that a modifier carries (the 9 in `sus9` and in `m(maj9)`) and the names of all
    modifiers from `at` on; None where something else stands there."""
    number = ""
    names: set[str] = set()
    while at < len(text):
        match = _MODIFIER.match(text, at)
        if match is None:
            return None
        at = match.end()
        if match["gap"]:
            continue
        name, carried = _modifier(match)
        if name is None or (carried and number):
            return None
        number = carried or number
        names.add(name)
    return number, frozenset(names)


def _modifier(match: re.Match[str]) -> tuple[str | None, str]:
    """The name in `MODIFIERS` of one modifier as written, and the number that it carries."""
    if match["sus"]:
        kind = match["sus"][3:].replace("4/2", "24") or "4"
        return f"sus{kind}", match["susnumber"] or ""
    if match["major"]:
        return "M7", match["majornumber"] or "7"
    if match["alt"]:
        return "alt", ""
    if match["aug"]:
        return "#5", ""
    if match["no"]:
        return f"no{match['nodegree']}", ""
    if match["add"]:
        sign = match["addsign"].replace("+", "#").replace("-", "b")
        return ADDITIONS.get(sign + match["adddegree"]), ""
    if match["tension"]:
        return ADDITIONS.get(match["tension"]), ""
    sign = match["sign"].replace("+", "#").replace("-", "b")
    return ALTERATIONS.get(sign + match["degree"]), ""


def _spell(
    written: FamilySpelling, number: str, carried: str, modifiers: frozenset[str]
) -> tuple[str, frozenset[str]] | None:
    """The canonical quality and the spelling; None where the parts contradict each other."""
    family = name = written.family
    seventh = FAMILIES[family].seventh
    modifiers |= written.implied_modifiers
    if "alt" in modifiers:
        if family or number not in ("", "7"):
            return None
        number = "7"
    if "M7" in modifiers and not number:
        if written.implied_number:
            return None
        # The number belongs to the major seventh, as in `m(maj9)`.
        name, seventh, number = f"{family}M".replace("MM", "M"), "7", carried
        modifiers -= {"M7"}
    elif "M7" in modifiers:
        if carried != "7" or (family, number) not in MAJOR_SEVENTH_ADDED:
            return None
    elif carried:
        if number or written.implied_number:
            return None
        number = carried
    number = number or written.implied_number
    if name == "M" and number in ("", "6", "69"):
        name = ""
    return _apply(name, FAMILIES[family].triad, number, seventh, modifiers)


def _apply(
    name: str, triad: frozenset[str], number: str, seventh: str, modifiers: frozenset[str]
) -> tuple[str, frozenset[str]]:
    """Put a number and modifiers on a triad."""
    ordered = sorted(modifiers, key=_MODIFIER_ORDER.__getitem__)
    quality = "".join((name, number, *ordered))
    if quality.startswith(("b", "#")):
        # After a root these would read as an accidental.
        quality = f"M{quality}"
    if quality in EXCEPTIONS:
        return quality, degrees(EXCEPTIONS[quality])
    add, remove = FAMILY_NUMBERS.get((name, number), (NUMBERS[number], ""))
    spelling = triad - degrees(remove) | degrees(add.replace(SEVENTH, seventh))
    for modifier in ordered:
        spelling = MODIFIERS[modifier].on(spelling)
    for revision in REVISIONS:
        if revision.needs <= spelling and not revision.lacks & spelling:
            spelling = revision.edit.on(spelling)
    return quality, spelling


def _fail(symbol: str, hint: str = _HINT) -> NoReturn:
    shown = symbol if len(symbol) <= MAX_SYMBOL else f"{symbol[:24]}..."
    raise ChordSymbolError(f"chord symbol {shown!r}: {hint}")
