"""Measures: what is counted in a line, and what the counts of many lines say.

Whatever a measure says of a set of lines follows from the sum of what it counts in each. So lines
are counted once, and what chance would make of the figures is known by summing the counts of
lines drawn by chance (`spread`), a bootstrap by solo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from live_improv.evaluation.lines import Floats, Line


@dataclass(frozen=True, slots=True)
class Measure:
    """One family of figures.

    Attributes:
        names: of its figures.
        count: of one line, an array whose length is the same for all.
        figures: what a sum of counts says, one number for each name; NaN where it says nothing.
    """

    names: tuple[str, ...]
    count: Callable[[Line], Floats]
    figures: Callable[[Floats], tuple[float, ...]]

    def counts(self, lines: Iterable[Line]) -> Floats:
        """What it counts in each line, `(lines, numbers)`."""
        return np.array([self.count(line) for line in lines])


def spread(measure: Measure, counts: Floats, draws: int, seed: int) -> Floats:
    """The figures of as many lines drawn with replacement, `(draws, names)`."""
    chance = np.random.default_rng(seed)
    drawn = chance.integers(0, len(counts), (draws, len(counts)))
    return np.array([measure.figures(counts[each].sum(0)) for each in drawn])


def ratio(part: float, whole: float) -> float:
    """`part / whole`, NaN for a part of nothing."""
    return float(part / whole) if whole else float("nan")


def median(histogram: Floats) -> float:
    """The middle one of as many whole numbers from 0 as the histogram has of each."""
    total = histogram.sum()
    return float(np.searchsorted(histogram.cumsum(), total / 2)) if total else float("nan")
