"""How a line is parted into phrases, how dense it is, and whether it drifts.

Conventions
    A phrase ends where a beat or more is silent. `phrase_notes` is the median number of notes in
    a phrase, `rest_beats` the median of those silences in beats, `notes_a_bar` counts all bars of
    the line, silent ones too.
    Drift is what 128 bars played without a break do to the density: bars 97 to 128 over bars 1
    to 32, minus 1, of all runs together.
"""

from __future__ import annotations

import numpy as np

from live_improv.evaluation.lines import BAR_STEPS, Floats, Line
from live_improv.evaluation.measures import Measure, median, ratio
from live_improv.music.timing import GRID_PER_BEAT

BREAK = GRID_PER_BEAT
"""Steps of silence that part two phrases."""

MOST_NOTES, MOST_REST = 256, 16 * GRID_PER_BEAT
"""What is longer counts as this long; a median never is."""

RUN_BARS, PART_BARS = 128, 32
"""How long a run is for its drift, and its first and last part."""

NAMES = ("phrase_notes", "rest_beats", "notes_a_bar")


def phrase_lengths(line: Line) -> Floats:
    """Notes in each phrase, in order."""
    breaks = np.flatnonzero(line.rests() >= BREAK) + 1
    return np.diff([0, *breaks, len(line.notes)]).astype(np.float64)


def _count(line: Line) -> Floats:
    rests = line.rests()
    silences = np.minimum(rests[rests >= BREAK], MOST_REST)
    lengths = np.minimum(phrase_lengths(line), MOST_NOTES).astype(np.int64)
    return np.concatenate(
        [
            np.bincount(lengths, minlength=MOST_NOTES + 1),
            np.bincount(silences, minlength=MOST_REST + 1),
            [len(line.notes), line.bars],
        ]
    ).astype(np.float64)


def _figures(counts: Floats) -> tuple[float, ...]:
    lengths, rests, (notes, bars) = np.split(counts, [MOST_NOTES + 1, MOST_NOTES + MOST_REST + 2])
    return median(lengths), median(rests) / GRID_PER_BEAT, ratio(notes, bars)


PHRASING = Measure(NAMES, _count, _figures)


def _count_drift(run: Line) -> Floats:
    """Notes in the first and in the last part of a run; none in one that is not long enough."""
    bars = run.onsets() // BAR_STEPS
    if run.bars < RUN_BARS:
        return np.zeros(2)
    early, late = bars < PART_BARS, (bars >= RUN_BARS - PART_BARS) & (bars < RUN_BARS)
    return np.array([early.sum(), late.sum()], np.float64)


def _drift(counts: Floats) -> tuple[float, ...]:
    return (ratio(counts[1], counts[0]) - 1,)


DRIFT = Measure(("drift",), _count_drift, _drift)
"""Of long runs; shorter ones are left out."""
