"""The table of constraints, and its switches."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.performance.constraints import CONSTRAINTS, ConstraintError, Constraints


def test_every_row_has_a_field_and_every_field_a_row() -> None:
    assert [field.name for field in fields(Constraints)] == list(CONSTRAINTS)
    for name, row in CONSTRAINTS.items():
        assert getattr(Constraints(), name) == row.strength > 0.0
        assert row.about
        assert row.reason


@given(st.sets(st.sampled_from(sorted(CONSTRAINTS))))
def test_those_that_are_named_are_off(names: set[str]) -> None:
    left = Constraints().without(names)
    off = {name for name in CONSTRAINTS if getattr(left, name) == 0.0}
    assert off == names
    assert left.without(names) == left


def test_all_of_them_can_be_off() -> None:
    none = Constraints().without(["all"])
    assert not any(getattr(none, name) for name in CONSTRAINTS)


def test_a_constraint_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ConstraintError, match=r"'sense': expected one of repeats, .*, all"):
        Constraints().without(["leaps", "sense"])


@pytest.mark.parametrize("strength", [-0.1, 10.1, float("nan"), float("inf")])
def test_strengths_have_bounds(strength: float) -> None:
    with pytest.raises(ConstraintError, match=r"repeats .*: expected 0 to 10"):
        Constraints(repeats=strength)
