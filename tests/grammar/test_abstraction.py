"""Abstraction: notes become values, and come back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.corpus import read_corpus
from live_improv.grammar.abstraction import (
    AbstractionError,
    abstract,
    kinds,
    monophonic,
    on_grid,
    straighten,
)
from live_improv.grammar.realization import realize
from live_improv.grammar.values import GrammarValue, Kind, Window
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from tests.lines import any_changes, lines, note


def texts(values: Sequence[GrammarValue]) -> list[str]:
    """The values as written."""
    return [str(value) for value in values]


def test_a_line_as_values() -> None:
    # Over C7: E a chord tone, D colour, F scale, then F# into the F of F7; A, and a rest.
    changes = parse("C7 | F7")
    played = (
        note(0, 64, 6),
        note(6, 62, 6),
        note(12, 65, 12),
        note(24, 66, 24),
        note(48, 65, 6),
        note(54, 69, 3),
    )
    assert texts(abstract(played, changes)) == [
        "C,0.500",
        "L,0.500,<+1,-5>",
        "S,1.000,<+6,+0>",
        "A,2.000,<+4,-2>",
        "C,0.500,<+2,-4>",
        "C,0.250,<+7,+1>",
        "R,3.250",
    ]


def test_an_approach_tone_resolves_over_the_chord_that_sounds_then() -> None:
    # Ab is outside C mixolydian. A is a tone of F7 only, G of C7 only.
    changes = parse("C7 | F7")
    assert kinds((note(42, 68), note(48, 69)), changes) == (Kind.APPROACH, Kind.CHORD)
    assert kinds((note(42, 68), note(48, 67)), changes) == (Kind.OTHER, Kind.COLOUR)
    assert kinds((note(36, 68), note(42, 67)), changes) == (Kind.APPROACH, Kind.CHORD)
    assert kinds((note(36, 68), note(42, 69)), changes) == (Kind.OTHER, Kind.COLOUR)


@pytest.mark.parametrize(
    ("following", "kind"),
    [(67, Kind.APPROACH), (69, Kind.OTHER), (79, Kind.OTHER), (68, Kind.OTHER), (55, Kind.OTHER)],
)
def test_a_resolution_is_a_semitone_away(following: int, kind: Kind) -> None:
    assert kinds((note(0, 68), note(6, following)), parse("C7"))[0] is kind


def test_the_last_note_resolves_into_nothing() -> None:
    assert kinds((note(0, 68),), parse("C7")) == (Kind.OTHER,)


def test_a_note_over_a_bar_line_is_one_value() -> None:
    changes = parse("C7 | F7 | C7")
    played = (note(0, 60, 36), note(36, 64, 48), note(84, 65, 36))
    values = abstract(played, changes, end=Ticks(120 * 40))
    assert texts(values) == ["C,3.000", "C,4.000,<+7,+1>", "C,3.000,<+4,-2>"]


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (480, ["C,1.000", "C,3.000,<+3,-3>"]),
        (600, ["C,1.000", "C,3.000,<+3,-3>"]),  # into the next note
        (241, ["C,1.000", "C,3.000,<+3,-3>"]),  # a tick less than half a beat of silence
        (240, ["C,0.500", "R,0.500", "C,3.000,<+3,-3>"]),
        (201, ["C,0.500", "R,0.500", "C,3.000,<+3,-3>"]),  # up to the grid
        (200, ["C,0.417", "R,0.583", "C,3.000,<+3,-3>"]),
        (1, ["C,0.083", "R,0.917", "C,3.000,<+3,-3>"]),
    ],
)
def test_half_a_beat_of_silence_is_a_rest(length: int, expected: list[str]) -> None:
    played = (Note(Ticks(0), Ticks(length), 60), note(12, 60, 36))
    assert texts(abstract(played, parse("C7"))) == expected


def test_long_silences_and_long_notes() -> None:
    changes = parse("C7 |" * 12)
    # 200 steps held, of which a value says 192; then 400 steps of silence after one.
    played = (note(0, 60, 200), note(200, 60, 1), note(601, 60, 23))
    assert texts(abstract(played, changes, end=Ticks(624 * 40))) == [
        "C,16.000",
        "R,0.667",
        "C,0.083,<+3,-3>",
        "R,16.000",
        "R,16.000",
        "R,1.333",
        "C,1.917,<+3,-3>",
    ]


def test_silence_before_the_line_and_without_one() -> None:
    changes = parse("C7 | C7")
    assert texts(abstract((note(18, 60, 30),), changes)) == ["R,1.500", "C,2.500"]
    assert texts(abstract((note(66, 60, 30),), changes, start=Ticks(48 * 40))) == [
        "R,1.500",
        "C,2.500",
    ]
    assert texts(abstract((), changes, end=Ticks(48 * 40))) == ["R,4.000"]
    assert abstract((), changes) == ()


@pytest.mark.parametrize(
    ("notes", "start", "end"),
    [
        ((note(0, 60), Note(Ticks(41), Ticks(40), 60)), 0, None),
        ((note(6, 60), note(0, 60)), 0, None),
        ((note(6, 60), note(6, 64)), 0, None),
        ((note(0, 60), note(6, 64)), 40, None),
        ((note(0, 60), note(6, 64)), 0, 240),
        ((note(0, 60), note(6, 64)), 0, 1921),
        ((note(6, 60),), 1, None),
    ],
)
def test_what_is_not_one_line_on_the_grid(
    notes: tuple[Note, ...], start: int, end: int | None
) -> None:
    with pytest.raises(AbstractionError):
        abstract(notes, parse("C7"), Ticks(start), None if end is None else Ticks(end))


def written_steps(played: Note, following: int) -> int:
    """LENGTH in grid steps by the rule, for a note whose next onset is at that tick."""
    silence = following - (played.onset + played.length)
    steps = (following - played.onset) // 40
    if silence >= 240:
        steps = 1
        while steps * 40 < played.length:
            steps += 1
    return min(steps, 192)


def check_round_trip(played: tuple[Note, ...], changes: Changes) -> tuple[GrammarValue, ...]:
    """Abstract a line and realize it again; everything that is promised is kept."""
    values = abstract(played, changes)
    original = {each.onset: each.pitch for each in played}

    def choose(onset: Ticks, offered: list[int]) -> int:
        assert original[onset] in offered
        return original[onset]

    back = realize(values, changes, choose)
    bar = changes.bar_at(played[-1].onset)
    end = bar.start + bar.meter.bar_ticks
    assert sum(value.steps for value in values) * 40 == end
    assert [each.onset for each in back] == [each.onset for each in played]
    assert [each.pitch for each in back] == [each.pitch for each in played]
    edges = [*(each.onset for each in played), end]
    assert [each.length for each in back] == [
        40 * written_steps(each, after) for each, after in zip(played, edges[1:], strict=True)
    ]
    assert abstract(back, changes) == values
    notes = [value for value in values if not value.is_rest]
    assert notes[0].window is None
    for value, (before, after) in zip(notes[1:], pairwise(played), strict=True):
        interval = after.pitch - before.pitch
        assert value.window == Window(interval + 3, interval - 3)
    return values


@given(lines(), any_changes())
def test_any_line_comes_back(played: tuple[Note, ...], changes: Changes) -> None:
    check_round_trip(played, changes)


@given(lines(), any_changes())
def test_rests_stand_only_where_half_a_beat_is_silent(
    played: tuple[Note, ...], changes: Changes
) -> None:
    values = abstract(played, changes)
    runs = [(kind, list(run)) for kind, run in groupby(values, lambda value: value.is_rest)]
    for (_, sounding), (silent, run) in pairwise(runs):
        # What a value cannot say of a note longer than it can say is a rest too.
        if silent and sounding[-1].steps < 192:
            assert sum(value.steps for value in run) >= 6


def test_every_human_solo_comes_back(data_dir: Path) -> None:
    vocabulary = Vocabulary()
    solos = notes = unknown = 0
    for solo in read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz"):
        values = check_round_trip(solo.notes, solo.changes)
        solos, notes = solos + 1, notes + len(solo.notes)
        for value in values:
            window = value.window
            if window is not None and abs(window.centre) > 36:
                unknown += 1
            elif notes < 20_000:
                assert vocabulary.decode(vocabulary.encode(value)) == value
    assert (solos, notes) == (379, 166_285)
    # Next to nobody leaps further than three octaves, the widest that the vocabulary says.
    assert unknown == 9


def test_the_top_note_is_kept_and_the_rest_counted() -> None:
    chord = [note(6, 60), note(6, 67, 3), note(6, 67, 9), note(6, 64)]
    kept, dropped = monophonic([note(12, 50), *chord, note(0, 72)])
    assert kept == (note(0, 72), note(6, 67, 9), note(12, 50))
    assert dropped == 3


def test_notes_that_only_overlap_are_kept() -> None:
    held = (note(0, 60, 24), note(6, 64, 6), note(12, 55, 6))
    assert monophonic(held) == (held, 0)


@pytest.mark.parametrize("t48", range(49))
def test_the_grid_rule(t48: int) -> None:
    # A place t in 48ths of a beat goes to floor((t + 2) / 4) in twelfths.
    (moved,) = on_grid([Note(Ticks(t48 * 10), Ticks(480), 60)])
    assert moved.onset == (t48 + 2) // 4 * 40
    assert moved.end == t48 * 10 + 480


def test_a_note_on_an_occupied_place_moves_on() -> None:
    crowd = [Note(Ticks(t * 10), Ticks(100), 60 + t) for t in (0, 1, 2, 3, 4, 20)]
    assert [each.onset // 40 for each in on_grid(crowd)] == [0, 1, 2, 3, 4, 5]
    assert [each.pitch for each in on_grid(crowd)] == [60, 61, 62, 63, 64, 80]
    assert [each.end for each in on_grid(crowd)] == [100, 110, 120, 130, 161, 300]


@given(st.lists(st.integers(-200, 4000), min_size=1, unique=True).map(sorted))
def test_no_note_is_lost_on_the_grid(onsets: list[int]) -> None:
    moved = on_grid([Note(Ticks(at), Ticks(30), 60) for at in onsets])
    steps = [each.onset / 40 for each in moved]
    assert len(steps) == len(onsets)
    assert all(step == int(step) for step in steps)
    assert all(b > a for a, b in pairwise(steps))
    assert all(each.length >= 1 for each in moved)
    # The first is at its nearest place; each other there or on the first free place after it.
    for i, (step, onset) in enumerate(zip(steps, onsets, strict=True)):
        nearest = (onset + 20) // 40
        assert step == (max(nearest, steps[i - 1] + 1) if i else nearest)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((0, 7), (0, 6)),
        ((0, 8), (0, 6)),
        ((0, 9), (0, 6)),
        ((0, 6), (0, 6)),
        ((8,), (6,)),  # the pair's first note may be held from before
        ((0, 10), (0, 10)),
        ((0, 5), (0, 5)),
        ((0, 4, 8), (0, 4, 8)),  # a triplet
        ((4, 8), (4, 8)),
        ((0, 3, 9), (0, 3, 9)),  # sixteenths
        ((0, 6, 9), (0, 6, 9)),
        ((0, 8, 12, 16, 20, 24, 33), (0, 6, 12, 16, 20, 24, 30)),
    ],
)
def test_swung_pairs_are_written_even(steps: tuple[int, ...], expected: tuple[int, ...]) -> None:
    even = straighten([note(step, 60 + step) for step in steps])
    assert [each.onset for each in even] == [step * 40 for step in expected]
    assert [each.pitch for each in even] == [60 + step for step in steps]
    assert [each.end for each in even] == [(step + 1) * 40 for step in steps]


@given(lines())
def test_writing_even_keeps_a_line_a_line(played: tuple[Note, ...]) -> None:
    even = straighten(played)
    assert [each.pitch for each in even] == [each.pitch for each in played]
    assert all(b.onset > a.onset for a, b in pairwise(even))
    assert all(0 <= a.onset - b.onset <= 120 for a, b in zip(played, even, strict=True))
    assert straighten(even) == even


@settings(max_examples=30)
@given(lines(), any_changes(), st.integers(1, 3))
def test_choruses_later_the_same_line_is_the_same(
    played: tuple[Note, ...], changes: Changes, choruses: int
) -> None:
    away = changes.length * choruses
    moved = tuple(Note(Ticks(n.onset + away), n.length, n.pitch) for n in played)
    assert kinds(moved, changes) == kinds(played, changes)
    assert abstract(moved, changes, start=Ticks(away)) == abstract(played, changes)
