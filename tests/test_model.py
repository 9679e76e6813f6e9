"""The NumPy net against the same arithmetic written out, and its state as a value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from live_improv.model import (
    PitchLogits,
    Sizes,
    State,
    Weights,
    initial_state,
    joined,
    sounding_logits,
    step,
    time_logits,
)
from tests.small_nets import random_weights, zero_weights

SIZES = Sizes(
    rows=9,
    choice_rows=7,
    groups=1,
    units=5,
    pitch_units=4,
    time_units=3,
    intervals=11,
    registers=6,
    gap_bins=8,
    places=10,
    sounding=5,
    pitch_recalls=2,
    gap_recalls=1,
)
WEIGHTS = random_weights(1, 0.8, SIZES, recalls=True)


def sigmoid(x: float) -> float:
    """The logistic function."""
    return 1.0 / (1.0 + math.exp(-x))


class Reference:
    """A net of one group in plain loops over Python's numbers, equation by equation."""

    def __init__(self, weights: Weights) -> None:
        self.sizes = weights.sizes
        self.w = {name: array.astype(float).tolist() for name, array in weights.arrays.items()}
        for name in ("recurrent", "heads"):
            (self.w[name],) = self.w[name]
        self.h = [0.0] * self.sizes.units
        self.c = [0.0] * self.sizes.units

    def dense(self, x: Sequence[float], name: str, column: int) -> float:
        """Row vector times one column of a matrix."""
        return math.fsum(value * row[column] for value, row in zip(x, self.w[name], strict=True))

    def step(self, rows: Sequence[int]) -> tuple[list[float], list[float]]:
        """All experts, and the input of the time layer; the state moves on."""
        n, pitch, time = self.sizes.units, self.sizes.pitch_units, self.sizes.time_units
        seen = [
            self.w["bias"][j] + sum(self.w["input"][row][j] for row in rows)
            for j in range(4 * n + pitch + time)
        ]
        gates = [seen[j] + self.dense(self.h, "recurrent", j) for j in range(4 * n)]
        for j in range(n):
            i, f = sigmoid(gates[j]), sigmoid(gates[n + j])
            candidate, o = math.tanh(gates[2 * n + j]), sigmoid(gates[3 * n + j])
            self.c[j] = f * self.c[j] + i * candidate
            gates[3 * n + j] = o
        self.h = [gates[3 * n + j] * math.tanh(self.c[j]) for j in range(n)]
        heads = [seen[4 * n + j] + self.dense(self.h, "heads", j) for j in range(pitch + time)]
        relu = [max(value, 0.0) for value in heads[:pitch]]
        count = self.sizes.intervals + 36 + self.sizes.registers + self.sizes.pitch_recalls
        experts = [self.w["experts_bias"][j] + self.dense(relu, "experts", j) for j in range(count)]
        return experts, heads[pitch:]

    def time(
        self, context: Sequence[float], rows: Sequence[int]
    ) -> tuple[list[float], list[float]]:
        """The gap and place logits, and the hidden layer behind them."""
        hidden = [
            max(context[j] + sum(self.w["choice"][row][j] for row in rows), 0.0)
            for j in range(self.sizes.time_units)
        ]
        count = self.sizes.gap_bins + self.sizes.places + self.sizes.gap_recalls
        return [
            self.w["time_bias"][j] + self.dense(hidden, "time", j) for j in range(count)
        ], hidden

    def sounding(self, hidden: Sequence[float], gap_bin: int) -> list[float]:
        """How much of the gap sounds."""
        return [
            self.w["sounding_bias"][j]
            + self.w["sounding_gap"][gap_bin][j]
            + self.dense(hidden, "sounding", j)
            for j in range(self.sizes.sounding)
        ]


def moments(count: int, seed: int = 0) -> list[list[int]]:
    """Rows for so many steps."""
    chance = Random(seed)
    return [chance.sample(range(SIZES.rows), chance.randint(1, 6)) for _ in range(count)]


def experts_of(logits: PitchLogits) -> np.ndarray:
    """The experts one after the other, as in the weights."""
    parts = (
        logits.interval,
        logits.degree,
        logits.next_degree,
        logits.register,
        logits.approach,
        logits.recall,
    )
    return np.concatenate(parts)


def test_a_step_is_the_arithmetic_of_an_lstm() -> None:
    reference, state = Reference(WEIGHTS), initial_state(WEIGHTS)
    chance = Random(7)
    for rows in moments(200):
        logits, state = step(WEIGHTS, state, rows)
        experts, context = reference.step(rows)
        assert np.abs(experts_of(logits) - experts).max() < 1e-5
        assert np.abs(state.hidden - reference.h).max() < 1e-5
        assert np.abs(state.cell - reference.c).max() < 1e-5

        choice = chance.sample(range(SIZES.choice_rows), 3)
        found = time_logits(WEIGHTS, logits, choice)
        times, hidden = reference.time(context, choice)
        assert np.abs(np.concatenate([found.gap, found.place, found.recall]) - times).max() < 1e-5

        gap_bin = chance.randrange(SIZES.gap_bins)
        sounds = sounding_logits(WEIGHTS, found, gap_bin)
        assert np.abs(sounds - reference.sounding(hidden, gap_bin)).max() < 1e-5


def test_shapes() -> None:
    logits, state = step(WEIGHTS, initial_state(WEIGHTS), [0, 3])
    assert [array.shape for array in logits] == [(11,), (12,), (12,), (6,), (12,), (2,), (3,)]
    assert [array.shape for array in state] == [(1, 5), (1, 5)]
    time = time_logits(WEIGHTS, logits, [1])
    assert [array.shape for array in time] == [(8,), (10,), (1,), (3,)]
    sounds = sounding_logits(WEIGHTS, time, 0)
    assert sounds.shape == (5,)
    arrays = (*logits, *state, *time, sounds)
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_the_state_before_anything_is_zero() -> None:
    state = initial_state(WEIGHTS)
    assert not state.hidden.any()
    assert not state.cell.any()


def test_a_step_changes_nothing() -> None:
    weights = random_weights(2, 0.8, SIZES)
    state = State(*np.full((2, 1, SIZES.units), 0.25, np.float32))
    # Writing to any of these would raise an error.
    for array in (*weights.arrays.values(), *state):
        array.flags.writeable = False
    rows = [4, 1, 2]
    logits, _ = step(weights, state, rows)
    for array in logits:
        array.flags.writeable = False
    time = time_logits(weights, logits, [0, 2])
    for array in time:
        array.flags.writeable = False
    sounding_logits(weights, time, 3)
    assert rows == [4, 1, 2]


def test_results_are_not_shared_between_steps() -> None:
    first, state = step(WEIGHTS, initial_state(WEIGHTS), [1])
    kept = [array.copy() for array in (*first, *state)]
    for array in (*step(WEIGHTS, state, [2])[0], *step(WEIGHTS, state, [3])[1]):
        array += 1.0
    assert all(np.array_equal(a, b) for a, b in zip((*first, *state), kept, strict=True))


def test_the_state_can_be_kept_and_played_from_again() -> None:
    steps = moments(60)
    state = initial_state(WEIGHTS)
    course = []
    for rows in steps:
        logits, after = step(WEIGHTS, state, rows)
        course.append((state, logits, after))
        state = after
    # Another future from the middle, and then the first one again.
    branch = course[30][0]
    for rows in moments(20, seed=5):
        _, branch = step(WEIGHTS, branch, rows)
    for rows, (before, logits, after) in zip(steps, course, strict=True):
        again, state = step(WEIGHTS, before, rows)
        pairs = zip((*again, *state), (*logits, *after), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs)


def test_the_state_matters_and_so_do_the_rows() -> None:
    far = initial_state(WEIGHTS)
    for rows in moments(5):
        _, far = step(WEIGHTS, far, rows)
    here, _ = step(WEIGHTS, initial_state(WEIGHTS), [1])
    there, _ = step(WEIGHTS, far, [1])
    other, _ = step(WEIGHTS, far, [2])
    assert np.abs(experts_of(here) - experts_of(there)).max() > 0.01
    assert np.abs(experts_of(there) - experts_of(other)).max() > 0.01


@pytest.mark.filterwarnings("error")
def test_large_numbers_do_not_overflow() -> None:
    weights = random_weights(3, 200.0, SIZES)
    state = initial_state(weights)
    for rows in moments(50):
        logits, state = step(weights, state, rows)
        assert all(np.isfinite(array).all() for array in (*logits, *state))
        assert np.abs(state.hidden).max() <= 1.0


def test_a_net_that_knows_nothing_says_nothing() -> None:
    weights = zero_weights()
    logits, state = step(weights, initial_state(weights), [0, 100, 400])
    time = time_logits(weights, logits, [5, 80])
    everything = (*logits, *state, *time, sounding_logits(weights, time, 3))
    assert not any(array.any() for array in everything)


def test_joined_nets_say_the_mean_of_what_each_says() -> None:
    nets = [random_weights(seed, 0.8, SIZES, recalls=True) for seed in range(3)]
    both = joined([joined(nets[:2]), joined(nets[1:])])
    assert both.sizes.groups == 4
    assert {name: a.shape for name, a in both.arrays.items()} == both.sizes.shapes()
    each = [nets[0], nets[1], nets[1], nets[2]]
    states = [initial_state(net) for net in each]
    state = initial_state(both)
    chance = Random(3)
    for rows in moments(50):
        logits, state = step(both, state, rows)
        apart = []
        for i, net in enumerate(each):
            said, states[i] = step(net, states[i], rows)
            apart.append(said)
            assert np.abs(state.hidden[i] - states[i].hidden).max() < 1e-6
        mean = np.mean([experts_of(said) for said in apart], axis=0)
        assert np.abs(experts_of(logits) - mean).max() < 1e-5

        choice, gap_bin = chance.sample(range(SIZES.choice_rows), 3), chance.randrange(8)
        time = time_logits(both, logits, choice)
        times = [time_logits(net, said, choice) for net, said in zip(each, apart, strict=True)]
        for name in ("gap", "place", "recall"):
            mean = np.mean([getattr(one, name) for one in times], axis=0)
            assert np.abs(getattr(time, name) - mean).max() < 1e-5
        sounds = [sounding_logits(net, one, gap_bin) for net, one in zip(each, times, strict=True)]
        assert np.abs(sounding_logits(both, time, gap_bin) - np.mean(sounds, axis=0)).max() < 1e-5
