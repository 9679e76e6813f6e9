"""Changes in another key: every chord moved by the same interval, spelled as the key asks.

A root is moved by letters as well as by semitones (from F to G, Bb goes to C and F# to G#), so
that a chart keeps its spelling; what musicians do not write (E#, Cb, double accidentals) is
written as they do. Pitch classes move exactly: a chord that would not is an error.
"""

from __future__ import annotations

import re
from dataclasses import replace

from live_improv.music.changes import Changes
from live_improv.music.chords import Chord, ChordSymbolError, parse_chord

LETTERS = "CDEFGAB"
_NATURAL = (0, 2, 4, 5, 7, 9, 11)
_SHARPS = {0: "", 1: "#", 2: "##", -1: "b", -2: "bb"}

# The keys that are written, by tonic.
MAJOR_KEYS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
MINOR_KEYS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")

_PLAIN_NAMES = frozenset(
    ["C", "C#", "Db", "D", "D#", "Eb", "E", "F", "F#", "Gb", "G", "G#", "Ab", "A", "A#", "Bb", "B"]
)
_FLAT_NAMES = MAJOR_KEYS
_SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

_NOTE = re.compile(r"([A-Ga-g])([b♭]{1,2}|[#♯]{1,2}|𝄫|𝄪)?")
_ALTERED = {"b": -1, "♭": -1, "#": 1, "♯": 1, "𝄫": -2, "𝄪": 2}
_KEY = re.compile(
    r"([A-G])([b#♭♯]?)"
    r"\s*(-|m(?![a-zA-Z])|(?i:min(?:or)?|maj(?:or)?|dorian|aeolian|phrygian)\b)?"
    r"((?![A-Za-z]).*)",
    re.DOTALL,
)
_MINOR = ("-", "m", "min", "minor", "dorian", "aeolian", "phrygian")


class KeyNameError(ValueError):
    """A key that is none; the message names it and what is valid."""


def transposed(changes: Changes, semitones: int) -> Changes:
    """The same changes, `semitones` higher; whole octaves change nothing.

    Raises:
        ChordSymbolError: a chord cannot be spelled there.
    """
    if semitones % 12 == 0:
        return changes
    move = _Move.of(changes, semitones % 12)
    return replace(
        changes,
        chords=tuple(replace(span, chord=move.chord(span.chord)) for span in changes.chords),
        key=move.key(changes.key),
    )


def semitones_to(changes: Changes, key: str) -> int:
    """How far up, 0 to 11 semitones, the changes have to go to be in `key`, such as `Bb` or `Gm`.

    Raises:
        KeyNameError: `key` is no key, or the changes do not say theirs.
    """
    there, here = _KEY.fullmatch(key.strip()), _KEY.fullmatch(changes.key)
    if there is None or there[4]:
        raise KeyNameError(f"key {key[:40]!r}: expected a note such as Bb, or semitones, -11 to 11")
    if here is None:
        raise KeyNameError(
            f"key {key[:40]!r}: the chart does not say its own key: expected semitones, -11 to 11"
        )
    return (_tonic(there) - _tonic(here)) % 12


def _tonic(key: re.Match[str]) -> int:
    return (_NATURAL[LETTERS.index(key[1].upper())] + _ALTERED.get(key[2], 0)) % 12


class _Move:
    """An interval: so many letters and so many semitones up.

    Attributes:
        flats: whether what the interval spells oddly is written with flats.
    """

    def __init__(self, letters: int, semitones: int, flats: bool) -> None:
        self.letters = letters
        self.semitones = semitones
        self.flats = flats

    @classmethod
    def of(cls, changes: Changes, semitones: int) -> _Move:
        """The interval that takes these changes to a key that is written."""
        key = _KEY.fullmatch(changes.key)
        if key is not None:
            letter, tonic, minor = key[1].upper(), _tonic(key), (key[3] or "").lower() in _MINOR
        else:
            # A chart that does not say its key is spelled like one on its first root.
            first = next(
                (span.chord for span in changes.chords if span.chord.root is not None), None
            )
            note = None if first is None else _NOTE.match(_lower(first.symbol))
            letter = "C" if note is None else note[1].upper()
            tonic = 0 if first is None or first.root is None else first.root
            minor = first is not None and first.quality.startswith(("m", "o"))
        new = (MINOR_KEYS if minor else MAJOR_KEYS)[(tonic + semitones) % 12]
        letters = (LETTERS.index(new[0]) - LETTERS.index(letter)) % 7
        flats = "b" in new or new in (("C", "D", "F", "G") if minor else ("C", "F"))
        return cls(letters, semitones, flats)

    def note(self, name: str) -> str:
        """A note's name, moved."""
        match = _NOTE.fullmatch(name)
        if match is None:
            raise ChordSymbolError(f"note {name!r}: expected A to G with b or #")
        letter = LETTERS.index(match[1].upper())
        pitch = _NATURAL[letter] + sum(_ALTERED[sign] for sign in match[2] or "") + self.semitones
        return self._spelled((letter + self.letters) % 7, pitch % 12)

    def _spelled(self, letter: int, pitch: int) -> str:
        """A pitch class on this letter where it is written so, or on another."""
        away = (pitch - _NATURAL[letter] + 6) % 12 - 6
        name = LETTERS[letter] + _SHARPS.get(away, "?")
        if name in _PLAIN_NAMES:
            return name
        return (_FLAT_NAMES if self.flats else _SHARP_NAMES)[pitch]

    def chord(self, chord: Chord) -> Chord:
        """A chord, moved."""
        if chord.root is None:
            return chord
        moved = parse_chord(self._symbol(chord.symbol))
        if not _is_moved(chord, moved, self.semitones):
            raise ChordSymbolError(f"chord symbol {chord.symbol!r} cannot be transposed")
        return moved

    def _symbol(self, symbol: str) -> str:
        """A chord symbol, moved."""
        upper, backslash, lower = symbol.partition("\\")
        if backslash:
            return f"{self._symbol(upper.strip())}\\{self._symbol(lower.strip())}"
        stem, slash, right = symbol.rpartition("/")
        if slash and _NOTE.match(stem):
            if _NOTE.fullmatch(right):
                return f"{self._symbol(stem)}/{self.note(right)}"
            if _NOTE.match(right) and right[0].isupper():
                return f"{self._symbol(stem)}/{self._symbol(right)}"
        match = _NOTE.match(symbol)
        if match is None:
            raise ChordSymbolError(f"chord symbol {symbol!r} cannot be transposed")
        suffix = symbol[match.end() :]
        alteration = re.match(r"[b#♭♯]\d+", suffix)
        if alteration:
            # After a root the sign would be read as the root's.
            suffix = f"({alteration[0]}){suffix[alteration.end() :]}"
        return self.note(match[0]) + suffix

    def key(self, key: str) -> str:
        """The name of a key, moved; what is no key stays."""
        match = _KEY.fullmatch(key)
        if match is None:
            return key
        names = MINOR_KEYS if (match[3] or "").lower() in _MINOR else MAJOR_KEYS
        return names[(_tonic(match) + self.semitones) % 12] + key[match.end(2) :]


def _lower(symbol: str) -> str:
    """The lower chord of a polychord, or the chord itself."""
    return symbol.rpartition("\\")[2].strip()


def _is_moved(before: Chord, after: Chord, semitones: int) -> bool:
    """Whether a chord is another one that many semitones higher."""

    def up(pitches: frozenset[int]) -> frozenset[int]:
        return frozenset((pitch + semitones) % 12 for pitch in pitches)

    def note(pitch: int | None) -> int | None:
        return None if pitch is None else (pitch + semitones) % 12

    return (
        after.root == note(before.root)
        and after.bass == note(before.bass)
        and after.pitch_classes == up(before.pitch_classes)
        and after.chord_tones == up(before.chord_tones)
        and after.colour_tones == up(before.colour_tones)
        and after.scale == up(before.scale)
    )
