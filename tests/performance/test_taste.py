"""Taste: what is asked for gets likelier, and nothing impossible gets possible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.grammar.realization import Register
from live_improv.model import Array
from live_improv.performance.taste import (
    DENSITY_PULL,
    EDGE,
    EDGE_PULL,
    FOLLOWED_SPREAD,
    LIFT_PULL,
    MAX_DENSITY,
    REPEAT_LOSS,
    Taste,
    TasteError,
    gap_shape,
    mixed,
    opening_odds,
    pitch_shape,
    towards,
)


def probabilities(logits: Array) -> np.ndarray:
    """What the logits stand for; nothing of them need be normalized."""
    odds = np.exp(logits.astype(float) - logits.max())
    return np.asarray(odds / odds.sum())


logits_of = st.lists(st.floats(-20, 20, width=32) | st.just(-np.inf), min_size=1, max_size=30)
weights_of = st.lists(st.floats(0, 1000, width=32) | st.just(0.0), min_size=30, max_size=30)


@given(logits_of, weights_of, st.floats(0.0, 0.999))
def test_a_mixture_is_one_of_probabilities(
    numbers: list[float], some: list[float], share: float
) -> None:
    logits = np.array(numbers, np.float32)
    weights = np.array(some[: len(numbers)], np.float32)
    possible = np.isfinite(logits)
    found = mixed(logits, weights, share)
    assert found.dtype == np.float32
    assert found.shape == logits.shape
    # Nothing impossible has become possible, nor the reverse.
    assert (np.isfinite(found) <= possible).all()
    said = np.where(possible, weights, 0.0).astype(float)
    if not possible.any() or not said.any() or not share:
        assert np.array_equal(found, logits)
        return
    expected = (1 - share) * probabilities(logits) + share * said / said.sum()
    assert probabilities(found) == pytest.approx(expected, abs=1e-4)


def test_a_cold_net_is_mixed_as_well() -> None:
    """At the lowest temperature logits are hundreds apart."""
    logits = np.array([400.0, -600.0, 399.0], np.float32)
    found = mixed(logits, np.array([0.0, 1.0, 0.0], np.float32), 0.25)
    likely = 1 / (1 + np.exp(-1.0))
    assert probabilities(found) == pytest.approx([0.75 * likely, 0.25, 0.75 * (1 - likely)])


def test_with_all_of_the_share_only_the_weights_speak() -> None:
    logits = np.array([3.0, -np.inf, 0.0, -2.0], np.float32)
    found = mixed(logits, np.array([1.0, 5.0, 3.0, 0.0], np.float32), 1.0)
    assert probabilities(found) == pytest.approx([0.25, 0.0, 0.75, 0.0])


def test_weights_for_the_impossible_alone_say_nothing() -> None:
    logits = np.array([1.0, -np.inf, 0.0], np.float32)
    assert np.array_equal(mixed(logits, np.array([0.0, 9.0, 0.0], np.float32), 0.7), logits)
    nothing = np.full(3, -np.inf, np.float32)
    assert np.array_equal(mixed(nothing, np.ones(3, np.float32), 0.7), nothing)


def test_mixing_changes_nothing_that_is_handed_in() -> None:
    logits, weights = np.zeros(4, np.float32), np.arange(4, dtype=np.float32)
    mixed(logits, weights, 0.5)
    assert not logits.any()
    assert weights.tolist() == [0, 1, 2, 3]


# The numbers that are asked for


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("temperature", (0.05, 1.0, 4.0), (0.0, 4.1, -1.0)),
        ("density", (-MAX_DENSITY, 0.0, MAX_DENSITY), (-MAX_DENSITY - 0.1, MAX_DENSITY + 0.1)),
        ("lift", (-1.0, 0.0, 1.0), (-1.01, 1.01)),
        ("follow", (0.0, 0.5, 1.0), (-0.01, 1.01)),
    ],
)
def test_numbers_have_bounds(name: str, inside: Sequence[float], outside: Sequence[float]) -> None:
    for number in inside:
        assert getattr(Taste(**{name: number}), name) == number  # type: ignore[arg-type]
    for number in (*outside, float("nan"), float("inf")):
        with pytest.raises(TasteError, match=f"{name} .*: expected"):
            Taste(**{name: number})  # type: ignore[arg-type]


# Pitches


@given(st.integers(0, 127), st.integers(0, 127), st.floats(-1, 1))
def test_the_shape_of_a_register(one: int, two: int, lift: float) -> None:
    register = Register(min(one, two), max(one, two))
    shape = pitch_shape(Taste(register, lift=lift), [])
    assert shape.shape == (register.high - register.low + 1,)
    assert shape.dtype == np.float32
    level = pitch_shape(Taste(register), [])
    # Even from both ends, and level in the middle.
    assert np.array_equal(level, level[::-1])
    for index, gain in enumerate(level):
        from_edge = min(index, len(level) - 1 - index)
        assert gain == pytest.approx(-EDGE_PULL * max(EDGE - from_edge, 0))
    assert (shape - level).sum() == pytest.approx(0.0, abs=1e-3), "as much below as above"
    rising = np.diff(shape - level)
    assert rising == pytest.approx(np.full(len(level) - 1, LIFT_PULL * lift), abs=1e-5)


@pytest.mark.parametrize(
    ("past", "loss"),
    [
        ([], 0.0),
        ([60], 0.0),
        ([60, 60], 0.0),
        ([60, 60, 60], REPEAT_LOSS),
        ([62, 60, 60, 60], REPEAT_LOSS),
        ([60, 60, 60, 60], REPEAT_LOSS),
        ([62, 61, 60, 60, 60], REPEAT_LOSS),
        ([60, 62, 60, 60], 0.0),
        ([60, 60, 60, 62], 0.0),
    ],
)
def test_a_note_is_not_struck_on_and_on(past: list[int], loss: float) -> None:
    taste = Taste(Register(48, 84))
    gain = pitch_shape(taste, past) - pitch_shape(taste, [])
    assert gain[60 - 48] == pytest.approx(-loss)
    assert np.count_nonzero(gain) == (1 if loss else 0)


def test_a_repeated_note_outside_the_register_is_nobodys_business() -> None:
    taste = Taste(Register(48, 59))
    assert np.array_equal(pitch_shape(taste, [60, 60, 60]), pitch_shape(taste, []))


def test_the_other_players_register_attracts() -> None:
    taste = Taste(Register(48, 84), follow=1.0)
    gain = towards(60.0, taste)
    assert gain.argmax() == 60 - 48
    assert gain[60 - 48] == 0.0
    for apart in (3, 7, 12):
        assert (
            gain[60 - 48 + apart]
            == gain[60 - 48 - apart]
            == pytest.approx(-apart / FOLLOWED_SPREAD)
        )
    half = towards(60.0, Taste(Register(48, 84), follow=0.5))
    assert half == pytest.approx(gain / 2)
    assert not towards(60.0, Taste(Register(48, 84), follow=0.0)).any()


@pytest.mark.parametrize(("centre", "nearest"), [(20.0, 48 + EDGE), (120.0, 84 - EDGE)])
def test_a_player_out_of_reach_is_met_at_the_nearer_end(centre: float, nearest: int) -> None:
    gain = towards(centre, Taste(Register(48, 84), follow=1.0))
    assert gain.argmax() == nearest - 48
    assert gain.max() == 0.0


@given(st.integers(0, 127), st.integers(0, 12), st.floats(0, 127))
def test_however_narrow_the_register_attraction_is_finite(
    low: int, width: int, centre: float
) -> None:
    register = Register(low, min(low + width, 127))
    gain = towards(centre, Taste(register, follow=1.0))
    assert gain.shape == (register.high - register.low + 1,)
    assert np.isfinite(gain).all()


@given(st.integers(0, 127), st.integers(0, 127), st.frozensets(st.integers(0, 11), max_size=6))
def test_a_line_opens_on_a_chord_tone_where_there_is_one(
    one: int, two: int, tones: frozenset[int]
) -> None:
    register = Register(min(one, two), max(one, two))
    odds = opening_odds(Taste(register), tones)
    pitches = range(register.low, register.high + 1)
    inside = [pitch % 12 in tones for pitch in pitches]
    assert np.isfinite(odds).any()
    assert np.isfinite(odds).tolist() == (inside if any(inside) else [True] * len(inside))
    middle = (register.low + register.high) / 2
    apart = [abs(pitch - middle) for pitch, odd in zip(pitches, odds, strict=True) if odd > -np.inf]
    assert apart[int(odds[np.isfinite(odds)].argmax())] == min(apart)


# Time


def test_density_makes_long_gaps_rare_or_frequent() -> None:
    assert not gap_shape(Taste(), 96).any()
    many, few = (gap_shape(Taste(density=density), 96) for density in (1.0, -1.0))
    assert many == pytest.approx(-few)
    assert many[0] == 0.0
    # A gap twice as long is 2 to the power of `DENSITY_PULL` less likely.
    for gap in (1, 3, 12, 48):
        ratio = np.exp(many[2 * gap - 1] - many[gap - 1])
        assert ratio == pytest.approx(2**-DENSITY_PULL, rel=1e-4)


def test_density_changes_how_many_notes_there_are_as_much_as_is_said() -> None:
    """On gaps as they are in human solos, roughly: short ones often, long ones rarely."""
    gaps = np.arange(1, 97)
    usual = np.log(0.9 ** (gaps - 1.0)).astype(np.float32)

    def notes(density: float) -> float:
        odds = probabilities(usual + gap_shape(Taste(density=density), 96))
        return 1 / float((odds * gaps).sum())

    assert 1.3 < notes(1.0) / notes(0.0) < 2.5
    assert 1.3 < notes(0.0) / notes(-1.0) < 2.5
