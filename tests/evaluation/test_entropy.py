"""The figures that papers print."""

from __future__ import annotations

import pytest

from live_improv.evaluation.entropy import ENTROPY
from live_improv.evaluation.lines import Line
from live_improv.music.events import Note
from tests.evaluation.test_lines import FOUR
from tests.lines import line, note


def figures(notes: tuple[Note, ...], bars: int = 0) -> tuple[float, ...]:
    """h1, h4 and groove of one line."""
    return ENTROPY.figures(ENTROPY.count(Line("x", notes, FOUR, 120.0, bars=bars)))


def test_entropy_is_of_the_pitch_classes_of_a_window() -> None:
    # Each bar has one pitch class, in two octaves; four bars have four.
    bars = [[60, 72] * 4, [62, 74] * 4, [64, 76] * 4, [65, 77] * 4]
    h1, h4, _ = figures(line(*(pitch for bar in bars for pitch in bar)))
    assert (h1, h4) == pytest.approx((0.0, 2.0))


def test_silent_windows_are_left_out() -> None:
    h1, h4, _ = figures((*line(60, 62), note(48 * 7, 60), note(48 * 7 + 6, 64)))
    assert (h1, h4) == pytest.approx((1.0, 1.0))


def test_bars_with_the_same_onsets_groove() -> None:
    same = tuple(note(48 * bar + step, 60) for bar in range(4) for step in (0, 12, 18))
    assert figures(same)[2] == 1.0
    # Of three pairs of bars, two differ in one of 64 places.
    assert figures((note(0, 60), note(48, 60), note(96, 60), note(99, 60)))[2] == pytest.approx(
        1 - 2 / 3 / 64
    )
    assert figures((note(0, 60),), bars=1)[2] != 1.0  # one bar has no pair
