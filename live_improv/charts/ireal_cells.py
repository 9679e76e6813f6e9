"""Cells of a bar -> where in it the chords start.

iReal Pro writes a line of 16 cells, and how many of them a bar takes is up to its writer; the
app's own rule for the place of a chord is not published. This one agrees with what is known of it
(ireal-musicxml, whose author listened to the app, and the app's help on chord spacing): a cell
is a beat where there are as many cells as beats, no chord is shorter than a beat, and what is
missing is added to the chords in turn, the first one first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from live_improv.music.timing import Meter, Ticks

MAX_CELLS = 96
"""Most cells of a bar with chords shorter than a beat."""

# Signatures whose beat is a dotted one.
_COMPOUND = {(6, 8), (9, 8), (12, 8)}


def beats_of(meter: Meter) -> int:
    """The beats of a bar: those people count, so four in 12/8 and two in 6/8."""
    compound = (meter.numerator, meter.denominator) in _COMPOUND
    return meter.numerator // 3 if compound else meter.numerator


def offsets(cells: Sequence[int], meter: Meter) -> tuple[Ticks, ...] | None:
    """The tick of its bar at which each chord starts, which takes this many cells (at least 1).

    None where the chords are too many for the bar.
    """
    beats = beats_of(meter)
    if len(cells) > beats and beats < meter.numerator:
        beats = meter.numerator
    shares = _shares(list(cells), beats)
    if shares is None:
        return None
    total = sum(shares)
    begins = (0, *accumulate(shares[:-1]))
    return tuple(Ticks(begin * meter.bar_ticks // total) for begin in begins)


def _shares(cells: list[int], beats: int) -> list[int] | None:
    """How the chords share the bar, as parts of any size; None where they are too many."""
    total, chords = sum(cells), len(cells)
    if chords == 1:
        return cells
    if chords > beats:
        # Small chords, several of them on every beat.
        return cells if total % beats == 0 and total <= MAX_CELLS else None
    if all(beats * count % total == 0 for count in cells):
        return cells
    if chords == beats:
        return [1] * beats
    if total < beats:
        return _added(cells, beats)
    if beats == 3 and total < 2 * beats:
        # Two chords in a waltz: by the half beat, so that two equal ones share the bar.
        return _added(cells, 2 * beats)
    return _taken(cells, beats)


def _added(cells: list[int], total: int) -> list[int]:
    """The cells, with one more for each in turn until there are `total`."""
    rounds, rest = divmod(total - sum(cells), len(cells))
    return [count + rounds + (place < rest) for place, count in enumerate(cells)]


def _taken(cells: list[int], total: int) -> list[int]:
    """Each cell in `total` parts of the bar, at least one: from the longest chords first."""
    taken = list(cells)
    while sum(taken) > total:
        longest = max(range(len(taken)), key=lambda place: (taken[place], place))
        taken[longest] -= 1
    return taken
