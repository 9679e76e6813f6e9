"""How much of a line has been played before in it.

`recurrence`: the share of the groups of four intervals, in semitones, that came before in the same
100 notes. Windows of 100 notes follow each other; what is left at the end is not counted.
"""

from __future__ import annotations

import numpy as np

from live_improv.evaluation.lines import Floats, Line
from live_improv.evaluation.measures import Measure, ratio

WINDOW, GROUP = 100, 4


def _count(line: Line) -> Floats:
    intervals = np.diff(line.pitches())
    seen = total = 0
    for start in range(0, len(line.notes) - WINDOW + 1, WINDOW):
        inside = intervals[start : start + WINDOW - 1].tolist()
        groups = [tuple(inside[i : i + GROUP]) for i in range(len(inside) - GROUP + 1)]
        total += len(groups)
        seen += len(groups) - len(set(groups))
    return np.array([seen, total], np.float64)


def _figures(counts: Floats) -> tuple[float, ...]:
    return (ratio(counts[0], counts[1]),)


MOTIFS = Measure(("recurrence",), _count, _figures)
