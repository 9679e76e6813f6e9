"""Quantising: which place of the grid a note that was played a little early or late is meant for.

A player lays back, swings and is human; the nearest place of the grid is the notated one for only
35 % of the notes of the Weimar Jazz Database. What is taken here is the likeliest place, note by
note: how far off a place is, against how usual it is after the note before in the same beat. That
finds 74 % of the notated places on solos that the tables were not made from, swung eighths written
even, and 88 % to a step.

Conventions
    Steps are grid steps, 12 to the beat. A swung off-beat is written even, at step 6.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor

from live_improv.music.timing import GRID_PER_BEAT

LAG = 0.36
"""Steps that players are behind the beat, in the mean (0.03 beat)."""

SPREAD, SWUNG_SPREAD = 0.8, 1.3
"""Steps that played onsets spread about their place, and those of swung off-beats."""

EXACT = 0.1
"""Within this of a place an onset is on it; by chance a human's is in a fifth of all cases."""

EXACT_ROW = 4
"""After so many exact onsets in a row it is a machine that plays, which means what it plays."""

_REACH = 4  # steps looked at on both sides
_NATS = 0.1  # the unit of the table

# How unusual each place is after a place in the same beat (row), in tenths of -log of its share
# among the notes of the database's training solos; the last row is that of a beat's first note.
_UNUSUAL = (
    (80, 53, 31, 19, 22, 52, 4, 76, 56, 76, 59, 75),
    (80, 66, 6, 16, 21, 28, 35, 46, 40, 66, 46, 44),
    (80, 80, 80, 19, 9, 17, 21, 42, 31, 52, 26, 50),
    (80, 80, 80, 80, 42, 30, 6, 59, 57, 9, 72, 59),
    (80, 80, 80, 80, 80, 32, 17, 56, 3, 73, 36, 73),
    (80, 80, 80, 80, 80, 80, 12, 6, 25, 33, 37, 44),
    (80, 80, 80, 80, 80, 80, 80, 38, 17, 3, 29, 50),
    (80, 80, 80, 80, 80, 80, 80, 80, 14, 19, 5, 40),
    (80, 80, 80, 80, 80, 80, 80, 80, 80, 16, 3, 27),
    (80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 11, 4),
    (80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 0),
    (80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80),
    (4, 62, 37, 26, 34, 57, 17, 72, 54, 70, 57, 71),
)
_FIRST = 12
_OFF_BEAT = GRID_PER_BEAT // 2


def swing_steps(ratio: float) -> float:
    """How many steps late a swung off-beat comes, for a ratio of the first eighth to the second."""
    return GRID_PER_BEAT * ratio / (1 + ratio) - _OFF_BEAT


def is_exact(played: float) -> bool:
    """Whether an onset, in steps, is on a place of the grid."""
    return abs(played - round(played)) <= EXACT


def place(played: float, last: int | None, swing: float) -> int:
    """The step that a note of a human is meant for.

    Args:
        played: its onset in steps, exact.
        last: the step of the note before; this one is meant for a later one.
        swing: see `swing_steps`.
    """
    heard = played - LAG
    lowest = floor(heard) - _REACH
    if last is not None:
        lowest = max(lowest, last + 1)
    return min(range(lowest, max(floor(heard) + _REACH, lowest) + 1), key=_cost(heard, last, swing))


def _cost(heard: float, last: int | None, swing: float) -> Callable[[int], float]:
    """How unlikely each step is, in nats."""
    before = -1 if last is None else last // GRID_PER_BEAT

    def cost(step: int) -> float:
        beat, within = divmod(step, GRID_PER_BEAT)
        row = last % GRID_PER_BEAT if last is not None and beat == before else _FIRST
        swung = within == _OFF_BEAT and row in (0, _FIRST)
        off = heard - step - (swing if swung else 0.0)
        spread = SWUNG_SPREAD if swung else SPREAD
        # The narrower of two normal distributions is the higher one: 0.49 is log(1.3 / 0.8).
        narrow = 0.49 if swung else 0.0
        return 0.5 * (off / spread) ** 2 + narrow + _NATS * _UNUSUAL[row][within]

    return cost
