"""How new a line is: the longest runs of it that stand in other solos, and where.

A run is as `copying` has it, intervals and rhythm alike, in any key and at any tempo; it is counted
in notes here. What people share with solos that are not theirs is measured beside it, on solos of
tunes that are in no other part of the corpus.

Conventions
    Bars are counted from 1. A share is of all groups of so many notes in a row, 0..1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from live_improv.evaluation.copying import Found, Phrasebook, intervals, intervals_in_time
from live_improv.evaluation.lines import WINDOW_BARS, Ints, Line
from live_improv.music.timing import PPQ, Ticks

GROUPS = (9, 13)
"""Notes in the groups that are counted: 8 and 12 intervals, as in the study of quality."""

LEVELS = (0.5, 0.95, 0.99)
FEWEST_WINDOWS = 30
"""With fewer windows of people's nothing can be said of one in a hundred."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run begins: a line of those that were given, and the note of it, both from 0."""

    line: int
    note: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a line that stands in another one.

    Attributes:
        notes: how long it is.
        at: its first note in the line, from 0.
        source: where it stands; the first line that has it.
        others: how many more lines have it.
    """

    notes: int
    at: int
    source: Place
    others: int


@dataclass(frozen=True, slots=True)
class Shared:
    """How much of some lines stands in others, by intervals alone or with the rhythm.

    Attributes:
        groups: the share of the groups of `GROUPS` notes that stand there.
        levels: what half, 95 and 99 of 100 windows of 16 bars do not go beyond, the longest run
            of each in notes.
        longest: of all the lines, beyond their windows too.
    """

    groups: tuple[float, ...]
    levels: tuple[int, ...]
    longest: int


@dataclass(frozen=True, slots=True)
class Sharing:
    """How much of some lines stands in others.

    Attributes:
        moves: by their intervals alone.
        timed: by intervals and rhythm.
        windows: how many there are; a line shorter than 16 bars, or not in four, is one.
    """

    moves: Shared
    timed: Shared
    windows: int


PEOPLE = Sharing(
    moves=Shared((0.0984, 0.0083), (10, 15, 20), 23),
    timed=Shared((0.0116, 0.0017), (8, 11, 16), 23),
    windows=191,
)
"""The `valid` solos of the Weimar Jazz Database beside the `train` solos of it, the Omnibook and
Impro-Visor's transcriptions."""


class Repertoire:
    """Lines in which runs are looked up."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = tuple(lines)
        self._moves = Phrasebook([intervals(line) for line in lines])
        self._timed = Phrasebook([intervals_in_time(line) for line in lines])

    def runs(self, line: Line, fewest: int, most: int, *, timed: bool = True) -> list[Run]:
        """The longest runs of a line, the longest first, at most `most` of `fewest` notes or more.

        Of two that share half the notes of the shorter one, only the longer counts.

        Args:
            timed: whether the rhythm counts too, or the intervals alone.
        """
        book, symbols = (self._timed, intervals_in_time) if timed else (self._moves, intervals)
        asked = symbols(line)
        found = book.search(asked)
        free = np.ones(len(line.notes), bool)
        runs: list[Run] = []
        for at in np.argsort(-found.lengths, kind="stable").tolist():
            notes = int(found.lengths[at]) + 1
            if notes < fewest or len(runs) == most:
                break
            if 2 * free[at : at + notes].sum() > notes:
                places = list(book.places(found, at))
                there = symbols(self.lines[places[0][0]])
                runs.append(_run(asked, found, at, there, places))
                free[at : at + runs[-1].notes] = False
        return sorted(runs, key=lambda run: (-run.notes, run.at))

    def sharing(self, lines: Sequence[Line]) -> Sharing:
        """How much of some lines, one at least, stands in these."""
        moves = [self._moves.longest(intervals(line)) for line in lines]
        timed = [self._timed.longest(intervals_in_time(line)) for line in lines]
        windows = [(i, *each) for i, line in enumerate(lines) for each in _windows(line)]
        return Sharing(_shared(moves, windows), _shared(timed, windows), len(windows))


def bar_and_beat(line: Line, note: int) -> tuple[int, float]:
    """The bar of a note, and the beat in it, both from 1."""
    onset = line.notes[note].onset
    chorus, within = divmod(onset, line.changes.length)
    bar = line.changes.bar_index(Ticks(within))
    beat = (within - line.changes.bars[bar].start) / PPQ + 1
    return chorus * len(line.changes.bars) + bar + 1, beat


def _run(asked: Ints, found: Found, at: int, there: Ints, places: Sequence[tuple[int, int]]) -> Run:
    """The run that begins at `at`, as far as it goes, where it stands first.

    Args:
        there: the symbols of the line of the first of the places.
    """
    line, note = places[0]
    length = int(found.lengths[at])
    # The book tells runs apart up to a length; a longer one is followed to its end.
    while (
        at + length < len(asked)
        and note + length < len(there)
        and asked[at + length] == there[note + length]
    ):
        length += 1
    return Run(length + 1, at, Place(line, note), len({each for each, _ in places}) - 1)


def _windows(line: Line) -> Iterator[tuple[int, int]]:
    """From which note to which each window of 16 bars goes; all of a line that has none."""
    windows = line.windows() if line.in_four and line.bars >= WINDOW_BARS else []
    yield from ((first, last) for _, first, last in windows)
    if not windows:
        yield 0, len(line.notes)


def _longest(runs: Ints) -> int:
    """The longest of the runs, in notes, that ends before the window does."""
    room = np.arange(len(runs), 0, -1)
    return int(np.minimum(runs, room).max(initial=0)) + 1


def _shared(found: Sequence[Ints], windows: Sequence[tuple[int, int, int]]) -> Shared:
    """What is shared, by the longest run from each note of each line.

    Args:
        windows: the line of each, and from which note to which it goes.
    """
    groups = []
    for notes in GROUPS:
        there = sum(max(len(runs) - notes + 2, 0) for runs in found)
        standing = sum(int((runs >= notes - 1).sum()) for runs in found)
        groups.append(standing / there if there else 0.0)
    longest = [_longest(found[line][first : max(last - 1, first)]) for line, first, last in windows]
    levels = np.quantile(longest, LEVELS, method="inverted_cdf").astype(int).tolist()
    most = max(_longest(runs) for runs in found)
    return Shared(tuple(groups), tuple(levels), most)
