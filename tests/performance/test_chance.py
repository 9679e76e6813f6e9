"""Chance as a value: streams that are told apart, and draws by the right odds."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.music.timing import Ticks
from live_improv.performance.chance import pick, stream


def draws(seed: int, part: str, tick: int) -> list[float]:
    """The first draws of a stream."""
    chance = stream(seed, part, Ticks(tick))
    return [chance.random() for _ in range(4)]


def test_a_stream_is_the_same_every_time() -> None:
    assert draws(7, "line", 480) == draws(7, "line", 480)
    # Golden: a seed is a promise.
    assert draws(7, "line", 480)[0] == pytest.approx(Random("7/line/480").random())


def test_near_keys_have_nothing_in_common() -> None:
    keys = [(seed, part, tick) for seed in (0, 1, 11) for part in ("a", "b") for tick in (0, 1, 11)]
    firsts = [draws(*key)[0] for key in keys]
    assert len(set(firsts)) == len(keys)
    # Evenly spread: no two of 200 neighbours in a row agree on much.
    row = [draws(0, "line", tick)[0] for tick in range(200)]
    assert abs(np.corrcoef(row[:-1], row[1:])[0, 1]) < 0.2
    assert 0.4 < sum(row) / len(row) < 0.6


class Fixed(Random):
    """A chance whose every draw is told."""

    def __init__(self, draw: float) -> None:
        super().__init__(0)
        self.draw = draw

    def random(self) -> float:
        """The draw."""
        return self.draw


def test_draws_are_divided_by_the_odds() -> None:
    # Odds of 1 : 2 : 0 : 1.
    logits = np.log(np.array([1.0, 2.0, 1.0, 1.0], np.float32)) + np.float32(5.0)
    logits[2] = -np.inf
    picked = [pick(logits, Fixed(i / 1000)) for i in range(1000)]
    assert picked == sorted(picked)
    assert [picked.count(i) for i in range(4)] == pytest.approx([250, 500, 0, 250], abs=1)


@given(
    st.lists(st.none() | st.floats(-50, 50, width=32), min_size=1, max_size=130),
    st.floats(0, 1, exclude_max=True) | st.sampled_from([0.0, 1 - 2**-53, 1 - 2**-24]),
    st.integers(0, 129),
)
def test_what_is_impossible_is_never_drawn(
    logits: list[float | None], draw: float, sure: int
) -> None:
    array = np.array([-np.inf if each is None else each for each in logits], np.float32)
    array[sure % len(array)] = 0.0
    before = array.copy()
    index = pick(array, Fixed(draw))
    assert 0 <= index < len(array)
    assert np.isfinite(array[index])
    assert np.array_equal(array, before)


def test_huge_logits_do_not_overflow() -> None:
    logits = np.array([-1e37, 1e37, 0.0], np.float32)
    with np.errstate(all="raise", under="ignore"):
        assert {pick(logits, Fixed(i / 10)) for i in range(10)} == {1}
