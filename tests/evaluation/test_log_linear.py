"""Weights of experts."""

from __future__ import annotations

import numpy as np
import pytest

from live_improv.evaluation.log_linear import Asked, fit_weights, mixed


def drawn(weights: list[float], count: int) -> Asked:
    """Questions whose answers are drawn from a product of experts with these weights."""
    chance = np.random.default_rng(1)
    scores = np.log(chance.dirichlet(np.ones(6), (len(weights), count))).astype(np.float32)
    odds = np.exp(mixed(scores, np.array(weights)))
    odds /= odds.sum(1, keepdims=True)
    answers = (chance.random((count, 1)) < odds.cumsum(1)).argmax(1)
    return Asked(scores, answers)


def test_the_weights_that_answers_were_drawn_with_are_found() -> None:
    found = fit_weights([drawn([0.8, 0.0, 0.3], 20_000)], np.full(3, 1 / 3))
    assert found == pytest.approx([0.8, 0.0, 0.3], abs=0.03)


def test_it_does_not_matter_how_questions_are_portioned() -> None:
    whole = drawn([0.5, 0.7], 3_000)
    parts = [Asked(whole.scores[:, i::3], whole.answers[i::3]) for i in range(3)]
    start = np.full(2, 0.5)
    assert fit_weights(parts, start) == pytest.approx(fit_weights([whole], start), abs=1e-4)


def test_few_answers_do_not_move_what_is_held() -> None:
    few = drawn([0.0, 1.0], 5)
    free, held = (fit_weights([few], np.array([0.5, 0.5]), hold) for hold in (0.01, 1e4))
    assert np.abs(held - 0.5).max() < 0.01 < np.abs(free - 0.5).max()
