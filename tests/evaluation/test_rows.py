"""The goals of the board."""

from __future__ import annotations

import pytest

from live_improv.evaluation.rows import ROWS, Goal

GOALS = {
    "at most": (Goal(high=5.0), 5.0, 5.001, None, (None, 5.0)),
    "at least": (Goal(low=2.0), 2.0, 1.9, None, (2.0, None)),
    "between": (Goal(-0.1, 0.1), 0.1, -0.11, None, (-0.1, 0.1)),
    "near human": (Goal(0.85, 1.15, of_human=True), 16.1, 16.2, 14.0, (11.9, 16.1)),
}


@pytest.mark.parametrize("name", GOALS)
def test_a_goal_is_reached_up_to_its_ends(name: str) -> None:
    goal, inside, outside, human, bounds = GOALS[name]
    assert goal.bounds(human) == pytest.approx(bounds)
    assert goal.reached(inside, human)
    assert not goal.reached(outside, human)
    assert not goal.reached(float("nan"), human)


def test_what_is_compared_with_unknown_humans_is_not_reached() -> None:
    assert not Goal(0.85, 1.15, of_human=True).reached(1.0, None)


def test_the_board_has_the_eight_numbers_once() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert {row.number for row in ROWS if row.goal is not None} == set(range(1, 9))
    numbers = [row.number for row in ROWS if row.number]
    assert numbers == sorted(numbers)
