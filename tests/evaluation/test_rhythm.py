"""The rhythm of sets of lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.evaluation.lines import Line
from live_improv.evaluation.rhythm import (
    divergence,
    rhythm_against,
    rhythms,
    sampled_divergence,
)
from live_improv.grammar.gaps import CLASSES, PLACES
from tests.evaluation.test_lines import FOUR
from tests.lines import line, note


def test_one_rhythm_is_one_cell() -> None:
    table = rhythms(Line("x", line(60, 62, 64, 65, 67), FOUR, 120.0)).reshape(6, 10)
    assert table[PLACES.index(0), CLASSES.index(6)] == 2
    assert table[PLACES.index(6), CLASSES.index(6)] == 2
    assert table.sum() == 4
    assert rhythms(Line("x", (note(0, 60),), FOUR, 120.0)).sum() == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=30))
def test_divergence_is_symmetric_and_between_0_and_1(cells: list[tuple[int, int]]) -> None:
    p, q = (np.array(side, float) + 1e-9 for side in zip(*cells, strict=True))
    found = divergence(p, q)
    assert -1e-9 <= found <= 1.0 + 1e-9
    assert found == pytest.approx(divergence(q, p))
    assert divergence(p, 3 * p) == pytest.approx(0.0, abs=1e-9)


def test_divergence_of_what_has_nothing_in_common_is_one_bit() -> None:
    assert divergence(np.array([1.0, 0.0]), np.array([0.0, 5.0])) == pytest.approx(1.0)
    # By hand: half of 1*log2(1/0.75) + 0.5*log2(0.5/0.75) + 0.5*log2(0.5/0.25).
    found = divergence(np.array([1.0, 0.0]), np.array([1.0, 1.0]))
    assert found == pytest.approx((np.log2(4 / 3) + 0.5 * np.log2(2 / 3) + 0.5) / 2)


def test_large_sets_are_compared_by_samples_of_one_size() -> None:
    even = np.ones(60) * 1000
    assert sampled_divergence(even, even) == pytest.approx(0.0035, abs=0.0015)
    assert sampled_divergence(even, even) == sampled_divergence(even, even)
    assert sampled_divergence(np.ones(60), even) == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(sampled_divergence(np.zeros(60), even))


def test_the_measure_is_against_its_reference() -> None:
    eighths = Line("x", line(*[60] * 40), FOUR, 120.0)
    triplets = Line("y", line(*[60] * 40, every=4), FOUR, 120.0)
    measure = rhythm_against([eighths])
    assert measure.figures(measure.count(eighths))[0] == pytest.approx(0.0, abs=1e-9)
    assert measure.figures(measure.count(triplets))[0] == pytest.approx(1.0)
