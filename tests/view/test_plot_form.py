"""Which bars a picture has, and which of them stand on a line."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.assets import chart_names
from live_improv.midi.reader import ChordMark
from live_improv.music.changes import Bar, Changes
from live_improv.music.chords import parse_chord
from live_improv.music.form_marks import FormMark
from live_improv.music.score import chords_between, meters_between
from live_improv.music.timing import Meter, Ticks
from live_improv.repertoire import read_chart
from live_improv.view.plot_form import (
    MAX_BARS,
    FormBar,
    bars_of,
    changes_of,
    cropped,
    form_of,
    lines_of,
)

BAR = 1920


def played(symbols: str, first: int = 0) -> Changes:
    """A file with a chord a bar, from bar `first` on."""
    chords = symbols.split()
    marks = [
        ChordMark(Ticks(BAR * (first + i)), parse_chord(symbol))
        for i, symbol in enumerate(chords)
        if not i or symbol != chords[i - 1]
    ]
    last = Ticks(BAR * (first + len(chords) - 1))
    return changes_of(marks, bars_of((Bar(Ticks(0), Meter()),), last))


def numbers(lines: tuple[tuple[FormBar, ...], ...]) -> list[tuple[int, int]]:
    """The first and the last bar of each line."""
    return [(line[0].number, line[-1].number) for line in lines]


def tops(bars: tuple[FormBar, ...]) -> list[tuple[int, int]]:
    """Each chorus and its first bar."""
    return [(bar.chorus, bar.number) for bar in bars if bar.chorus is not None]


A, B = "C A7 Dm7 G7 Em7 A7 Dm7 G7 ", "D7 D7 G7 G7 C7 C7 F7 F7 "
BLUES = "F7 Bb7 F7 F7 Bb7 Bdim7 F7 D7 Gm7 C7 F7 C7 "


def test_bars_follow_the_meters() -> None:
    meters = (Bar(Ticks(0), Meter()), Bar(Ticks(BAR), Meter(3, 4)))
    bars = bars_of(meters, Ticks(BAR + 1440))
    assert bars == (
        Bar(Ticks(0), Meter()),
        Bar(Ticks(BAR), Meter(3, 4)),
        Bar(Ticks(BAR + 1440), Meter(3, 4)),
    )


def test_chords_that_come_round_are_choruses() -> None:
    form = form_of(played(BLUES * 3))
    assert tops(form) == [(1, 1), (2, 13), (3, 25)]
    assert numbers(lines_of(form)) == [(1, 12), (13, 24), (25, 36)]


def test_the_last_a_of_a_form_is_no_chorus() -> None:
    assert tops(form_of(played(A + A + B + A))) == []
    assert tops(form_of(played((A + A + B + A) * 2))) == [(1, 1), (2, 33)]


def test_half_a_chorus_more_is_enough_to_know() -> None:
    assert tops(form_of(played(A + A + B + A + A + A))) == [(1, 1), (2, 33)]


def test_a_chord_that_was_exchanged_does_not_hide_the_form() -> None:
    assert tops(form_of(played(BLUES + BLUES.replace("D7", "D7alt") + BLUES))) == [
        *((1, 1), (2, 13), (3, 25)),
    ]


def test_one_chord_is_no_form() -> None:
    form = form_of(played("Dm7 " * 40))
    assert tops(form) == []
    assert numbers(lines_of(form)) == [(1, 16), (17, 32), (33, 40)]


@pytest.mark.parametrize("name", chart_names())
def test_the_form_of_our_charts_is_found(name: str) -> None:
    chart = read_chart(name)
    end = Ticks(2 * chart.length)
    spans = list(chords_between(chart, Ticks(0), end))
    marks = [ChordMark(span.start, span.chord) for span in spans]
    bars = bars_of(tuple(meters_between(chart, Ticks(0), end)), Ticks(end - 1))
    changes = changes_of(marks, bars)
    # What is found may be a part that comes again in the same chords.
    starts = [bar.start for bar in form_of(changes) if bar.chorus is not None]
    assert chart.length in starts
    told = form_of(changes, chart=chart)
    assert tops(told) == [(1, 1), (2, len(chart.bars) + 1)]
    sections = {bar.start: bar.section for bar in told if bar.section and bar.start < chart.length}
    assert sections == {part.start: part.name for part in chart.sections}


def test_marks_of_the_file_come_first() -> None:
    marks = [
        FormMark(Ticks(0), 1, "A"),
        FormMark(Ticks(8 * BAR), 1, "B", 9),
        FormMark(Ticks(16 * BAR), 2, "A"),
    ]
    form = form_of(played(BLUES * 2), marks, read_chart("blues_in_f"))
    assert tops(form) == [(1, 1), (2, 17)]
    assert [(bar.section, bar.number) for bar in form if bar.section] == [
        *(("A", 1), ("B", 9), ("A", 17)),
    ]


def test_a_loop_begins_its_chorus_again() -> None:
    marks = [FormMark(Ticks(i * 8 * BAR), 1) for i in range(3)]
    form = form_of(played(A * 3), marks)
    assert tops(form) == [(1, 1), (1, 9), (1, 17)]


def test_music_that_comes_in_elsewhere_is_of_that_chorus() -> None:
    marks = [FormMark(Ticks(0), 1, "A"), FormMark(Ticks(8 * BAR), 5, "B", 17)]
    assert tops(form_of(played(A * 2), marks)) == [(1, 1), (5, 9)]


def test_a_pickup_stands_before_the_first_chorus() -> None:
    form = form_of(played(BLUES * 2, first=2))
    assert [bar.number for bar in form[:3]] == [-1, 0, 1]
    assert numbers(lines_of(form)) == [(-1, 12), (13, 24)]


def test_an_ending_stands_on_the_last_line_and_is_no_chorus() -> None:
    bars = lines_of(form_of(played(BLUES * 2 + "F7")))
    assert numbers(bars) == [(1, 12), (13, 25)]
    assert bars[-1][-1].chorus is None


def test_short_choruses_share_a_line() -> None:
    form = form_of(played("Dm7 G7 Cmaj7 A7 " * 8))
    assert [top for _, top in tops(form)] == list(range(1, 33, 4))
    assert numbers(lines_of(form)) == [(1, 16), (17, 32)]


def test_a_long_chorus_is_divided_at_a_section() -> None:
    marks = [FormMark(Ticks(0), 1, "A")]
    marks += [FormMark(Ticks(i * BAR), 1, "B", i + 1) for i in (16, 30, 46)]
    form = form_of(played((A + B) * 4), marks)
    assert numbers(lines_of(form)) == [(1, 30), (31, 64)]


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from(("", "", "", "A", "B"))), max_size=300),
    st.integers(0, 6),
)
def test_every_bar_stands_on_one_line(bars: list[tuple[bool, str]], pickup: int) -> None:
    form = [
        FormBar(Ticks(i * BAR), Meter(), i + 1 - pickup, 1 if top and i >= pickup else None, name)
        for i, (top, name) in enumerate([(False, "")] * (pickup + 1) + bars)
    ]
    lines = lines_of(form)
    assert [bar.number for line in lines for bar in line] == [bar.number for bar in form]
    assert all(1 <= len(line) <= MAX_BARS + 4 for line in lines)


def test_only_the_bars_that_are_asked_for_are_left() -> None:
    lines = cropped(lines_of(form_of(played(BLUES * 3))), 11, 14)
    assert numbers(lines) == [(11, 12), (13, 14)]


def test_a_meter_that_changes_leaves_no_gap() -> None:
    meters = (Bar(Ticks(0), Meter()), Bar(Ticks(4 * BAR), Meter(3, 4)), Bar(Ticks(9120), Meter()))
    form = form_of(changes_of([], bars_of(meters, Ticks(20_000))))
    assert all(before.end == bar.start for before, bar in pairwise(form))


@pytest.mark.parametrize(("heard", "last"), [(24 * BAR, 24), (24 * BAR + 100, 25)])
def test_an_ending_in_which_nobody_is_heard_is_left_out(heard: int, last: int) -> None:
    lines = lines_of(form_of(played(BLUES * 2 + "F7")), Ticks(heard))
    assert numbers(lines) == [(1, 12), (13, last)]
