"""What follows what, smoothed: figures that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.evaluation.witten_bell import WittenBell


def learned(rows: list[tuple[int, int, int]], size: int = 4) -> WittenBell:
    """A table of contexts of two numbers, from rows of a context and what followed."""
    table = np.array(rows, np.int64).reshape(-1, 3)
    return WittenBell.learn(table[:, :2], table[:, 2], size)


def test_the_share_of_what_was_never_seen_is_that_of_new_symbols() -> None:
    # After 7: symbol 0 three times, symbol 1 once; two kinds in four notes.
    table = learned([(7, 1, 0), (7, 1, 0), (7, 2, 0), (7, 2, 1)])
    empty = np.array([3 + 2 / 4, 1 + 2 / 4, 2 / 4, 2 / 4]) / 6
    one = (np.array([3, 1, 0, 0]) + 2 * empty) / 6
    assert table.probabilities(np.array([[9, 9]]))[0] == pytest.approx(empty)
    assert table.probabilities(np.array([[7, 9]]))[0] == pytest.approx(one)
    # After 7, 1 only symbol 0 has come, twice; after 9, 1 nothing has.
    assert table.probabilities(np.array([[7, 1]]))[0] == pytest.approx(
        (np.array([2, 0, 0, 0]) + one) / 3
    )
    assert table.probabilities(np.array([[9, 1]]))[0] == pytest.approx(empty)


def test_nothing_learned_says_nothing() -> None:
    assert learned([]).probabilities(np.zeros((3, 2), np.int64)) == pytest.approx(0.25)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(0, 3)), max_size=40),
    st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3)), min_size=2, max_size=6),
)
def test_one_context_is_answered_as_many_are(
    rows: list[tuple[int, int, int]], asked: list[tuple[int, int]]
) -> None:
    table = learned(rows)
    contexts = np.array(asked, np.int64)
    together = table.probabilities(contexts)
    assert together.sum(1) == pytest.approx(1.0)
    assert (together > 0).all()
    alone = [table.probabilities(contexts[i : i + 1])[0] for i in range(len(contexts))]
    assert np.array(alone) == pytest.approx(together)


def test_what_follows_often_is_likely() -> None:
    table = learned([(1, 1, 2)] * 1000 + [(1, 1, 3)])
    assert table.probabilities(np.array([[1, 1]]))[0, 2] > 0.99
