"""Intervals: against tables, densities and the binomial itself."""

from __future__ import annotations

from math import comb, exp, lgamma, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.audition.intervals import mean, share, student


def student_tail(t: float, freedom: int) -> float:
    """The probability beyond `t`, by adding up Student's density."""
    at = np.linspace(0.0, t, 20_001)
    scale = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(freedom * pi)
    density = scale * (1 + at**2 / freedom) ** (-(freedom + 1) / 2)
    return 0.5 - float(np.trapezoid(density, at))


@pytest.mark.parametrize("freedom", [1, 2, 3, 5, 9, 14, 22, 30, 31, 50, 200, 5000])
def test_student_leaves_two_and_a_half_in_a_hundred_above(freedom: int) -> None:
    assert student_tail(student(freedom), freedom) == pytest.approx(0.025, abs=2e-5)


def test_a_mean_and_its_interval() -> None:
    found = mean([1.0, 2.0, 3.0, 4.0, 5.0])
    assert found is not None
    # 2.776 standard errors of sqrt(2.5 / 5)
    assert (found.value, found.count) == (3.0, 5)
    assert (found.low, found.high) == pytest.approx((3 - 1.963, 3 + 1.963), abs=1e-3)


def test_of_one_there_is_no_interval_and_of_none_no_mean() -> None:
    one = mean([4.0])
    assert one is not None
    assert (one.value, one.low, one.high) == (4.0, None, None)
    assert mean([]) is None
    assert share(0, 0) is None


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [  # published tables of exact intervals
        (0, 10, 0.0, 0.3085),
        (8, 10, 0.4439, 0.9748),
        (5, 20, 0.0866, 0.4910),
        (20, 20, 0.8316, 1.0),
        (50, 100, 0.3983, 0.6017),
    ],
)
def test_a_share_is_known_as_well_as_the_tables_say(
    hits: int, count: int, low: float, high: float
) -> None:
    found = share(hits, count)
    assert found is not None
    assert found.value == hits / count
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(1, 40), st.floats(0.01, 0.99))
def test_the_interval_holds_the_truth_in_95_cases_of_100(count: int, truth: float) -> None:
    held = 0.0
    for hits in range(count + 1):
        found = share(hits, count)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        if found.low <= truth <= found.high:
            held += comb(count, hits) * truth**hits * (1 - truth) ** (count - hits)
    assert held >= 0.95 - 1e-9


def test_many_guesses_are_no_trouble() -> None:
    found = share(2600, 5000)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    half = 1.96 * sqrt(0.52 * 0.48 / 5000)
    assert (found.low, found.high) == pytest.approx((0.52 - half, 0.52 + half), abs=3e-4)
