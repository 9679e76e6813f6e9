"""Recall: what the line itself has done before in the same situation.

A soloist comes back to figures of their own. What came after the same notes earlier in the line
speaks for coming again, the more, the longer the agreement: an earlier note counts `AGREEMENT`
times as much for each further thing that agrees. It is an adaptive n-gram over the line so far
(a cache: Kuhn and De Mori, 1990), with weights in the place of smoothing; how much it is listened
to in a moment is the net's to say, which has learned that from human solos.

Conventions
    What speaks for an outcome is log(1 + the weight of the notes that did it): 0 for what was
    never done. Intervals are in semitones, `MAX_INTERVAL` down first; gaps are in grid steps.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.music.timing import GRID_PER_BEAT

REACH = 512
"""How many of the last notes can be recalled."""

ORDERS = 4
"""Agreement in more things than this counts no more."""

AGREEMENT = 10.0
"""How many times more a note counts for each further thing that agrees."""

PITCH_RECALLS = 2
"""Ways of recalling pitches: the very pitches, and intervals from anywhere."""

INTERVALS = 2 * MAX_INTERVAL + 1
LONGEST = 192
"""The longest gap told apart; a longer one counts as one step more."""

_WEIGHTS = AGREEMENT ** np.arange(ORDERS)


class History(NamedTuple):
    """The notes of a line, oldest first, at most `REACH`.

    Attributes:
        pitches: a byte each.
        gaps: a byte each, in grid steps, `LONGEST` + 1 for longer ones; the last leads from the
            last note to the moment.
    """

    pitches: bytes = b""
    gaps: bytes = b""

    def then(self, pitch: int, gap: int) -> History:
        """The history after one more note and the gap that follows it."""
        clipped = min(gap, LONGEST + 1)
        return History(
            self.pitches[1 - REACH :] + bytes((pitch,)), self.gaps[1 - REACH :] + bytes((clipped,))
        )


class Recall(NamedTuple):
    """What the line has done before.

    Attributes:
        says: (ways, outcomes) what speaks for each outcome, 0 or more.
        orders: (ways,) in how many things the closest earlier notes agree, 0..`ORDERS`; 0 where
            that is too little to count.
    """

    says: NDArray[np.float32]
    orders: tuple[int, ...]


@lru_cache(maxsize=8)  # one step asks several times
def recall_pitch(history: History) -> Recall:
    """What speaks for each interval from the last note; outcomes are the `INTERVALS`."""
    pitches = np.frombuffer(history.pitches, np.uint8).astype(np.int16)
    says = np.zeros((PITCH_RECALLS, INTERVALS), np.float32)
    if len(pitches) < 2:
        return Recall(says, (0, 0))
    moves = np.diff(pitches)
    outcomes = np.clip(moves, -MAX_INTERVAL, MAX_INTERVAL) + MAX_INTERVAL
    # Notes that were followed by another one, and whose pitch, or move, is the last one's.
    same_pitch = np.flatnonzero(pitches[:-1] == pitches[-1])
    by_pitch = 1 + _agreement(moves, same_pitch, ORDERS - 1)
    same_moves = 1 + np.flatnonzero(moves[:-1] == moves[-1]) if len(moves) > 1 else same_pitch[:0]
    by_move = _agreement(moves, same_moves, ORDERS)
    orders = []
    for way, (places, order, least) in enumerate(
        ((same_pitch, by_pitch, 1), (same_moves, by_move, 2))
    ):
        kept = order >= least
        places, order = places[kept], order[kept]
        if len(places):
            weights = _WEIGHTS[order - least]
            says[way] = np.log1p(np.bincount(outcomes[places], weights, INTERVALS))
        orders.append(int(order.max(initial=0)))
    return Recall(says, tuple(orders))


def _agreement(moves: NDArray[np.int16], places: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """In how many of the moves before it each of the notes at `places` agrees with the last."""
    order = np.zeros(len(places), np.intp)
    left = np.arange(len(places))
    for back in range(1, most + 1):
        left = left[places[left] >= back]
        if not len(left) or len(moves) < back:
            break
        left = left[moves[places[left] - back] == moves[-back]]
        order[left] = back
    return order


@lru_cache(maxsize=8)
def recall_gap(history: History, step: int) -> Recall:
    """What speaks for each gap after a note at grid step `step`; outcomes are 1..`LONGEST` + 1.

    What may agree is the place in the beat and the gaps before.
    """
    gaps = np.frombuffer(history.gaps, np.uint8).astype(np.int16)
    says = np.zeros((1, LONGEST + 1), np.float32)
    if not len(gaps):
        return Recall(says, (0,))
    places = (step - np.cumsum(gaps[::-1])[::-1]) % GRID_PER_BEAT
    same = np.flatnonzero(places == step % GRID_PER_BEAT)
    if not len(same):
        return Recall(says, (0,))
    order = 1 + _agreement(gaps, same, ORDERS - 1)
    says[0] = np.log1p(np.bincount(gaps[same] - 1, _WEIGHTS[order - 1], LONGEST + 1))
    return Recall(says, (int(order.max()),))
