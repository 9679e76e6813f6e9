"""Realization: values over changes become notes.

A value leaves a choice of pitches: those of its kind over the sounding chord, inside its window
and the instrument's register. Who chooses is given: the model by its own probabilities, or a
test that remembers the original.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from live_improv.grammar.values import GrammarValue, Kind, resolves, settled_kind
from live_improv.music.changes import Changes
from live_improv.music.chords import Chord
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, Ticks


class RegisterError(ValueError):
    """A register that holds no note."""


class RealizationError(ValueError):
    """A value that no pitch of the register satisfies."""


@dataclass(frozen=True, slots=True)
class Register:
    """The pitches an instrument plays, `low` to `high` inclusive.

    Raises:
        RegisterError: not 0 <= low <= high <= 127.
    """

    low: int = 0
    high: int = 127

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 127:
            raise RegisterError(
                f"lowest note {self.low}, highest note {self.high}: "
                "expected 0 to 127, the lowest not above the highest"
            )

    def __contains__(self, pitch: int) -> bool:
        return self.low <= pitch <= self.high


@dataclass(frozen=True, slots=True)
class Last:
    """The note before: its pitch and its kind."""

    pitch: int
    kind: Kind


def is_of_kind(pitch: int, kind: Kind, chord: Chord) -> bool:
    """Whether `pitch` can be a note of that kind; for approach tones the next note decides."""
    settled = settled_kind(pitch, chord)
    if settled is None:
        return kind in (Kind.APPROACH, Kind.OTHER)
    return settled is kind


def can_resolve(pitch: int, chord: Chord, register: Register) -> bool:
    """Whether a semitone from `pitch` there is a chord tone of `chord` in the register."""
    return any(into in register and resolves(pitch, into, chord) for into in (pitch - 1, pitch + 1))


def keeps_promise(last: Last | None, last_chord: Chord, pitch: int, chord: Chord) -> bool:
    """Whether `pitch` over `chord` may follow, given what the last note's kind promised.

    An approach tone resolves; any other tone outside the scale does not, or it would have been
    an approach tone.
    """
    if last is None:
        return True
    if last.kind is Kind.APPROACH:
        return resolves(last.pitch, pitch, chord)
    if last.kind is Kind.OTHER and settled_kind(last.pitch, last_chord) is None:
        return not resolves(last.pitch, pitch, chord)
    return True


def candidates(
    value: GrammarValue, chord: Chord, last: Last | None, last_chord: Chord, register: Register
) -> list[int]:
    """The pitches, in order, that a note value allows over `chord` after the note before."""
    if value.window is None or last is None:
        low, high = register.low, register.high
    else:
        low = max(register.low, last.pitch + value.window.down)
        high = min(register.high, last.pitch + value.window.up)
    return [
        pitch
        for pitch in range(low, high + 1)
        if is_of_kind(pitch, value.kind, chord) and keeps_promise(last, last_chord, pitch, chord)
    ]


Choose = Callable[[Ticks, list[int]], int]
"""Given the onset and the candidates, in order and at least one, says which is played."""


def realize(
    values: Sequence[GrammarValue],
    changes: Changes,
    choose: Choose,
    register: Register = Register(),
    start: Ticks = Ticks(0),  # noqa: B008
) -> tuple[Note, ...]:
    """The notes of a sequence of values; each starts where the values before it end.

    An approach tone is only offered pitches that can resolve over the chord of the next note.

    Raises:
        RealizationError: no pitch satisfies a value.
    """
    onsets, at = [], int(start)
    for value in values:
        onsets.append(Ticks(at))
        at += value.steps * GRID_TICKS
    numbers = [i for i, value in enumerate(values) if not value.is_rest]
    notes: list[Note] = []
    last, last_chord = None, changes.chord_at(start)
    for i, after in zip(numbers, [*numbers[1:], None], strict=False):
        value, onset = values[i], onsets[i]
        chord = changes.chord_at(onset)
        offered = candidates(value, chord, last, last_chord, register)
        if value.kind is Kind.APPROACH and after is not None:
            into = changes.chord_at(onsets[after])
            offered = [pitch for pitch in offered if can_resolve(pitch, into, register)]
        if not offered:
            raise RealizationError(f"{value} over {chord.symbol} at tick {onset}: no such pitch")
        pitch = choose(onset, offered)
        notes.append(Note(onset, Ticks(value.steps * GRID_TICKS), pitch))
        last, last_chord = Last(pitch, value.kind), chord
    return tuple(notes)
