"""Recall: what was done before speaks, by the longest agreement."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from live_improv.grammar.recall import (
    INTERVALS,
    LONGEST,
    ORDERS,
    REACH,
    History,
    recall_gap,
    recall_pitch,
)

notes = st.lists(
    st.tuples(st.sampled_from([55, 60, 62, 64, 65, 67, 110]), st.sampled_from([3, 4, 6, 12, 250])),
    max_size=60,
)


def history(line: list[tuple[int, int]]) -> History:
    """A line of pitches and gaps."""
    found = History()
    for pitch, gap in line:
        found = found.then(pitch, gap)
    return found


def agreeing(here: list[object], there: list[object]) -> int:
    """How many of the last things are the same, at most `ORDERS`."""
    count = 0
    while count < min(len(here), len(there), ORDERS) and here[-1 - count] == there[-1 - count]:
        count += 1
    return count


@given(notes)
def test_every_earlier_note_counts_by_how_much_agrees(line: list[tuple[int, int]]) -> None:
    pitches = [pitch for pitch, _ in line]
    moves = [b - a for a, b in pairwise(pitches)]
    weight = np.zeros((2, INTERVALS))
    closest = [0, 0]
    for i, move in enumerate(moves):
        outcome = min(max(move, -36), 36) + 36
        here: list[object] = [*moves, pitches[-1]]
        there: list[object] = [*moves[:i], pitches[i]]
        by_pitch = agreeing(here, there)
        by_move = agreeing(here[:-1], there[:-1])
        for way, (order, least) in enumerate(((by_pitch, 1), (by_move, 2))):
            if order >= least:
                closest[way] = max(closest[way], order)
                weight[way, outcome] += 10.0 ** (order - least)
    found = recall_pitch(history(line))
    assert np.abs(found.says - np.log1p(weight)).max() < 1e-5
    assert found.orders == tuple(closest)


@given(notes, st.integers(0, 200))
def test_gaps_are_recalled_from_the_same_place_of_the_beat(
    line: list[tuple[int, int]], step: int
) -> None:
    gaps = [min(gap, LONGEST + 1) for _, gap in line]
    weight = np.zeros(LONGEST + 1)
    closest = 0
    for i, gap in enumerate(gaps):
        place = step - sum(gaps[i:])
        here: list[object] = [*gaps, step % 12]
        there: list[object] = [*gaps[:i], place % 12]
        order = agreeing(here, there)
        closest = max(closest, order)
        weight[gap - 1] += 10.0 ** (order - 1) if order else 0.0
    found = recall_gap(history(line), step)
    assert np.abs(found.says[0] - np.log1p(weight)).max() < 1e-5
    assert found.orders == (closest,)


def test_a_figure_comes_back_on_another_degree() -> None:
    figure = [0, 2, 4, 7]
    line = [(60 + step, 6) for step in figure] + [(65 + step, 6) for step in figure[:3]]
    by_pitch, by_move = recall_pitch(history(line)).says
    assert not by_pitch.any()  # 69 was never played
    assert np.flatnonzero(by_move).tolist() == [36 + 3]
    assert by_move[39] == np.float32(math.log(2.0))


def test_a_history_is_bounded() -> None:
    line = history([(60, 6), (72, 12)] + [(i % 40 + 40, 5) for i in range(REACH)])
    assert len(line.pitches) == len(line.gaps) == REACH
    assert 12 not in line.gaps


def test_a_line_moved_by_any_interval_recalls_the_same() -> None:
    line = [(60 + i * 7 % 11, 6) for i in range(50)]
    moved = [(pitch - 13, gap) for pitch, gap in line]
    assert np.array_equal(recall_pitch(history(line)).says, recall_pitch(history(moved)).says)
