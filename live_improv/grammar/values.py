"""Grammar values: what one step of a line says, relative to the chord and the note before.

A value is written `KIND,LENGTH,<UP,DOWN>`: `C,0.500,<+1,-5>` is a chord tone, half a beat long,
between one semitone above and five below the previous note. The idea is Keller and Morrison's
(a grammatical approach to automatic improvisation, 2007), the spelling is deepjazz's.

Conventions
    LENGTH is written in beats (quarters) and held as a whole number of grid steps, 12 to the
    beat. A window is held in semitones; the window of a melodic interval d runs from d + 3 down
    to d - 3, as in deepjazz. The first note after nothing has no window, nor has a rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from live_improv.music.chords import Chord
from live_improv.music.timing import GRID_PER_BEAT

MAX_STEPS = 16 * GRID_PER_BEAT
"""The longest note or rest one value can say, in grid steps (four bars of 4/4)."""

REACH = 3
"""Semitones a window reaches above and below the interval it was made from."""


class ValueFormatError(ValueError):
    """A text that is not a grammar value."""


class Kind(StrEnum):
    """What a note is to the chord, in the order in which the kinds are tested."""

    CHORD = "C"
    COLOUR = "L"
    SCALE = "S"
    APPROACH = "A"
    OTHER = "X"
    REST = "R"


NOTE_KINDS = (Kind.CHORD, Kind.COLOUR, Kind.SCALE, Kind.APPROACH, Kind.OTHER)


@dataclass(frozen=True, slots=True)
class Window:
    """The intervals, in semitones from the previous note, that a value allows (inclusive)."""

    up: int
    down: int

    @classmethod
    def around(cls, interval: int) -> Window:
        """The window that a melodic interval of `interval` semitones leaves."""
        return cls(interval + REACH, interval - REACH)

    @property
    def centre(self) -> int:
        """The interval the window was made from."""
        return (self.up + self.down) // 2

    def __contains__(self, interval: int) -> bool:
        return self.down <= interval <= self.up

    def __str__(self) -> str:
        return f"<{self.up:+d},{self.down:+d}>"


@dataclass(frozen=True, slots=True)
class GrammarValue:
    """One value: a note of a kind, or a rest, and how long it lasts.

    Attributes:
        kind: what the note is to the chord, or `Kind.REST`.
        steps: length in grid steps, 1..`MAX_STEPS`.
        window: the intervals allowed, or None for a rest and for the first note of all.

    Raises:
        ValueFormatError: the length is out of range, the window is upside down, or a rest has one.
    """

    kind: Kind
    steps: int
    window: Window | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MAX_STEPS:
            raise ValueFormatError(f"length of {self.steps} steps: expected 1 to {MAX_STEPS}")
        if self.window is not None and self.window.up < self.window.down:
            raise ValueFormatError(f"window {self.window}: the upper end comes first")
        if self.window is not None and self.kind is Kind.REST:
            raise ValueFormatError("a rest has no window")

    @property
    def is_rest(self) -> bool:
        """Whether nothing sounds."""
        return self.kind is Kind.REST

    def __str__(self) -> str:
        tail = "" if self.window is None else f",{self.window}"
        return f"{self.kind},{self.steps / GRID_PER_BEAT:.3f}{tail}"


# No number is longer than Python converts, whatever the text.
_VALUE = re.compile(r"([CLSAXR]),(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(?:,<([^,<>]+),([^,<>]+)>)?")
_SEMITONES = re.compile(r"[+-]?\d{1,3}")
_INTERVAL = re.compile(r"(P|M|m|A{1,4}|d{1,4})(-?)(\d{1,3})")

# Semitones of the major or perfect interval from the tonic, by step of the major scale.
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_PERFECT_STEPS = frozenset({0, 3, 4})


def parse_value(text: str) -> GrammarValue:
    """Read a value, with its window in semitones or in interval names (`<m2,P-4>`).

    Raises:
        ValueFormatError: the text is not a value, its length is off the grid of 12 a beat, or an
            interval has no such name.
    """
    match = _VALUE.fullmatch(text.strip())
    if match is None:
        raise ValueFormatError(f"{text!r}: expected something like C,0.500,<+1,-5> or R,1.000")
    kind, length, up, down = match.groups()
    exact = float(length) * GRID_PER_BEAT
    steps = round(exact)
    # Three decimals of a twelfth are at most 0.0005 beats, 0.006 steps, off.
    if abs(exact - steps) > 0.01:
        raise ValueFormatError(f"{text!r}: length {length} is not on the grid of 1/12 beat")
    window = None if up is None else Window(_semitones(up), _semitones(down))
    return GrammarValue(Kind(kind), steps, window)


def _semitones(name: str) -> int:
    """An interval in semitones, from a number or from a name such as `m2`, `P-4` or `dd5`."""
    name = name.strip()
    if _SEMITONES.fullmatch(name):
        return int(name)
    match = _INTERVAL.fullmatch(name)
    if match is None or int(match[3]) == 0:
        raise ValueFormatError(f"{name!r}: expected semitones or an interval such as m2 or P-4")
    quality, sign, number = match[1], match[2], int(match[3])
    octaves, step = divmod(number - 1, 7)
    perfect = step in _PERFECT_STEPS
    if quality == "P" if not perfect else quality in ("M", "m"):
        raise ValueFormatError(f"{name!r}: there is no such interval")
    shift = {"P": 0, "M": 0, "m": -1}.get(quality)
    if shift is None:
        shift = len(quality) if quality[0] == "A" else -len(quality) - (not perfect)
    semitones = 12 * octaves + _MAJOR_SCALE[step] + shift
    return -semitones if sign else semitones


def settled_kind(pitch: int, chord: Chord) -> Kind | None:
    """The kind of `pitch` over `chord`, or None where the next note decides.

    Chord, colour and scale tones are known at once. A tone outside the scale is an approach tone
    if it resolves and another tone if it does not; over no chord every tone is another tone.
    """
    if chord.root is None:
        return Kind.OTHER
    pitch_class = pitch % 12
    if pitch_class in chord.chord_tones:
        return Kind.CHORD
    if pitch_class in chord.colour_tones:
        return Kind.COLOUR
    if pitch_class in chord.scale:
        return Kind.SCALE
    return None


def resolves(pitch: int, into: int, chord: Chord) -> bool:
    """Whether `pitch` moves by a semitone to `into`, a chord tone of the `chord` over it."""
    return abs(into - pitch) == 1 and into % 12 in chord.chord_tones


def legal_after(
    previous: GrammarValue | None, last_note: GrammarValue | None, value: GrammarValue
) -> bool:
    """Whether `value` may follow, the rules of the language that values alone can tell.

    Args:
        previous: the value just before, or None at the beginning.
        last_note: the last value that is a note, or None where there was none.
        value: the candidate.
    """
    if value.is_rest:
        # A silence is written with the fewest rests, longest first: only the longest repeats.
        return previous is None or not previous.is_rest or previous.steps == MAX_STEPS
    if last_note is None:
        return value.window is None
    if value.window is None:
        return False
    if last_note.kind is Kind.APPROACH:
        return value.kind is Kind.CHORD and (1 in value.window or -1 in value.window)
    return True


def rests(steps: int) -> tuple[GrammarValue, ...]:
    """A silence of `steps` grid steps (0 for none) in the fewest rests, longest first."""
    whole, part = divmod(steps, MAX_STEPS)
    tail = (GrammarValue(Kind.REST, part),) if part else ()
    return (GrammarValue(Kind.REST, MAX_STEPS),) * whole + tail
