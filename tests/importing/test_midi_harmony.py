"""Chords out of an accompaniment."""

from __future__ import annotations

from collections.abc import Sequence
from time import process_time

import pytest

from live_improv.importing.midi_harmony import recognised
from live_improv.music.changes import Bar
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Meter, Ticks

# A bass note and a voicing above it, and the chord that they are.
CHORDS = (
    (36, (52, 58, 62), "C7"),
    (36, (52, 59, 62), "Cmaj7"),
    (38, (53, 60, 64), "Dm7"),
    (38, (56, 60, 65), "Dm7b5"),
    (41, (57, 60, 65), "F"),
    (45, (60, 64, 69), "Am"),
    (47, (56, 62, 65), "Bdim7"),
    (43, (53, 60, 62), "G7sus4"),
)


def notes(bass: int, voicing: Sequence[int], start: float, beats: float) -> list[Note]:
    """A bass and a hand that hold a chord."""
    return [
        Note(Ticks(round(start * PPQ)), Ticks(round(beats * PPQ)), pitch)
        for pitch in (bass, *voicing)
    ]


def bars(count: int, meter: str = "4/4") -> list[Bar]:
    """Bars of one meter."""
    each = Meter.parse(meter)
    return [Bar(Ticks(i * each.bar_ticks), each) for i in range(count)]


@pytest.mark.parametrize(("bass", "voicing", "symbol"), CHORDS)
def test_a_bass_and_a_voicing_are_a_chord(bass: int, voicing: tuple[int, ...], symbol: str) -> None:
    (mark,) = recognised(notes(bass, voicing, 0, 8), bars(2), Ticks(8 * PPQ - 1))
    assert (mark.tick, mark.chord.symbol) == (0, symbol)


def test_chords_change_in_the_middle_of_a_bar_and_may_come_early() -> None:
    heard = [
        *notes(38, (53, 60, 64), 0, 2),
        *notes(43, (53, 59, 64), 2, 1.5),
        *notes(36, (52, 59, 62), 3.5, 4.5),  # an eighth before the bar
    ]
    marks = recognised(heard, bars(2), Ticks(8 * PPQ - 1))
    assert [(m.tick / PPQ, m.chord.symbol) for m in marks] == [
        (0, "Dm7"),
        (2, "G7"),
        (4, "Cmaj7"),
    ]


def test_in_three_they_change_at_the_bar() -> None:
    heard = [*notes(38, (53, 60, 64), 3, 3), *notes(43, (53, 59, 64), 6, 3)]
    marks = recognised(heard, bars(3, "3/4"), Ticks(9 * PPQ - 1))
    assert [(m.tick / PPQ, m.chord.symbol) for m in marks] == [(3, "Dm7"), (6, "G7")]


def test_a_chord_holds_on_while_nobody_plays() -> None:
    heard = [*notes(38, (53, 60, 64), 0, 1), *notes(38, (53, 60, 64), 12, 1)]
    (mark,) = recognised(heard, bars(4), Ticks(16 * PPQ - 1))
    assert mark.chord.symbol == "Dm7"


def test_what_never_sounds_has_no_chords() -> None:
    late = notes(38, (53, 60, 64), 100, 4)
    assert recognised(late, bars(2), Ticks(8 * PPQ - 1)) == ()


@pytest.mark.parametrize("up", range(1, 12))
def test_transposed_chords_are_the_same_higher(up: int) -> None:
    heard = [*notes(38, (53, 60, 64), 0, 4), *notes(43, (53, 59, 64), 4, 4)]
    higher = [Note(note.onset, note.length, note.pitch + up) for note in heard]
    there = recognised(higher, bars(2), Ticks(8 * PPQ - 1))
    here = recognised(heard, bars(2), Ticks(8 * PPQ - 1))
    assert [(m.tick, m.chord.root, m.chord.quality) for m in there] == [
        (m.tick, ((m.chord.root or 0) + up) % 12, m.chord.quality) for m in here
    ]


def test_a_long_silence_takes_no_time_and_changes_nothing() -> None:
    """Of a silence only what is near the sound is looked at, and that is enough."""
    found = []
    for silent in (100, 9_000):
        later = 4.0 * silent
        heard = [
            note
            for bar, (bass, voicing, _) in enumerate(CHORDS)
            for note in notes(bass, voicing, 4 * bar + later * (bar > 3), 4)
        ]
        begun = process_time()
        marks = recognised(heard, bars(silent + 9), Ticks((silent + 9) * 4 * PPQ - 1))
        assert process_time() - begun < 1
        found.append(
            [(m.tick - round(later * PPQ) * (m.tick > 99 * PPQ), m.chord.symbol) for m in marks]
        )
    assert found[0] == found[1]
    # What sounds is what it was; the fifth is come to in the silence.
    there = [(4 * PPQ * bar, symbol) for bar, (_, _, symbol) in enumerate(CHORDS)]
    assert (found[0][:4], found[0][-3:]) == (there[:4], there[5:])
