"""How people play a written line: what was learned of it, in numbers that can be read.

Four things are described, each by one linear figure of plain facts about a note (`live_improv.
performance.feel.facts`): how late notes come, how late the second of two swung eighths comes on
top of the tempo's own, how much of the time to the next note sounds, and how loud they are. A
figure adds to what is usual its weights times how far the facts are from their usual values; a
fact that is not known counts as usual. What no fact explains is drawn from the spread that people
have about the figure, part of which drifts.

The numbers are those that `python -m live_improv feel` learns and prints, by least squares on the
`train` solos of the Weimar Jazz Database.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

LEVELS = (0.0, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 1.0)
"""The shares of the notes that lie below the numbers of a spread; the first and last are ends."""


Ratios = tuple[tuple[float, float], ...]
"""Tempos, rising, and the swing ratio at each."""


def interpolated(ratios: Ratios, bpm: float) -> float:
    """The swing ratio at a tempo; slower than the first tempo and faster than the last, theirs."""
    for (slower, high), (faster, low) in pairwise(ratios):
        if bpm < faster:
            return high + (low - high) * max(bpm - slower, 0.0) / (faster - slower)
    return ratios[-1][1]


@dataclass(frozen=True, slots=True)
class Weight:
    """What one fact adds.

    Attributes:
        by: so much for each unit of the fact.
        usual: the mean of the fact.
    """

    by: float
    usual: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that depends on facts.

    Attributes:
        name: in the draws.
        usual: the mean.
        weights: by the name of the fact.
        spread: what is left over, at `LEVELS`.
        near, far: the shares of its variance that drift from beat to beat, and over some bars; the
            rest is of each note alone.
    """

    name: str
    usual: float
    weights: Mapping[str, Weight]
    spread: tuple[float, ...] = ()
    near: float = 0.0
    far: float = 0.0

    def expected(self, facts: Mapping[str, float]) -> float:
        """What it is in the mean where these facts hold."""
        return self.usual + sum(
            weight.by * (facts[name] - weight.usual)
            for name, weight in self.weights.items()
            if name in facts
        )

    def left_over(self, share: float) -> float:
        """The number of the spread that `share` of the notes, 0..1, lie below."""
        at = min(bisect_right(LEVELS, share), len(LEVELS) - 1)
        below, above = LEVELS[at - 1], LEVELS[at]
        part = (share - below) / (above - below)
        return self.spread[at - 1] + part * (self.spread[at] - self.spread[at - 1])


SWING_RATIOS = (
    (60, 1.421),
    (100, 1.421),
    (140, 1.321),
    (180, 1.321),
    (220, 1.257),
    (260, 1.184),
    (300, 1.134),
    (340, 1.076),
)
"""By tempo, in quarters a minute: medians of people, pooled where they would rise."""

DRIFT, JITTER = 0.0367, 0.0426
"""How wide onsets spread, in beats: from bar to bar, and from note to note."""

SWING = Figure(
    "SWING",
    0.00392,
    {
        "second": Weight(0.0139, 0.089),
        "leapt": Weight(0.00449, 2.59),
        "repeats": Weight(0.00929, 0.0309),
        "peak": Weight(-0.0225, 0.159),
        "dip": Weight(0.0415, 0.23),
    },
    (-0.189, -0.153, -0.118, -0.0905, -0.0479, -0.00171, 0.047, 0.0954, 0.126, 0.162, 0.197),
    0.09,
    0.02,
)
"""Where in the beat a swung off-beat comes, beside where the ratio puts it; beats."""

LAG = Figure(
    "LAG",
    7.69,
    {
        "slow": Weight(5.35, 1.26),
        "slow_triplet": Weight(-1.22, 0.153),
        "slow_sixteenth": Weight(-4.42, 0.414),
        "slow_finer": Weight(-10.4, 0.435),
        "slow_beat": Weight(12.0, 0.4),
    },
)
"""How late notes come; milliseconds."""

ARTICULATION = Figure(
    "ARTICULATION",
    0.837,
    {
        "wait": Weight(-0.00633, -0.115),
        "beat": Weight(0.0103, 0.308),
        "starts": Weight(0.00223, 0.082),
        "leaps": Weight(-0.0134, 2.55),
        "repeated": Weight(-0.126, 0.0408),
        "peak": Weight(0.0157, 0.205),
        "dip": Weight(-0.00959, 0.193),
    },
    (-0.438, -0.348, -0.257, -0.179, -0.0664, 0.0255, 0.0946, 0.142, 0.16, 0.183, 0.206),
    0.05,
    0.04,
)
"""Of the time to the next note the share that sounds."""

LOUDNESS = Figure(
    "LOUDNESS",
    82.1,
    {
        "height": Weight(0.501, -0.235),
        "starts": Weight(1.28, 0.085),
        "ends": Weight(-4.82, 0.0848),
        "along": Weight(-1.15, 1.1),
        "bar": Weight(1.07, 0.0869),
        "half_bar": Weight(1.72, 0.0828),
        "leaps": Weight(-0.612, 2.54),
        "repeated": Weight(-1.31, 0.0406),
        "peak": Weight(1.68, 0.205),
        "dip": Weight(-5.39, 0.192),
    },
    (-44.5, -34.7, -24.9, -17.8, -7.59, 1.54, 9.13, 15.6, 19.6, 24.2, 28.9),
    0.15,
    0.09,
)
"""MIDI velocity."""
