"""Figures that papers print, without a goal: they notice neither wrong chords nor reversed lines.

As in MusDr (Wu and Yang, ISMIR 2020): `h1` and `h4`, the entropy in bits of the pitch classes of
windows of one and of four bars, the mean of all windows that have notes; `groove`, how alike the
onsets of two bars are, 1 minus the share of 64 places in which only one of them has an onset, the
mean of all pairs of bars of a line and then of the lines.
"""

from __future__ import annotations

import numpy as np

from live_improv.evaluation.lines import BAR_STEPS, Floats, Line
from live_improv.evaluation.measures import Measure, ratio

PLACES = 64
NAMES = ("h1", "h4", "groove")


def _entropies(line: Line, bars: int) -> Floats:
    """The entropies of the windows that have notes."""
    windows = line.onsets() // (bars * BAR_STEPS)
    windows -= windows.min(initial=0)  # a pickup is before bar 1
    table = np.zeros((int(windows.max(initial=-1)) + 1, 12))
    np.add.at(table, (windows, line.pitches() % 12), 1)
    shares = table[table.sum(1) > 0]
    shares /= shares.sum(1, keepdims=True)
    bits: Floats = -(shares * np.log2(np.where(shares > 0, shares, 1))).sum(1)
    return bits


def _groove(line: Line) -> float:
    """How alike two bars of the line are, from 0 to 1."""
    onsets = line.onsets()
    places = (onsets % BAR_STEPS * PLACES + BAR_STEPS // 2) // BAR_STEPS
    bars = onsets // BAR_STEPS + places // PLACES
    bars -= bars.min(initial=0)
    table = np.zeros((max(int(bars.max(initial=0)) + 1, line.bars), PLACES))
    table[bars, places % PLACES] = 1
    count = len(table)
    if count < 2:
        return float("nan")
    # Two bars differ in a place where one of them has an onset and the other has none.
    with_onset = table.sum(0)
    differing = (with_onset * (count - with_onset)).sum()
    return float(1 - differing / (count * (count - 1) / 2) / PLACES)


def _count(line: Line) -> Floats:
    one, four, groove = _entropies(line, 1), _entropies(line, 4), _groove(line)
    known = not np.isnan(groove)
    return np.array(
        [one.sum(), len(one), four.sum(), len(four), groove if known else 0.0, known], np.float64
    )


def _figures(counts: Floats) -> tuple[float, ...]:
    return (
        ratio(counts[0], counts[1]),
        ratio(counts[2], counts[3]),
        ratio(counts[4], counts[5]),
    )


ENTROPY = Measure(NAMES, _count, _figures)
