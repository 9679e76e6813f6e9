"""How much of a line stands note for note in the solos that were learned from.

Conventions
    A run is a number of intervals in a row, in semitones, so it is found in any key; its notes
    are one more. With rhythm, each interval goes with the class of the time between its notes
    (`gaps.gap_classes`), so it is found at any tempo and in any place of the bar.

    `copied`, `copied_most`: the longest run with rhythm of each window of 16 bars, the mean and
    the longest of all. `copied_intervals`: the mean of the longest runs without rhythm.
    `coverage`: the share of the groups of 8 intervals that stand in what was learned from.
    Humans copy too, themselves and others: these are guarded, not to be brought down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from live_improv.evaluation.lines import Floats, Ints, Line
from live_improv.evaluation.measures import Measure, ratio
from live_improv.grammar.gaps import CLASSES, gap_classes
from live_improv.grammar.quoting import Quotes

LONGEST = 64
"""Runs that are longer count as this long: the rest of the solo is copied anyway."""

COVERED = 8
NAMES = ("copied", "copied_most", "copied_intervals", "coverage")


def intervals(line: Line) -> Ints:
    """The intervals of a line, `(notes - 1,)`."""
    return np.diff(line.pitches())


def intervals_in_time(line: Line) -> Ints:
    """The intervals and the gaps, one number for both, `(notes - 1,)`."""
    return intervals(line) * len(CLASSES) + gap_classes(line.onsets())


@dataclass(frozen=True, slots=True)
class Found:
    """The longest runs of a question that stand in a `Phrasebook`, one from each place.

    Attributes:
        lengths: in symbols, `(symbols,)`.
        first, last: from where to where in the book's order they stand, `(symbols,)`.
    """

    lengths: Ints
    first: Ints
    last: Ints


class Phrasebook:
    """All groups of symbols, of up to `LONGEST`, that stand in some sequences.

    It keeps a suffix array: the places of all the sequences in the order of what follows them, so
    that what begins like a question stands together and is found by halving.
    """

    def __init__(self, sequences: Sequence[Ints]) -> None:
        # A mark that no question has ends each sequence, so no run goes over an end.
        end = np.array([np.iinfo(np.int64).min])
        self._symbols = np.concatenate([part for each in sequences for part in (each, end)])
        self._starts = np.cumsum([0, *(len(each) + 1 for each in sequences)])
        self._order = _suffixes(self._symbols)

    def longest(self, asked: Ints) -> Ints:
        """For each place how many symbols from there on stand in the book, `(symbols,)`."""
        return self.search(asked).lengths

    def places(self, found: Found, at: int) -> Iterator[tuple[int, int]]:
        """Where the run that begins at `at` stands: sequences and places in them, in order."""
        for place in np.sort(self._order[found.first[at] : found.last[at]]).tolist():
            sequence = int(np.searchsorted(self._starts, place, "right")) - 1
            yield sequence, place - int(self._starts[sequence])

    def search(self, asked: Ints) -> Found:
        """The longest run from each place that stands in the book."""
        symbols, order = self._symbols, self._order
        count = len(asked)
        low, high = np.zeros(count, np.int64), np.full(count, len(order))
        found = np.zeros(count, np.int64)
        alive = np.arange(count)
        for length in range(LONGEST):
            alive = alive[alive + length < count]
            if not len(alive):
                break
            wanted = asked[alive + length]
            first = _bound(symbols, order, low[alive], high[alive], length, wanted, right=False)
            last = _bound(symbols, order, low[alive], high[alive], length, wanted, right=True)
            there = first < last
            alive = alive[there]
            low[alive], high[alive] = first[there], last[there]
            found[alive] = length + 1
        return Found(found, low, high)


def _suffixes(symbols: Ints) -> Ints:
    """The places in the order of the first `LONGEST` symbols from each (prefix doubling)."""
    ranks = np.unique(symbols, return_inverse=True)[1].astype(np.int64)
    width = 1
    order = np.argsort(ranks, kind="stable")
    while width < LONGEST:
        following = np.full(len(ranks), -1)
        following[:-width] = ranks[width:]
        order = np.lexsort((following, ranks))
        pairs = np.stack([ranks[order], following[order]])
        changed = np.any(pairs[:, 1:] != pairs[:, :-1], axis=0)
        ranks = np.empty_like(ranks)
        ranks[order] = np.concatenate([[0], np.cumsum(changed)])
        width *= 2
    return order


def _bound(
    symbols: Ints, order: Ints, low: Ints, high: Ints, at: int, wanted: Ints, *, right: bool
) -> Ints:
    """The first place of `order` within `low`..`high` whose symbol `at` is not below `wanted`.

    With `right` the first that is above. Within each span the symbols before `at` are the same,
    so those at it rise.
    """
    low, high = low.copy(), high.copy()
    last = len(symbols) - 1
    while (open_ := low < high).any():
        middle = (low + high) // 2
        # A place past the end has no symbol there; every sequence ends in a mark before that.
        there = symbols[np.minimum(order[np.minimum(middle, last)] + at, last)]
        before = (there <= wanted) if right else (there < wanted)
        low = np.where(open_ & before, middle + 1, low)
        high = np.where(open_ & ~before, middle, high)
    return low


def index_of(learned: Sequence[Line]) -> Quotes:
    """The index of these lines, which a model that learned from them carries."""
    return Quotes.of((line.pitches(), line.onsets()) for line in learned)


def copying_from(learned: Sequence[Line]) -> Measure:
    """The measure of copying from these lines."""
    plain = Phrasebook([intervals(line) for line in learned])
    timed = Phrasebook([intervals_in_time(line) for line in learned])

    def count(line: Line) -> Floats:
        with_rhythm, without = (
            timed.longest(intervals_in_time(line)),
            plain.longest(intervals(line)),
        )
        groups = max(len(without) - COVERED + 1, 0)
        covered = (without >= COVERED).sum()
        histograms = []
        for runs in (with_rhythm, without):
            longest = [_longest_within(runs, first, last) for _, first, last in line.windows()]
            histograms.append(np.bincount(longest, minlength=LONGEST + 1))
        return np.concatenate([*histograms, [covered, groups]]).astype(np.float64)

    return Measure(NAMES, count, _figures)


def _longest_within(runs: Ints, first: int, last: int) -> int:
    """The longest run among the notes `first` up to `last`; it ends inside them."""
    inside = runs[first : max(last - 1, first)]
    room = np.arange(len(inside), 0, -1)
    return int(np.minimum(inside, room).max(initial=0))


def _figures(counts: Floats) -> tuple[float, ...]:
    timed, plain, rest = np.split(counts, [LONGEST + 1, 2 * LONGEST + 2])
    lengths = np.arange(LONGEST + 1)
    most = float(lengths[timed > 0].max(initial=0)) if timed.sum() else float("nan")
    return (
        ratio(float(lengths @ timed), timed.sum()),
        most,
        ratio(float(lengths @ plain), plain.sum()),
        ratio(rest[0], rest[1]),
    )
