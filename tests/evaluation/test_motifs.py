"""What comes back in a line."""

from __future__ import annotations

from random import Random

import pytest

from live_improv.evaluation.lines import Line
from live_improv.evaluation.motifs import MOTIFS
from tests.evaluation.test_lines import FOUR
from tests.lines import line


def recurrence(*pitches: int) -> float:
    """Of one line of these pitches."""
    return MOTIFS.figures(MOTIFS.count(Line("x", line(*pitches), FOUR, 120.0)))[0]


def test_a_line_of_one_motif_is_all_recurrence_but_for_its_first_time() -> None:
    cell = [0, 4, 7, 5, 2]
    assert recurrence(*(60 + cell[i % 5] for i in range(100))) == pytest.approx(91 / 96)


def test_a_motif_is_known_in_another_key() -> None:
    chance = Random(1)
    other = [60 + chance.randrange(0, 25) for _ in range(90)]
    motif = [60, 61, 63, 66, 70]
    here, there = recurrence(*motif, *other, *motif), recurrence(*motif, *other, *[71] * 5)
    assert here == pytest.approx(recurrence(*motif, *other, *(p + 3 for p in motif)))
    assert here > there - 1 / 96


def test_only_the_same_hundred_notes_count() -> None:
    chance = Random(2)
    wide = [60 + chance.randrange(0, 40) for _ in range(100)]
    assert recurrence(*wide, *wide) == recurrence(*wide) < 0.02


def test_less_than_a_window_says_nothing() -> None:
    assert recurrence(*[60] * 99) != recurrence(*[60] * 99)  # NaN
    assert recurrence(*[60] * 100) == recurrence(*[60] * 199)
