"""Confidence intervals of a mean and of a share, at 95 %."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt
from statistics import fmean, stdev

CONFIDENCE = 0.95
_TAIL = (1 - CONFIDENCE) / 2

# Student's t at 97.5 %, by degrees of freedom from 1 on.
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval it is known within; without one where too little is known.

    Attributes:
        count: how many observations it rests on.
    """

    value: float
    low: float | None
    high: float | None
    count: int


def student(freedom: int) -> float:
    """Student's t at 97.5 %; beyond the table by the first terms of its expansion."""
    if freedom <= len(_T):
        return _T[freedom - 1]
    return 1.95996 + 2.3722 / freedom + 2.8225 / freedom**2


def mean(values: Sequence[float]) -> Estimate | None:
    """The mean of independent values, and its t interval; None of none."""
    if not values:
        return None
    centre, count = fmean(values), len(values)
    if count == 1:
        return Estimate(centre, None, None, 1)
    half = student(count - 1) * stdev(values) / sqrt(count)
    return Estimate(centre, centre - half, centre + half, count)


def share(hits: int, count: int) -> Estimate | None:
    """A share and its exact interval (Clopper and Pearson 1934); None of nothing."""
    if not count:
        return None
    low = 0.0 if not hits else _where(lambda p: _at_least(hits, count, p) > _TAIL)
    high = 1.0 if hits == count else _where(lambda p: _at_least(hits + 1, count, p) > 1 - _TAIL)
    return Estimate(hits / count, low, high, count)


def _where(beyond: Callable[[float], bool]) -> float:
    """The probability from which on that holds."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return (low + high) / 2


def _at_least(hits: int, count: int, chance: float) -> float:
    """The probability of so many hits or more, with 0 < `chance` < 1."""
    ways = lgamma(count + 1)
    return sum(
        exp(
            ways
            - lgamma(each + 1)
            - lgamma(count - each + 1)
            + each * log(chance)
            + (count - each) * log(1 - chance)
        )
        for each in range(hits, count + 1)
    )
