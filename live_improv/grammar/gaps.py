"""Gaps in classes: how the rhythm of two lines is compared, whoever wrote them.

Onsets are put on the places that every notation has, 0, 1/4, 1/3, 1/2, 2/3 and 3/4 of a beat
(`PLACES`): whoever writes fifths of a beat, or nothing but sixteenths, is compared on these. What
lies between two places goes to the nearer one, of two as near to 1/2. The time between two onsets
is one of `CLASSES`.

Conventions
    Onsets and gaps are in grid steps, 12 to the beat.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from live_improv.music.timing import GRID_PER_BEAT

Ints = NDArray[np.int64]

PLACES = (0, 3, 4, 6, 8, 9)
"""Steps of a beat."""

# Where each step of a beat goes; the last one to the next beat.
_SNAPPED = (0, 0, 3, 3, 4, 6, 6, 6, 8, 9, 9, 12)
_SNAPPED_ARRAY = np.array(_SNAPPED)

CLASSES = (3, 4, 6, 8, 9, 12, 18, 24, 36, 48)
"""Times to the next onset, in steps; another one belongs to the nearest by ratio."""

_EDGES = tuple(sqrt(a * b) for a, b in pairwise(CLASSES))


def snapped(onsets: Ints) -> Ints:
    """Onsets on the places that are compared."""
    within = onsets % GRID_PER_BEAT
    moved: Ints = onsets - within + _SNAPPED_ARRAY[within]
    return moved


def gap_classes(onsets: Ints) -> Ints:
    """The classes of the gaps between snapped onsets, `(notes - 1,)`."""
    return np.digitize(np.diff(snapped(onsets)), _EDGES)


def snapped_step(step: int) -> int:
    """One onset as `snapped` has it."""
    within = step % GRID_PER_BEAT
    return step - within + _SNAPPED[within]


def gap_class(steps: int) -> int:
    """The class of one gap between snapped onsets."""
    return bisect_right(_EDGES, steps)
