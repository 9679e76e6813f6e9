"""Anybody's notes in one notation."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, islice, pairwise
from pathlib import Path

from hypothesis import given

from live_improv.charts.text import parse
from live_improv.corpus import read_corpus
from live_improv.evaluation.lines import Line, line_of, written
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, Ticks
from tests.lines import line, lines, note

FOUR = parse("time: 4/4\n" + "|".join(["C"] * 40))


def steps(notes: tuple[Note, ...]) -> list[tuple[int, int]]:
    """Onsets and lengths in grid steps."""
    return [(each.onset // GRID_TICKS, each.length // GRID_TICKS) for each in notes]


def test_swung_pairs_are_even_and_notes_last_until_the_next() -> None:
    played = (note(0, 60, 5), note(8, 62, 3), note(12, 64, 10), note(21, 65, 2), note(24, 67, 12))
    assert steps(written(played)) == [(0, 6), (6, 6), (12, 6), (18, 6), (24, 12)]


def test_triplets_and_sixteenths_stay() -> None:
    played = tuple(note(step, 60) for step in (0, 4, 8, 12, 15, 18, 21, 24))
    assert [at for at, _ in steps(written(played))] == [0, 4, 8, 12, 15, 18, 21, 24]


def test_half_a_beat_of_silence_is_a_rest_and_less_is_not() -> None:
    assert steps(written((note(0, 60, 6), note(12, 62, 7), note(24, 64, 1)))) == [
        (0, 6),
        (12, 12),
        (24, 1),
    ]


def test_of_notes_together_the_highest_is_written() -> None:
    assert [each.pitch for each in written((note(0, 60), note(0, 67), note(6, 62)))] == [67, 62]


@given(lines())
def test_writing_again_changes_nothing(notes: tuple[Note, ...]) -> None:
    once = written(notes)
    assert written(once) == once
    assert len(once) == len(notes)
    assert [each.pitch for each in once] == [each.pitch for each in notes]
    assert all(a.end <= b.onset for a, b in pairwise(once))


def test_moved_off_the_grid_by_a_hair_it_is_written_the_same() -> None:
    exact = line(60, 62, 64, 65, 67)
    late = tuple(replace(each, onset=Ticks(each.onset + 9)) for each in exact)
    assert [each.onset for each in written(late)] == [each.onset for each in exact]


def test_rests_are_the_silences_between_notes() -> None:
    found = Line("x", (note(0, 60, 6), note(24, 62, 6), note(30, 64, 6)), FOUR, 120.0)
    assert found.rests().tolist() == [18, 0]


def test_windows_are_full_and_follow_each_other() -> None:
    every_bar = tuple(note(48 * bar, 60, 12) for bar in range(40))
    assert Line("x", every_bar, FOUR, 120.0).windows() == [(0, 0, 16), (16, 16, 32)]
    assert Line("x", every_bar[:15], FOUR, 120.0, bars=15).windows() == []
    # Silence at the beginning or at the end belongs to the line.
    assert Line("x", every_bar[20:30], FOUR, 120.0, bars=32).windows() == [(0, 0, 0), (16, 0, 10)]


def test_a_line_without_bars_ends_with_the_bar_of_its_last_note() -> None:
    assert Line("x", (note(0, 60), note(48 * 3 + 47, 60)), FOUR, 120.0).bars == 4
    assert Line("x", (), FOUR, 120.0).bars == 1


def test_only_bars_of_four_quarters_are_compared() -> None:
    assert Line("x", (note(0, 60),), FOUR, 120.0).in_four
    for meter in ("3/4", "12/8", "2/4"):
        assert not Line("x", (note(0, 60),), parse(f"time: {meter}\nC"), 120.0).in_four


def test_human_solos_keep_their_notes_and_lose_their_swung_pairs(data_dir: Path) -> None:
    for solo in islice(read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz"), 40):
        found = line_of(solo)
        assert [each.pitch for each in found.notes] == [each.pitch for each in solo.notes]
        assert found.bars == len(solo.changes.bars)
        by_beat = groupby(found.onsets().tolist(), lambda step: step // 12)
        beats = {tuple(step % 12 for step in inside) for _, inside in by_beat}
        assert not beats & {(0, 7), (0, 8), (0, 9), (7,), (8,), (9,)}
        assert (0, 6) in beats
