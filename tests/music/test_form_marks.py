"""Form marks: where choruses and sections begin, as texts and from changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts import text
from live_improv.music.changes import Changes
from live_improv.music.chords import ChordSymbolError, parse_chord
from live_improv.music.form_marks import FormMark, marks_between, parse_mark
from live_improv.music.timing import Ticks

BAR = 1920

AABA = text.parse(
    "title: Four\n[A]\n| C | C | F | G7 |\n[A]\n| C | C | F | G7 |\n"
    "[B]\n| D7 | D7 | G7 | G7 |\n[A]\n| C | C | F | G7 |\n"
)
PLAIN = text.parse("| C | F | G7 | C |")


def texts(changes: Changes, start: int, end: int) -> list[tuple[int, str]]:
    """The bar of the song and the text of each mark."""
    marks = marks_between(changes, Ticks(start * BAR), Ticks(end * BAR))
    return [(mark.tick // BAR, mark.text) for mark in marks]


def test_choruses_and_sections_are_marked() -> None:
    assert texts(AABA, 0, 20) == [
        (0, "Chorus 1: A"),
        (4, "Chorus 1: A, bar 5"),
        (8, "Chorus 1: B, bar 9"),
        (12, "Chorus 1: A, bar 13"),
        (16, "Chorus 2: A"),
    ]


def test_a_form_without_names_has_its_choruses() -> None:
    assert texts(PLAIN, 0, 8) == [(0, "Chorus 1"), (4, "Chorus 2")]


def test_where_the_music_comes_in_is_marked() -> None:
    assert texts(AABA, 26, 29) == [(26, "Chorus 2: B, bar 11"), (28, "Chorus 2: A, bar 13")]


def test_a_pickup_has_no_mark() -> None:
    assert texts(PLAIN, -2, 1) == [(0, "Chorus 1")]


def test_a_mark_stands_at_the_bar_line_before_it_begins() -> None:
    assert next(marks_between(PLAIN, Ticks(BAR + 7), Ticks(3 * BAR))).tick == BAR


@pytest.mark.parametrize("chart", ["| C | G7 |", "| N.C. | N.C. | N.C. | N.C. |"])
def test_what_is_no_form_has_no_marks(chart: str) -> None:
    assert not texts(text.parse(chart), 0, 8)


@given(
    chorus=st.integers(1, 999_999),
    section=st.sampled_from(("", "A", "B", "A1", "Intro", "tag: slow", "Chorus 2")),
    bar=st.integers(1, 999_999),
)
def test_a_mark_is_read_back(chorus: int, section: str, bar: int) -> None:
    mark = FormMark(Ticks(0), chorus, section, bar)
    assert parse_mark(Ticks(0), mark.text) == mark


@given(
    chorus=st.integers(1, 99),
    section=st.sampled_from(("", "A", "B", "C", "7", "maj7")),
    bar=st.integers(1, 99),
)
def test_a_mark_is_no_chord(chorus: int, section: str, bar: int) -> None:
    with pytest.raises(ChordSymbolError):
        parse_chord(FormMark(Ticks(0), chorus, section, bar).text)


@pytest.mark.parametrize(
    "words", ["", "A", "Chorus", "Chorus 0", "Chorus two", "chorus 1", "Chorus 1, bar 0", "Cm7"]
)
def test_other_texts_are_no_marks(words: str) -> None:
    assert parse_mark(Ticks(0), words) is None
