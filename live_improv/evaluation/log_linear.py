"""Weights of a product of experts: the logit of an outcome is a weighted sum of what each says.

The likelihood of the weights has one maximum, which Newton's method finds in a few rounds: its
slope is what the experts say of the answers beyond what they say of all outcomes in the mean, its
curvature their covariance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live_improv.evaluation.witten_bell import Floats, Ints

Scores = NDArray[np.float32]

_ROUNDS = 20
_SMALLEST_GAIN = 1e-5  # nats an answer


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions, with what each expert says of each outcome.

    Attributes:
        scores: `(experts, questions, outcomes)`, finite.
        answers: the outcome that came, `(questions,)`.
    """

    scores: Scores
    answers: Ints


def fit_weights(asked: Sequence[Asked], start: Floats, hold: float = 1.0) -> Floats:
    """The likeliest weights of the experts, `(experts,)`.

    Args:
        asked: all questions, in portions.
        start: where to begin, `(experts,)`, which is also what the weights are held to.
        hold: how firmly, in questions of usual uncertainty.
    """
    weights: Floats = start.astype(np.float64)
    loss, slope, curve = _measure(asked, weights)
    count = sum(len(each.answers) for each in asked)
    for _ in range(_ROUNDS):
        firm = curve + hold * np.eye(len(weights))
        change = np.linalg.solve(firm, slope - hold * (weights - start))
        for halving in range(8):
            tried = weights + change / 2**halving
            found = _measure(asked, tried)
            pull = hold / 2 * float(((tried - start) ** 2).sum() - ((weights - start) ** 2).sum())
            if found[0] + pull < loss:
                break
        else:
            return weights
        gained = loss - found[0]
        weights, (loss, slope, curve) = tried, found
        if gained < _SMALLEST_GAIN * count:
            return weights
    return weights


def mixed(scores: Scores, weights: Floats) -> Floats:
    """The logits of the outcomes, `(questions, outcomes)`, for scores as those of `Asked`."""
    found: Floats = np.tensordot(weights.astype(scores.dtype), scores, 1).astype(np.float64)
    return found


def _measure(asked: Sequence[Asked], weights: Floats) -> tuple[float, Floats, Floats]:
    """What the answers cost in nats, and how that falls and curves with the weights."""
    loss = 0.0
    slope, curve = np.zeros(len(weights)), np.zeros((len(weights), len(weights)))
    for each in asked:
        logits = mixed(each.scores, weights)
        logits -= logits.max(1, keepdims=True)
        odds = np.exp(logits)
        odds /= odds.sum(1, keepdims=True)
        rows = np.arange(len(each.answers))
        loss -= float(np.log(odds[rows, each.answers]).sum())
        weighted = each.scores * odds.astype(np.float32)
        means = weighted.sum(2, dtype=np.float64)
        slope += (each.scores[:, rows, each.answers] - means).sum(1)
        flat = each.scores.reshape(len(weights), -1)
        curve += weighted.reshape(len(weights), -1) @ flat.T - means @ means.T
    return loss, slope, curve
