"""Phrases, density and drift."""

from __future__ import annotations

import pytest

from live_improv.evaluation.lines import Line
from live_improv.evaluation.phrasing import DRIFT, PHRASING, phrase_lengths
from live_improv.music.events import Note
from tests.evaluation.test_lines import FOUR
from tests.lines import note


def phrases(*counts: int, rest: int) -> tuple[Note, ...]:
    """Phrases of so many eighths with a rest of so many steps after each."""
    notes, at = [], 0
    for count in counts:
        notes += [note(at + 6 * i, 60, 6) for i in range(count)]
        at += 6 * count + rest
    return tuple(notes)


def figures(*lines: Line) -> tuple[float, ...]:
    """Of several lines."""
    return PHRASING.figures(PHRASING.counts(lines).sum(0))


def test_a_phrase_ends_where_a_beat_is_silent() -> None:
    assert phrase_lengths(Line("x", phrases(3, 5, 7, rest=12), FOUR, 120.0)).tolist() == [3, 5, 7]
    assert phrase_lengths(Line("x", phrases(3, 5, 7, rest=11), FOUR, 120.0)).tolist() == [15]


def test_medians_are_of_the_phrases_and_rests_of_all_lines() -> None:
    one = Line("x", phrases(3, 5, rest=24), FOUR, 120.0, bars=4)
    other = Line("y", phrases(9, 9, 4, rest=36), FOUR, 120.0, bars=8)
    notes, rest, dense = figures(one, other)
    assert notes == 5
    assert rest == pytest.approx(3.0)
    assert dense == pytest.approx(30 / 12)


def test_silent_bars_count() -> None:
    assert figures(Line("x", phrases(8, rest=0), FOUR, 120.0, bars=2))[2] == 4.0
    assert figures(Line("x", phrases(8, rest=0), FOUR, 120.0, bars=16))[2] == 0.5


def drift(runs: list[Line]) -> float:
    """Of several runs."""
    return DRIFT.figures(DRIFT.counts(runs).sum(0))[0]


def run(early: int, late: int, bars: int = 128) -> Line:
    """A run with so many notes in each bar of its first 32 and of its last 32 bars."""
    dense = [early] * 32 + [1] * 64 + [late] * (bars - 96)
    notes = [note(48 * bar + 4 * i, 60) for bar, count in enumerate(dense) for i in range(count)]
    return Line("x", tuple(notes), FOUR, 120.0, bars=bars)


def test_drift_compares_the_last_quarter_of_long_runs_with_the_first() -> None:
    assert drift([run(6, 6)]) == 0.0
    assert drift([run(4, 6)]) == pytest.approx(0.5)
    assert drift([run(4, 6), run(6, 4)]) == 0.0
    # What comes after 128 bars is not counted, and shorter runs are not.
    assert drift([run(5, 5, bars=150)]) == 0.0
    assert drift([run(6, 6), run(1, 9, bars=127)]) == 0.0
    assert drift([run(6, 6, bars=100)]) != drift([run(6, 6)])
