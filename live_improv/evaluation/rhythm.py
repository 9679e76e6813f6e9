"""How the rhythm of a set of lines differs from that of others.

Conventions
    Rhythm is the joint distribution of the place in the beat and the class of the time to the next
    onset, with onsets on the places that every notation has (`grammar/gaps.py`).

    `divergence`: the Jensen-Shannon divergence in bits, 0 to 1, between 3,000 notes drawn from the
    set and all notes of the reference; the mean of ten draws. Fewer notes than 3,000 are all
    taken. Sets are compared at the same number of notes because a small sample is never like the
    whole: 3,000 notes drawn from the reference itself are some 0.003 bits from it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from live_improv.evaluation.lines import Floats, Line
from live_improv.evaluation.measures import Measure
from live_improv.grammar.gaps import CLASSES, PLACES, gap_classes, snapped
from live_improv.music.timing import GRID_PER_BEAT

NOTES, DRAWS = 3_000, 10


def rhythms(line: Line) -> Floats:
    """How many notes of each place and gap, `(places * classes,)`; the last has no gap."""
    onsets = line.onsets()
    places = np.searchsorted(PLACES, snapped(onsets)[:-1] % GRID_PER_BEAT)
    cells = places * len(CLASSES) + gap_classes(onsets)
    return np.bincount(cells, minlength=len(PLACES) * len(CLASSES)).astype(np.float64)


def divergence(counts: Floats, others: Floats) -> float:
    """The Jensen-Shannon divergence of two distributions given by counts, in bits."""
    p, q = counts / counts.sum(), others / others.sum()
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(p > 0, p * np.log2(p / middle), 0) + np.where(
            q > 0, q * np.log2(q / middle), 0
        )
    return float(bits.sum() / 2)


def sampled_divergence(counts: Floats, others: Floats, seed: int = 0) -> float:
    """The mean divergence of `DRAWS` draws of `NOTES` notes without replacement."""
    whole = counts.astype(np.int64)
    if whole.sum() <= NOTES:
        return divergence(counts, others) if whole.sum() else float("nan")
    chance = np.random.default_rng(seed)
    drawn = chance.multivariate_hypergeometric(whole, NOTES, DRAWS)
    return float(np.mean([divergence(each, others) for each in drawn.astype(np.float64)]))


def rhythm_against(reference: Iterable[Line]) -> Measure:
    """The measure of rhythm, against these lines."""
    others = np.sum([rhythms(line) for line in reference], 0)

    def figures(counts: Floats) -> tuple[float, ...]:
        return (sampled_divergence(counts, others),)

    return Measure(("rhythm_divergence",), rhythms, figures)
