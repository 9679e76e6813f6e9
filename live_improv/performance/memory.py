"""A memory of what the other player plays: motifs, learned as they are heard.

It is a variable-order model over values. Every note that was heard says what came after what:
after these intervals and gaps, a value of this kind at this interval, and this gap to the next
note. Asked what may come next, each of them counts the more, the longer the line so far agrees
with what had come before it, and the more recently it was heard. So a whole motif that is begun is
likely to be completed, and where nothing agrees what is left is how the player usually moves.
Continuing a player by the longest match is Pachet's idea (the Continuator, 2003).

Conventions
    Gaps are in grid steps, 12 to the beat; a place is a grid step within the beat, 0..11.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from live_improv.grammar.abstraction import MIN_SILENCE
from live_improv.grammar.context import LONGEST_GAP, Past
from live_improv.grammar.values import REACH, Kind
from live_improv.model import Array
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, Ticks

SIZE = 256
"""Notes remembered at most."""

HALF_LIFE = 48
"""After this many more notes a note counts half."""

AGREEMENT = 6.0
"""How many times more a note counts for each further thing that agrees."""

DOUBT = 4.0
"""With this many notes heard, the memory has half its say."""

NEARBY = 0.25
"""What an interval counts for one a semitone away, of the same kind; less the further it is."""

ELSEWHERE = 0.02
"""What a place of the beat counts where the player has not played, of 1 for all places."""

_NONE = 1000  # no interval and no gap is so large


class _Rows:
    """The newest `SIZE` rows of numbers, oldest first."""

    def __init__(self, width: int) -> None:
        self._rows = np.zeros((SIZE, width), np.int32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, *numbers: int) -> None:
        """Add a row, for which the oldest one makes room."""
        if self._count == SIZE:
            self._rows[:-1] = self._rows[1:]
            self._count -= 1
        self._rows[self._count] = numbers
        self._count += 1

    def pop(self) -> None:
        """Forget the newest row."""
        self._count -= 1

    def all(self) -> NDArray[np.int32]:
        """Shape (rows, width)."""
        return self._rows[: self._count]


class Memory:
    """The notes of another player, as intervals, kinds and gaps."""

    def __init__(self) -> None:
        # interval, kind, pitch, then what came before: two intervals, the gap, was there a rest.
        self._pitches = _Rows(7)
        # gap, then what came before: the place, the gap, the interval.
        self._gaps = _Rows(4)
        # The player's own line: before the last note, the last note, its onset and its end.
        self._past = Past()
        self._last: tuple[int, Ticks, Ticks] | None = None

    def __len__(self) -> int:
        return len(self._pitches)

    def hear(self, pitch: int, onset: Ticks, kind: Kind | None) -> None:
        """Remember one note.

        Args:
            pitch: 0..127.
            onset: on the grid; a note at the onset of the last one replaces it.
            kind: what it is to the chord, None where the next note decides.
        """
        past = self._past
        if self._last is not None:
            before, since, end = self._last
            gap = (onset - since) // GRID_TICKS
            if gap == 0:
                self._pitches.pop()
            elif 0 < gap <= LONGEST_GAP:
                rested = onset - end >= MIN_SILENCE
                came_from = _NONE if len(past.pitches) == 0 else before - past.pitches[-1]
                before_gap = past.gaps[-1] if past.gaps else _NONE
                place = since // GRID_TICKS % GRID_PER_BEAT
                self._gaps.add(gap, place, before_gap, came_from)
                past = past.then(before, Kind.CHORD, gap, rested=rested)
            else:
                past = Past()
        self._past = past
        self._last = (pitch, onset, Ticks(onset + LONGEST_GAP * GRID_TICKS))
        intervals = _intervals((*past.pitches, pitch))
        gap = past.gaps[-1] if past.gaps else _NONE
        number = _KIND[kind or Kind.OTHER]
        self._pitches.add(intervals[0], number, pitch, *intervals[1:], gap, int(past.rested))

    def relocate(self) -> None:
        """The music goes on elsewhere: the next note follows none."""
        self._last = None
        self._past = Past()

    def released(self, end: Ticks) -> None:
        """The last note ended."""
        if self._last is not None:
            self._last = (*self._last[:2], end)

    def confidence(self) -> float:
        """How much there is to go by, 0 to less than 1."""
        return len(self._pitches) / (len(self._pitches) + DOUBT)

    def centre(self) -> float | None:
        """The pitch around which the player has moved lately; None before the first note."""
        if not len(self._pitches):
            return None
        fading = _FADING[-len(self._pitches) :]
        return float(self._pitches.all()[:, 2] @ fading / fading.sum())

    def pitch_weights(
        self, past: Past, pitches: Sequence[int], kinds: Sequence[Kind | None]
    ) -> Array:
        """How much the memory speaks for each pitch after `past`; all 0 where it has none.

        Args:
            pitches: the candidates.
            kinds: of each, None for one outside the scale that may resolve or not.
        """
        if not len(self._pitches) or not past.pitches:
            return np.zeros(len(pitches), np.float32)
        notes = self._pitches.all()
        intervals = _intervals(past.pitches)
        now = (intervals[0], intervals[1], past.gaps[-1] if past.gaps else _NONE, int(past.rested))
        weight = _weights(notes[:, 3:], now)
        moves = np.array(pitches) - past.pitches[-1]
        kind = np.array([-1 if each is None else _KIND[each] for each in kinds])
        apart = np.abs(moves[:, None] - notes[None, :, 0])
        same_kind = (kind[:, None] == notes[None, :, 1]) | (
            (kind[:, None] < 0) & (notes[None, :, 1] >= _KIND[Kind.APPROACH])
        )
        near = _NEAR[np.minimum(apart, REACH + 1)] * same_kind
        said: Array = near @ weight
        return said

    def gap_weights(self, past: Past, interval: int | None, place: int, longest: int) -> Array:
        """How much the memory speaks for each gap from 1 to `longest` after a note.

        Args:
            past: the line before the note.
            interval: from the note before to the note.
            place: of the note's onset in the beat.
        """
        out = np.zeros(longest, np.float32)
        if not len(self._gaps):
            return out
        found = self._gaps.all()
        before = past.gaps[-1] if past.gaps else _NONE
        now = (place, before, _NONE if interval is None else interval)
        weight = _weights(found[:, 1:], now)
        inside = (found[:, 0] >= 1) & (found[:, 0] <= longest)
        np.add.at(out, found[inside, 0] - 1, weight[inside])
        # A rhythm is where its notes fall as well: a gap that leads to where the player's notes do
        # not counts little, or one that begins in the wrong place would stay off the beat.
        fading = _FADING[-len(found) :]
        falls = np.bincount((found[:, 1] + found[:, 0]) % GRID_PER_BEAT, fading, GRID_PER_BEAT)
        share = falls / fading.sum()
        leads = (place + np.arange(1, longest + 1)) % GRID_PER_BEAT
        said: Array = out * (share[leads] + ELSEWHERE).astype(np.float32)
        return said


_KIND = {Kind.CHORD: 0, Kind.COLOUR: 1, Kind.SCALE: 2, Kind.APPROACH: 3, Kind.OTHER: 4}


def _intervals(pitches: Sequence[int]) -> tuple[int, int, int]:
    """The last three intervals, newest first."""
    moves = [b - a for a, b in pairwise(pitches)][-3:]
    first, second, third = (*reversed(moves), _NONE, _NONE, _NONE)[:3]
    return first, second, third


def _weights(before: NDArray[np.int32], now: Sequence[int]) -> Array:
    """What each remembered note counts, shape (notes,), for what came before it and comes now.

    The first things count before the second: agreement ends where one does not agree.
    """
    wanted = np.array(now)
    agrees = (before == wanted) & (wanted != _NONE)
    order = np.logical_and.accumulate(agrees, axis=1).sum(axis=1)
    weights: Array = _FADING[-len(before) :] * _AGREEING[order]
    return weights


# The weights of notes by age, the newest, last one's is 1; by how much agrees; by how far they are.
_FADING = np.exp2(-np.arange(SIZE - 1, -1, -1) / HALF_LIFE).astype(np.float32)
_AGREEING = (AGREEMENT ** np.arange(5)).astype(np.float32)
_NEAR = np.append(NEARBY ** np.arange(REACH + 1), 0.0).astype(np.float32)
