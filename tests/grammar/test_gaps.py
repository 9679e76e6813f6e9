"""Gaps in classes, and onsets on the places that every notation has."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from live_improv.grammar.gaps import (
    CLASSES,
    PLACES,
    gap_class,
    gap_classes,
    snapped,
    snapped_step,
)


def test_every_step_goes_to_the_nearest_place_that_all_notations_have() -> None:
    steps = np.arange(24)
    places = np.array([12 * beat + place for beat in range(3) for place in PLACES])
    off = np.abs(steps[:, None] - places).min(1)
    assert (np.abs(snapped(steps) - steps) == off).all()
    assert (snapped(snapped(steps)) == snapped(steps)).all()


def test_times_to_the_next_onset_go_to_the_nearest_class_by_ratio() -> None:
    assert [CLASSES[gap_classes(np.array([0, gap]))[0]] for gap in CLASSES] == list(CLASSES)
    assert CLASSES[gap_classes(np.array([0, 200]))[0]] == 48
    assert CLASSES[gap_classes(np.array([0, 16]))[0]] == 18


@given(st.lists(st.integers(-500, 5000), min_size=2, max_size=30, unique=True).map(sorted))
def test_one_by_one_they_are_what_they_are_together(onsets: list[int]) -> None:
    together = np.array(onsets)
    places = [snapped_step(onset) for onset in onsets]
    assert places == snapped(together).tolist()
    gaps = np.diff(places).tolist()
    assert [gap_class(gap) for gap in gaps] == gap_classes(together).tolist()
