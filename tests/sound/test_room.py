"""The room: the same in parts of any length, and gone within a second."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.sound.partials import Samples
from live_improv.sound.room import DELAY, SECONDS, Room

RATE = 44_100


def answered(sent: Samples, lengths: list[int], part: int = DELAY) -> Samples:
    room, now, found = Room(RATE, part), 0, []
    for length in lengths:
        found.append(room.answer(sent[now : now + length]))
        now += length
    return np.concatenate(found, axis=1)


def clap(count: int) -> Samples:
    sent = np.zeros(count, np.float32)
    sent[100] = 1.0
    return sent


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=10))
def test_how_it_is_cut_does_not_matter(lengths: list[int]) -> None:
    sent = np.random.default_rng(1).standard_normal(sum(lengths)).astype(np.float32)
    pieces = answered(sent, lengths)
    assert pieces.shape == (2, sum(lengths))
    np.testing.assert_allclose(pieces, answered(sent, [sum(lengths)]), atol=1e-5)


def test_live_and_offline_are_one_room() -> None:
    sent = np.random.default_rng(1).standard_normal(4 * 16_384).astype(np.float32)
    live = answered(sent, [256] * 256)
    offline = answered(sent, [16_384] * 4, 16_384)
    np.testing.assert_allclose(live, offline, atol=1e-4)


def test_a_clap_is_answered_late_on_both_sides_and_dies_away() -> None:
    count = 2 * RATE // DELAY * DELAY
    sound = answered(clap(count), [DELAY] * (count // DELAY))
    assert np.abs(sound[:, : 100 + DELAY + round(0.008 * RATE)]).max() < 0.01
    levels = [np.mean(sound[:, at : at + 4410] ** 2) for at in range(4410, 44_100, 4410)]
    assert levels == sorted(levels, reverse=True)
    assert 10 * np.log10(levels[6] / levels[0]) < -20
    assert np.abs(sound[:, round((SECONDS + 0.1) * RATE) :]).max() < 1e-6
    energy = (sound**2).sum(axis=1)
    assert energy[0] == pytest.approx(energy[1], rel=0.1)
    assert abs(np.corrcoef(sound[0], sound[1])[0, 1]) < 0.2  # wide
