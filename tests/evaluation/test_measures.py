"""Counting once, summing, drawing."""

from __future__ import annotations

from statistics import median as middle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.evaluation.lines import Line
from live_improv.evaluation.measures import Measure, median, ratio, spread
from live_improv.evaluation.phrasing import PHRASING
from tests.evaluation.test_lines import FOUR
from tests.lines import line

SHARE = Measure(("share",), lambda each: np.ones(2), lambda counts: (ratio(*counts),))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=41).filter(lambda x: len(x) % 2))
def test_the_median_of_a_histogram(numbers: list[int]) -> None:
    assert median(np.bincount(numbers, minlength=41).astype(float)) == middle(numbers)


def test_nothing_has_no_median_and_no_share() -> None:
    assert median(np.zeros(4)) != median(np.zeros(4))
    assert ratio(0.0, 0.0) != ratio(0.0, 0.0)
    assert ratio(1.0, 4.0) == 0.25


def test_chance_spreads_figures_as_statistics_says() -> None:
    """The mean of 100 coins has a standard error of 0.05."""
    coins = np.stack([np.arange(100) % 2, np.ones(100)], 1).astype(float)
    drawn = spread(SHARE, coins, 2000, seed=1)
    assert drawn.shape == (2000, 1)
    assert drawn.mean() == pytest.approx(0.5, abs=0.005)
    assert drawn.std() == pytest.approx(0.05, rel=0.1)
    assert (spread(SHARE, coins, 10, seed=1) == drawn[:10]).all()


def test_what_is_said_of_many_lines_follows_from_the_sum() -> None:
    lines = [Line(f"{n}", line(*[60] * n), FOUR, 120.0, bars=2) for n in (4, 8, 12)]
    counts = PHRASING.counts(lines)
    assert len(counts) == 3
    assert PHRASING.figures(counts.sum(0))[2] == pytest.approx(24 / 6)
