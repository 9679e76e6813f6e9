"""The controls spoil what they say and nothing else."""

from __future__ import annotations

from hypothesis import given

from live_improv.charts.text import parse
from live_improv.evaluation.controls import (
    MOVED,
    bars_shuffled,
    chords_moved,
    pitches_reversed,
)
from live_improv.evaluation.lines import BAR_TICKS, Line
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from tests.lines import any_changes, lines

FOUR = parse("time: 4/4\n" + "|".join(["C G7"] * 40))


@given(any_changes(), lines())
def test_moved_chords_are_those_of_four_bars_later(
    changes: Changes, notes: tuple[Note, ...]
) -> None:
    moved = chords_moved(Line("x", notes, changes, 120.0))
    assert moved.notes == notes
    assert moved.changes.bars == changes.bars
    for tick in range(0, changes.length, 240):
        assert moved.changes.chord_at(Ticks(tick)) == changes.chord_at(Ticks(tick + MOVED))


@given(lines())
def test_shuffled_bars_keep_their_pitches_and_rhythm(notes: tuple[Note, ...]) -> None:
    spoiled = bars_shuffled(Line("x", notes, FOUR, 120.0)).notes
    assert [(each.onset, each.length) for each in spoiled] == [
        (each.onset, each.length) for each in notes
    ]

    def bars(some: tuple[Note, ...]) -> list[tuple[int, int]]:
        return sorted((each.onset // BAR_TICKS, each.pitch) for each in some)

    assert bars(spoiled) == bars(notes)


@given(lines())
def test_reversed_twice_is_as_before(notes: tuple[Note, ...]) -> None:
    once = pitches_reversed(Line("x", notes, FOUR, 120.0))
    assert [each.pitch for each in once.notes] == [each.pitch for each in notes][::-1]
    assert pitches_reversed(once).notes == notes
