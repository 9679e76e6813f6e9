"""Telling sets of lines apart, on numbers made for it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from live_improv.evaluation.features import FEATURES, NAMES, SIZE, features_of
from live_improv.evaluation.lines import Floats, Line
from live_improv.evaluation.tellability import (
    Windows,
    area,
    regression,
    signs,
    tell_apart,
    together,
    windows_of,
)
from tests.evaluation.test_lines import FOUR
from tests.lines import line, note


def windows(count: int, seed: int, shift: float = 0.0, solos: int = 20) -> Windows:
    """Windows of normal numbers, the first feature moved, and some solos."""
    rows = np.random.default_rng(seed).normal(size=(count, SIZE))
    rows[:, 0] += shift
    return Windows(rows, np.array([f"{seed} {i % solos}" for i in range(count)]))


def test_the_area_is_how_often_one_is_above_another() -> None:
    def of(ones: list[float], others: list[float]) -> float:
        sides = np.repeat([1.0, 0.0], [len(ones), len(others)])
        return area(np.array([*ones, *others]), sides)

    assert of([2, 3], [0, 1]) == 1.0
    assert of([0, 1], [2, 3]) == 0.0
    assert of([1, 3], [2, 2]) == 0.5
    assert of([1, 1], [1, 1]) == 0.5
    assert of([1, 2, 3], [2]) == pytest.approx(0.5)


def test_the_regression_is_at_the_bottom_of_its_loss() -> None:
    chance = np.random.default_rng(3)
    rows, sides = chance.normal(size=(60, 4)), (chance.random(60) < 0.4).astype(float)

    def loss(weights: Floats) -> float:
        scores = rows @ weights[:-1] + weights[-1]
        fit = np.logaddexp(0, scores) - sides * scores
        return float(fit.sum() + 5.0 * (weights[:-1] ** 2).sum())

    best = regression(rows, sides, penalty=10.0)
    for i in range(5):
        for by in (-0.01, 0.01):
            other = best.copy()
            other[i] += by
            assert loss(other) > loss(best)


def test_the_same_cannot_be_told_apart_and_others_can() -> None:
    same = tell_apart(windows(150, 1), windows(150, 2))
    assert same.by_solo == pytest.approx(0.5, abs=0.07)
    assert same.by_window == pytest.approx(0.5, abs=0.07)
    far = tell_apart(windows(150, 1, shift=2.0), windows(150, 2))
    assert min(far.by_solo, far.by_window) > 0.8
    near = tell_apart(windows(150, 1, shift=0.7), windows(150, 2))
    assert same.by_solo < near.by_solo < far.by_solo


def test_folds_by_solo_do_not_tell_by_knowing_the_solo() -> None:
    """Each solo has a style of its own, which says nothing about another."""

    def solos(seed: int) -> Windows:
        chance = np.random.default_rng(seed)
        rows = np.repeat(3 * chance.normal(size=(12, SIZE)), 12, axis=0)
        rows += chance.normal(size=rows.shape)
        return Windows(rows, np.repeat([f"{seed} {i}" for i in range(12)], 12))

    told = tell_apart(solos(1), solos(2))
    assert told.by_window > 0.95
    assert told.by_solo < 0.75


def test_kin_on_both_sides_go_to_one_fold() -> None:
    """The same windows on both sides: whatever is learned about them is wrong about their kin."""
    one = windows(100, 1, solos=100)
    assert tell_apart(one, one).by_solo == pytest.approx(0.5)
    assert tell_apart(one, one).by_window < 0.45


def test_too_little_is_not_told() -> None:
    told = tell_apart(windows(0, 1), windows(50, 2))
    assert told.by_solo != told.by_solo
    assert signs(windows(0, 1), windows(50, 2), 5) == ()


def test_the_sign_is_what_was_moved() -> None:
    first, *others = signs(windows(150, 1, shift=1.5), windows(150, 2), 5)
    assert first.name == NAMES[0]
    assert first.share > 0.5
    assert first.here - first.there == pytest.approx(1.5, abs=0.3)
    assert all(a.share >= b.share for a, b in pairwise([first, *others]))


def test_there_are_62_numbers_with_names_of_their_own() -> None:
    assert SIZE == 62 == len(set(NAMES))
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)


def read(*notes: int, every: int = 6) -> dict[str, float]:
    """The features of 16 bars of a line, by name."""
    (row,) = features_of(Line("x", line(*notes, every=every), FOUR, 120.0, bars=16))
    return dict(zip(NAMES, row.tolist(), strict=True))


def test_features_say_what_their_names_say() -> None:
    found = read(*[60, 62, 64, 65, 67, 65, 64, 62] * 16)
    assert found["notes a bar"] == 8.0
    assert found["share of interval +2"] == pytest.approx(48 / 127)
    assert found["share of time to the next onset 1/2"] == 1.0
    assert found["share of place in the beat 1/2"] == 0.5
    assert found["range"] == 7.0
    assert found["bars without a note"] == 0.0
    assert found["beats with a note on them"] == 1.0
    assert found["longest way in one direction"] == 4.0
    assert found["changes of direction"] == pytest.approx(31 / 126)
    assert found["phrases"] == 1.0
    assert found["four intervals played before"] == pytest.approx(116 / 124)
    assert sum(found[name] for name in NAMES if name.startswith("share of interval")) == (
        pytest.approx(1.0)
    )


def test_rests_and_the_beginnings_of_phrases_are_read() -> None:
    notes = [note(24 * i + (6 if i % 4 == 0 else 0), 60 + i % 3, 6) for i in range(32)]
    (row,) = features_of(Line("x", tuple(notes), FOUR, 120.0, bars=16))
    found = dict(zip(NAMES, row.tolist(), strict=True))
    assert found["phrases"] == 32.0
    assert found["phrases that begin on a beat"] == 0.75
    assert found["gaps with a rest in them"] == 1.0
    assert found["silence of a beat or more"] > 0.6


def test_windows_with_few_notes_are_left_out() -> None:
    sparse = Line("x", line(*[60] * 15), FOUR, 120.0, kin="tune", bars=32)
    assert windows_of([sparse]).features.shape == (0, SIZE)
    both = together([windows_of([sparse]), windows(3, 1)])
    assert both.features.shape == (3, SIZE)
