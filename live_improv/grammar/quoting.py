"""An index of what a model learned from: does this run of notes stand in it note for note?

A symbol is an interval in semitones and the class of the time between its two notes (`gaps`), so a
run is found in any key, at any tempo and in any place of the bar; `evaluation/copying.py` means the
same by it. Every group of `GROUP` notes that was learned from sets one bit, the one its hash names;
a run stands in the index if all the groups in it do.

What stands is found, so a cap on runs holds; but for a run across a silence of more than four bars,
whose length a `History` does not keep. What does not stand may be found too: by
chance, as a tenth to a fifth of the bits are set, or because its groups come from several solos. A
run of 16 notes has seven groups, so chance is no matter; of 20,554 notes of people that no model
learned from, 20 stand at the end of a run of 17 by the index, and 15 do.

A bitmap has no order and no notes. It says about 3.5 bits of each group, and a note costs the net
5.0: which melody they were of cannot be read out of it. With longer hashes, or places beside them,
it could be, note after note.

Conventions
    A run is counted in notes. Steps are those of the grid, 12 to the beat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live_improv.grammar.abstraction import SWUNG
from live_improv.grammar.gaps import CLASSES, Ints, gap_class, gap_classes, snapped_step
from live_improv.grammar.recall import History
from live_improv.music.timing import GRID_PER_BEAT

GROUP = 10
"""Notes of a group. With fewer, what is common to all solos makes up long runs of its own."""

LONGEST = 64
"""The longest run that is followed."""

LEAST_BYTES, MOST_BYTES = 1 << 7, 1 << 23
"""Of a bitmap, whose size is a power of two; the largest one is for 13 million notes."""

BITS_A_GROUP = 5
"""At least so many bits are there for each group, and less than twice as many."""

_WIDTH = GROUP - 1  # symbols of a group
_LOWEST = -128  # below any interval
_FACTOR, _MIXER = 0x100000001B3, 0x9E3779B97F4A7C15  # odd, of 64 bits (FNV; the golden ratio)
_MASK = (1 << 64) - 1


_CLASSES = len(CLASSES)
_HALF = GRID_PER_BEAT // 2
_MOVED = tuple(snapped_step(step) - step for step in range(GRID_PER_BEAT))
_CLASS_OF = bytes(gap_class(steps) for steps in range(256))  # of the gaps of a `History`


class QuotesError(ValueError):
    """A bitmap that is none."""


@dataclass(frozen=True, slots=True)
class Quotes:
    """The groups of notes that a model learned from, a bit for each hash.

    Attributes:
        bitmap: bit i, the lowest first, is set for the groups whose hash begins with i.

    Raises:
        QuotesError: its size is no power of two of `LEAST_BYTES` to `MOST_BYTES`.
    """

    bitmap: bytes

    def __post_init__(self) -> None:
        size = len(self.bitmap)
        if not LEAST_BYTES <= size <= MOST_BYTES or size & (size - 1):
            raise QuotesError(
                f"{size} bytes: expected a power of two, {LEAST_BYTES} to {MOST_BYTES}"
            )

    @classmethod
    def of(cls, lines: Iterable[tuple[Ints, Ints]]) -> Quotes:
        """The index of some lines, each its pitches and its onsets in steps, no pair swung."""
        found = [_hashes(pitches, onsets) for pitches, onsets in lines]
        hashes = np.unique(np.concatenate([np.zeros(0, np.uint64), *found]))
        size = LEAST_BYTES
        while size < MOST_BYTES and 8 * size < BITS_A_GROUP * len(hashes):
            size *= 2
        bits = np.zeros(8 * size, bool)
        bits[(hashes >> np.uint64(_shift(size))).astype(np.int64)] = True
        return cls(np.packbits(bits, bitorder="little").tobytes())

    @property
    def filled(self) -> float:
        """The share of its bits that are set, 0..1."""
        return float(_bits(self.bitmap).mean())

    def __or__(self, other: Quotes) -> Quotes:
        """The index of what stands in either; as large as the larger one."""
        size = max(len(self.bitmap), len(other.bitmap))
        both = [_bits(each.bitmap).repeat(size // len(each.bitmap)) for each in (self, other)]
        return Quotes(np.packbits(both[0] | both[1], bitorder="little").tobytes())

    def run(self, history: History, step: int, most: int) -> int:
        """How many of a line's last notes stand in it as one run: 0, or `GROUP` to `most`.

        Args:
            step: of the moment, to which the last gap leads.
            most: what is not followed further, at least `GROUP`.
        """
        codes = _codes(history, step, GROUP)
        if len(codes) < _WIDTH or not self._holds(_number(codes)):
            return 0
        codes = _codes(history, step, most)
        end = len(codes) - 1
        while end >= _WIDTH and self._holds(_number(codes[end - _WIDTH : end])):
            end -= 1
        return GROUP + len(codes) - 1 - end

    def lengthens(self, history: History, step: int, pitches: Sequence[int]) -> NDArray[np.bool_]:
        """Which pitches make a group that stands in it of the last notes, `(pitches,)`.

        Args:
            history: of `GROUP` - 1 notes at least.
            step: where the pitch would be.
        """
        before = _number(_codes(history, step, GROUP - 1)) * _FACTOR
        last, (since, until) = history.pitches[-1], _places(history.gaps, step, 1)
        time = _CLASS_OF[until - since]
        numbers = [(before + _code(pitch - last, time)) & _MASK for pitch in pitches]
        return np.array([self._holds(number) for number in numbers], bool)

    def _holds(self, number: int) -> bool:
        """Whether a group of that number stands in it."""
        place = (((number ^ number >> 32) * _MIXER) & _MASK) >> _shift(len(self.bitmap))
        return bool(self.bitmap[place >> 3] >> (place & 7) & 1)


def _shift(size: int) -> int:
    """How many bits of a hash are not used by a bitmap of `size` bytes."""
    return 64 - (8 * size - 1).bit_length()


def _bits(bitmap: bytes) -> NDArray[np.uint8]:
    return np.unpackbits(np.frombuffer(bitmap, np.uint8), bitorder="little")


def _code(interval: int, time: int) -> int:
    """A symbol as a number, not negative."""
    return (interval - _LOWEST) * _CLASSES + time


def _codes(history: History, step: int, notes: int) -> list[int]:
    """The symbols between the last `notes` notes of a line, oldest first."""
    # Asked for every note that is chosen, so without numpy and without calls.
    pitches = history.pitches[-notes:]
    places = _places(history.gaps, step, notes)
    codes = []
    before, since = pitches[0] if pitches else 0, places[0]
    for pitch, place in zip(pitches[1:], places[1:], strict=False):
        codes.append((pitch - before - _LOWEST) * _CLASSES + _CLASS_OF[place - since])
        before, since = pitch, place
    return codes


def _places(gaps: bytes, step: int, notes: int) -> list[int]:
    """Where the last `notes` notes lie among the places that are compared, and the moment after.

    Swung pairs are even, as `abstraction.straighten` writes them; nothing follows the moment's
    note in its beat.
    """
    places = []
    following, at = step + GRID_PER_BEAT, step
    # One note more is looked at, for what stands before the first.
    for gap in (*reversed(gaps[-notes - 1 :]), GRID_PER_BEAT):
        within = at % GRID_PER_BEAT
        beat, before = at - within, at - gap
        if within in SWUNG and following >= beat + GRID_PER_BEAT and before <= beat:
            places.append(beat + _HALF)
        else:
            places.append(at + _MOVED[within])
        following, at = at, before
    del places[notes + 1 :]
    places.reverse()
    return places


def _number(codes: Sequence[int]) -> int:
    """The number of a group of symbols, of 64 bits."""
    number = 0
    for code in codes:
        number = number * _FACTOR + code
    return number & _MASK


def _hashes(pitches: Ints, onsets: Ints) -> NDArray[np.uint64]:
    """The hashes of all groups of a line, as `Quotes` makes one."""
    count = max(len(pitches) - _WIDTH, 0)
    numbers = np.zeros(count, np.uint64)
    if not count:
        return numbers
    codes = (_code(0, 0) + np.diff(pitches) * _CLASSES + gap_classes(onsets)).astype(np.uint64)
    for at in range(_WIDTH):
        numbers = numbers * np.uint64(_FACTOR) + codes[at : at + count]
    mixed: NDArray[np.uint64] = (numbers ^ numbers >> np.uint64(32)) * np.uint64(_MIXER)
    return mixed
