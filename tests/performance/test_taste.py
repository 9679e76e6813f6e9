"""Taste: what is asked for gets likelier, and nothing impossible gets possible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.grammar.realization import Register
from live_improv.model import Array
from live_improv.music.chords import parse_chord
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.constraints import Constraints
from live_improv.performance.edges import Ending
from live_improv.performance.taste import (
    DENSITY_PULL,
    EDGE,
    FOLLOWED_SPREAD,
    LIFT_PULL,
    LONG,
    MAX_DENSITY,
    MIN_REST,
    OCTAVE,
    Place,
    Taste,
    TasteError,
    first_shape,
    gap_shape,
    mixed,
    opening_odds,
    pitch_shape,
    sounding_shape,
    time_shape,
    towards,
)

HELD = Constraints()
FREE = HELD.without(["all"])
CHANGES = parse("CM7 | Dm7 G7 | N.C. | CM7")


def place(beat: float, *, begins: bool = False) -> Place:
    """A place in those four bars, by its beat from 0."""
    return Place(Ticks(round(beat * 480)), CHANGES, begins)


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
        ("pace", (-MAX_DENSITY, 0.0, MAX_DENSITY), (-MAX_DENSITY - 0.1, MAX_DENSITY + 0.1)),
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
        assert gain == pytest.approx(-HELD.edges * max(EDGE - from_edge, 0))
    assert (shape - level).sum() == pytest.approx(0.0, abs=1e-3), "as much below as above"
    rising = np.diff(shape - level)
    assert rising == pytest.approx(np.full(len(level) - 1, LIFT_PULL * lift), abs=1e-5)


@pytest.mark.parametrize(
    ("past", "loss"),
    [
        ([], 0.0),
        ([60], 0.0),
        ([60, 60], 0.0),
        ([60, 60, 60], HELD.repeats),
        ([62, 60, 60, 60], HELD.repeats),
        ([60, 60, 60, 60], HELD.repeats),
        ([62, 61, 60, 60, 60], HELD.repeats),
        ([60, 62, 60, 60], 0.0),
        ([60, 60, 60, 62], 0.0),
    ],
)
def test_a_note_is_not_struck_on_and_on(past: list[int], loss: float) -> None:
    taste = Taste(Register(48, 84))
    gain = pitch_shape(taste, past) - pitch_shape(taste, [])
    assert gain[60 - 48] == pytest.approx(-loss)
    assert np.count_nonzero(gain) == (1 if loss else 0)


@pytest.mark.parametrize("apart", [0, 7, OCTAVE, OCTAVE + 1, OCTAVE + 5])
@pytest.mark.parametrize("sign", [-1, 1])
def test_inside_a_phrase_each_semitone_beyond_an_octave_costs(apart: int, sign: int) -> None:
    taste = Taste(Register(30, 100))
    pitch = 65 + sign * apart
    inside, before = (
        pitch_shape(taste, [60, 65], place(2, begins=begins))[pitch - 30]
        for begins in (False, True)
    )
    assert inside - before == pytest.approx(-HELD.leaps * max(apart - OCTAVE, 0))


def test_each_constraint_has_a_switch() -> None:
    """Without any nothing is added, whatever there is to be said against a note."""
    bare = Taste(Register(48, 84), constraints=FREE, breath=Seconds(1.0), blown=Seconds(9.0))
    assert not pitch_shape(bare, [50, 50, 50], place(2)).any()
    assert not time_shape(bare, np.zeros(96, np.float32), place(2), 65).any()
    assert not sounding_shape(bare, 49, 48, place(0), 65).any()
    assert bare.pitch_temperature == bare.temperature


@pytest.mark.parametrize("name", ["repeats", "leaps", "edges", "harmony"])
def test_a_constraint_on_pitch_is_what_its_switch_takes_away(name: str) -> None:
    """They add up, and each is there for something in this line."""
    register, past, where = Register(48, 84), [60, 60, 60], place(1)
    whole = pitch_shape(Taste(register), past, where)
    others = pitch_shape(Taste(register, constraints=HELD.without([name])), past, where)
    alone = FREE.without([])
    object.__setattr__(alone, name, getattr(HELD, name))
    just = pitch_shape(Taste(register, constraints=alone), past, where)
    assert just.any()
    assert whole - others == pytest.approx(just, abs=1e-6)


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


@given(st.integers(0, 100), st.integers(0, 27), st.sampled_from(["CM7", "Dm7", "G7", "N.C."]))
def test_a_first_note_may_be_anything_and_is_likelier_a_chord_tone(
    low: int, width: int, symbol: str
) -> None:
    register, chord = Register(low, low + width), parse_chord(symbol)
    taste = Taste(register)
    odds = first_shape(taste, chord)
    assert odds.shape == (width + 1,)
    assert np.isfinite(odds).all()
    if chord.root is not None and width >= 12:
        inside = [pitch % 12 in chord.chord_tones for pitch in range(low, low + width + 1)]
        share = probabilities(odds)[inside].sum()
        assert share > np.mean(inside)
    plain = Taste(register, constraints=HELD.without(["opening"]))
    assert np.array_equal(first_shape(plain, chord), opening_odds(plain, chord.chord_tones))


# Time


@given(
    st.floats(-MAX_DENSITY, MAX_DENSITY),
    st.lists(st.floats(-9, 9, width=32), min_size=96, max_size=96),
)
def test_pace_is_density_inside_phrases(pace: float, said: list[float]) -> None:
    """Gaps of more than a beat keep their odds, each of them; shorter ones are told apart."""
    logits = np.array(said, np.float32)
    gain = time_shape(Taste(pace=pace), logits, place(2), 64)
    before, after = probabilities(logits), probabilities(logits + gain)
    assert after[12:] == pytest.approx(before[12:], rel=1e-3, abs=1e-6)
    assert gain[:12] == pytest.approx(gap_shape(Taste(density=pace), 12))


def test_out_of_breath_a_rest_gets_likelier_and_nothing_else_changes() -> None:
    calm, tired = (Taste(breath=Seconds(6.0), blown=Seconds(seconds)) for seconds in (1.0, 12.0))
    logits = np.zeros(96, np.float32)
    before, after = (time_shape(taste, logits, place(2), 64) for taste in (calm, tired))
    assert not before.any()
    assert (after[:MIN_REST] < 0).all()
    assert not after[MIN_REST:].any()
    sounding = sounding_shape(tired, 49, 24, place(0), 64)
    assert sounding[0] == after[0]
    assert not sounding[1:25].any()
    assert not sounding_shape(tired, 49, MIN_REST, place(0), 64).any(), "too short for a rest"
    assert not time_shape(Taste(blown=Seconds(60.0)), logits, place(2), 64).any(), "no lungs"


@pytest.mark.parametrize(
    ("beat", "pitch", "clash"),
    [
        (0, 64, 48),  # the third of CM7, and a colour of Dm7
        (0, 65, 0),  # the fourth of CM7
        (0, 61, 0),
        (2, 60, 48),  # a chord tone, and none over G7, which comes four beats on
        (3, 60, 36),
        (4, 60, 24),
        (8, 61, 48),  # over no chord nothing clashes
        (10, 61, 24),
    ],
)
def test_a_long_note_is_kept_from_clashing(beat: int, pitch: int, clash: int) -> None:
    """What sounds a beat and a half or more, from where it clashes on, by the loss of the row."""
    gap = 48
    gain = sounding_shape(Taste(), 49, gap, place(beat), pitch)
    lengths = np.array([gap, *range(1, 49)])
    expected = -HELD.clashes * ((lengths >= LONG) & (lengths > clash))
    assert gain == pytest.approx(expected)


def test_an_end_is_asked_for_where_there_is_one() -> None:
    ending = Ending(Ticks(4 * 1920), Ticks(3 * 1920), 69.5)
    logits = np.zeros(96, np.float32)
    ended = time_shape(Taste(ending=ending), logits, place(12), 60)
    asked = ending.gap_gain(logits, Ticks(12 * 480), 60, CHANGES)
    assert asked is not None
    assert np.array_equal(ended, asked)
    pitches = np.arange(55, 85)
    gain = pitch_shape(Taste(ending=ending), [64], place(12, begins=True))
    level = pitch_shape(Taste(), [64], place(12, begins=True))
    assert gain - level == pytest.approx(
        ending.pitch_gain(pitches, Ticks(12 * 480), CHANGES), abs=1e-5
    )


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
