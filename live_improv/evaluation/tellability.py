"""Whether two sets of lines can be told apart: a classifier two-sample test.

A logistic regression learns from four fifths of the windows of 16 bars which set each is from, and
is asked about the rest (Lopez-Paz and Oquab, ICLR 2017). Its figure is the area under the ROC
curve: how often a window of the first set is thought likelier to be of it than one of the second.
0.5 means that they cannot be told apart; 1 that they always can.

Conventions
    `by_solo`: lines that are kin (the same tune, the same solo behind them) are in the same fold,
    so nothing is told by knowing the tune. `by_window`: windows go to the folds one by one, as in
    most papers; it is higher, as solos are recognised.
    At most 200 windows of each set are used at a time. Folds and windows are drawn several times;
    the figure is the mean over all folds that hold windows of both sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live_improv.evaluation.features import NAMES, SIZE, features_of
from live_improv.evaluation.lines import Floats, Ints, Line

FOLDS, MOST_WINDOWS, DRAWS = 5, 200, 8

PENALTY = 10.0
"""Half of it times the squared weights is added to the loss of all windows. Features are brought to
the same spread first."""

_STEPS = 12
_CLOSE_ENOUGH = 1e-6


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of a set of lines: features `(windows, SIZE)`, and whose kin each is."""

    features: Floats
    kin: NDArray[np.str_]

    def some(self, chosen: Ints | NDArray[np.bool_]) -> Windows:
        """Those at these places."""
        return Windows(self.features[chosen], self.kin[chosen])


@dataclass(frozen=True, slots=True)
class Sign:
    """What gives one set away.

    Attributes:
        name: of the feature.
        share: how much of the distance between the sets is the feature's: its weight in a
            regression on all windows, times the difference of the means in standard deviations,
            as a share of the sum of all features. One that works against the others is below 0.
        here, there: its mean in the first set, and in the second.
    """

    name: str
    share: float
    here: float
    there: float


@dataclass(frozen=True, slots=True)
class Told:
    """How well two sets can be told apart, 0.5 to 1 (and by chance somewhat below)."""

    by_solo: float
    by_window: float


def windows_of(lines: Iterable[Line]) -> Windows:
    """The windows of all lines."""
    found = []
    for line in lines:
        rows = features_of(line)
        found.append(Windows(rows, np.repeat(line.kin or line.name, len(rows))))
    return together(found)


def together(parts: Sequence[Windows]) -> Windows:
    """The windows of all parts."""
    return Windows(
        np.concatenate([np.empty((0, SIZE)), *(part.features for part in parts)]),
        np.concatenate([np.empty(0, str), *(part.kin for part in parts)]),
    )


def tell_apart(ones: Windows, others: Windows, seed: int = 0, draws: int = DRAWS) -> Told:
    """How well they can be told apart; NaN where a side has not enough windows for the folds."""
    chance = np.random.default_rng(seed)
    by_solo: list[float] = []
    by_window: list[float] = []
    for _ in range(draws):
        here, there = (_at_most(each, chance) for each in (ones, others))
        rows = np.concatenate([here.features, there.features])
        sides = np.repeat([1.0, 0.0], [len(here.features), len(there.features)])
        kin = np.unique(np.concatenate([here.kin, there.kin]), return_inverse=True)[1]
        solos = _folds(int(kin.max(initial=-1)) + 1, chance)[kin]
        by_solo += _areas(rows, sides, solos)
        by_window += _areas(rows, sides, _folds(len(rows), chance))
    nothing = float("nan")
    return Told(
        float(np.mean(by_solo)) if by_solo else nothing,
        float(np.mean(by_window)) if by_window else nothing,
    )


def signs(ones: Windows, others: Windows, count: int) -> tuple[Sign, ...]:
    """What gives the first set away, most telling first; nothing where a side is empty."""
    if not len(ones.features) or not len(others.features):
        return ()
    rows = np.concatenate([ones.features, others.features])
    sides = np.repeat([1.0, 0.0], [len(ones.features), len(others.features)])
    even = _even(rows, rows)
    apart = even[sides == 1].mean(0) - even[sides == 0].mean(0)
    shares = regression(even, sides)[:-1] * apart
    shares /= shares.sum() or 1.0
    here, there = ones.features.mean(0), others.features.mean(0)
    return tuple(
        Sign(NAMES[i], float(shares[i]), float(here[i]), float(there[i]))
        for i in np.argsort(-shares)[:count]
    )


def area(scores: Floats, sides: Floats) -> float:
    """The area under the ROC curve of scores of windows of side 1 and of side 0."""
    ones, others = scores[sides == 1], np.sort(scores[sides == 0])
    below = np.searchsorted(others, ones, "left") + np.searchsorted(others, ones, "right")
    return float(below.mean() / 2 / len(others))


def regression(rows: Floats, sides: Floats, penalty: float = PENALTY) -> Floats:
    """The weights of a logistic regression, `(features + 1,)`, the last of the constant.

    Newton's method on the penalized loss, which is convex; the constant is not penalized.
    """
    known = np.hstack([rows, np.ones((len(rows), 1))])
    ridge = np.full(known.shape[1], penalty)
    ridge[-1] = 1e-6
    weights = np.zeros(known.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-np.clip(known @ weights, -30, 30)))
        slope = known.T @ (likely - sides) + ridge * weights
        curve = (known * (likely * (1 - likely))[:, None]).T @ known + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < _CLOSE_ENOUGH:
            break
    return weights


def _even(rows: Floats, known: Floats) -> Floats:
    """The rows in standard deviations from the mean of those that are known."""
    spread = known.std(0)
    even: Floats = (rows - known.mean(0)) / np.where(spread > 0, spread, 1)
    return even


def _at_most(windows: Windows, chance: np.random.Generator) -> Windows:
    count = len(windows.features)
    if count <= MOST_WINDOWS:
        return windows
    return windows.some(chance.choice(count, MOST_WINDOWS, replace=False))


def _folds(count: int, chance: np.random.Generator) -> Ints:
    """A fold for each of `count`, as even as can be."""
    return chance.permutation(np.arange(count) % FOLDS)


def _areas(rows: Floats, sides: Floats, folds: Ints) -> list[float]:
    """The areas of the folds, each asked of a regression that has learned from the others."""
    found = []
    for fold in range(FOLDS):
        asked = folds == fold
        if any(len(np.unique(part)) < 2 for part in (sides[asked], sides[~asked])):
            continue
        even = _even(rows, rows[~asked])
        weights = regression(even[~asked], sides[~asked])
        found.append(area(even[asked] @ weights[:-1], sides[asked]))
    return found
