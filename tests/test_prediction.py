"""What the net predicts: probabilities that add up to one, with every promise kept."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.grammar import context as ctx
from live_improv.grammar.context import Context, Past
from live_improv.grammar.habits import PITCH_TABLES, TABLES, pitch_situations
from live_improv.grammar.realization import Register
from live_improv.grammar.recall import History
from live_improv.grammar.values import NOTE_KINDS, Kind
from live_improv.model import Array, Habit, PitchLogits, TimeLogits, initial_state
from live_improv.music.changes import Changes
from live_improv.music.timing import Ticks
from live_improv.prediction import Predictor, gap_log_probability, log_probability
from tests.lines import any_changes
from tests.small_nets import random_weights

NETS = [random_weights(seed, 0.7, recalls=True) for seed in range(4)]
ALL = Register()


def predictor(changes: Changes, seed: int = 0) -> Predictor:
    """A net that nobody taught, over these changes."""
    return Predictor(NETS[seed], Context(changes, 140.0, straight=False))


def after(*notes: tuple[int, Kind], gap: int = 6) -> Past:
    """The past after these notes, one every `gap` grid steps."""
    past = Past()
    for pitch, kind in notes:
        past = past.then(pitch, kind, gap, rested=False)
    return past


def probabilities(logits: Array) -> np.ndarray:
    """The probability of every entry."""
    return np.exp([log_probability(logits, i) for i in range(len(logits))])


def moment(over: Predictor, step: int, past: Past) -> PitchLogits:
    """What the net thinks at a grid step."""
    return over.step(initial_state(over.weights), Ticks(step * 40), past)[0]


pasts = st.lists(
    st.tuples(st.integers(30, 100), st.sampled_from(NOTE_KINDS)), min_size=1, max_size=4
)
registers = st.tuples(st.integers(0, 127), st.integers(0, 127)).map(
    lambda pair: Register(min(pair), max(pair))
)


@settings(max_examples=50)
@given(any_changes(), st.integers(0, 300), pasts, registers, st.integers(0, 3))
def test_all_pitches_add_up_to_one_and_keep_the_promise(
    changes: Changes,
    step: int,
    notes: list[tuple[int, Kind]],
    register: Register,
    seed: int,
) -> None:
    over = predictor(changes, seed)
    past = after(*notes)
    tick = Ticks(step * 40)
    logits = over.pitch_logits(moment(over, step, past), tick, past, register)
    assert logits.shape == (register.high - register.low + 1,)
    last, kind = notes[-1]
    chord = changes.chord_at(tick)
    before = changes.chord_at(Ticks(tick - 240))
    outside = before.root is not None and last % 12 not in before.scale
    allowed = []
    for pitch in range(register.low, register.high + 1):
        resolves = abs(pitch - last) == 1 and pitch % 12 in chord.chord_tones
        kept = (
            resolves if kind is Kind.APPROACH else not (kind is Kind.OTHER and outside & resolves)
        )
        allowed.append(abs(pitch - last) <= 36 and kept)
    found = probabilities(logits)
    assert (found > 0).tolist() == allowed
    assert found.sum() == pytest.approx(1.0 if any(allowed) else 0.0)


def test_the_first_pitch_may_be_anywhere() -> None:
    over = predictor(parse("C7"))
    logits = over.pitch_logits(moment(over, 0, Past()), Ticks(0), Past(), ALL)
    assert (probabilities(logits) > 0).all()
    assert probabilities(logits).sum() == pytest.approx(1.0)


def test_the_pitch_is_the_sum_of_its_experts() -> None:
    # A bar of C7 before F7, after a G; degrees are counted from C and from F.
    over = predictor(parse("C7 | F7"))
    past = after((67, Kind.CHORD))
    says = moment(over, 12, past)
    logits = over.pitch_logits(says, Ticks(480), past, ALL)
    for pitch in range(67 - 36, 67 + 37):
        expected = (
            says.interval[pitch - 67 + 36]
            + says.degree[pitch % 12]
            + says.next_degree[(pitch - 5) % 12]
            + says.register[min(max(pitch, 36), 99) - 36]
        )
        assert logits[pitch] == pytest.approx(expected, abs=1e-5)


@settings(max_examples=30)
@given(any_changes(), st.integers(0, 300), st.integers(30, 100), st.integers(0, 3))
def test_pitches_and_kinds_add_up_to_one(changes: Changes, step: int, last: int, seed: int) -> None:
    over = predictor(changes, seed)
    past = after((last, Kind.CHORD))
    tick = Ticks(step * 40)
    says = moment(over, step, past)
    found = probabilities(over.pitch_logits(says, tick, past, ALL))
    chord = changes.chord_at(tick)
    total = 0.0
    for pitch in range(128):
        resolves = over.approach_chance(says, tick, pitch, ALL)
        settled = chord.root is None or pitch % 12 in chord.scale
        assert (resolves is None) == settled
        chances = [1.0] if resolves is None else [resolves, 1.0 - resolves]
        assert all(0.0 <= chance <= 1.0 for chance in chances)
        total += found[pitch] * sum(chances)
    assert total == pytest.approx(1.0)


def test_the_chance_to_resolve_is_that_of_the_degree() -> None:
    over = predictor(parse("Eb7"))
    says = moment(over, 0, Past())
    # E natural, the flat ninth, leads down to Eb.
    chance = over.approach_chance(says, Ticks(0), 64, ALL)
    assert chance == pytest.approx(1 / (1 + math.exp(-says.approach[1])))


def test_what_cannot_resolve_in_the_register_will_not() -> None:
    over = predictor(parse("C7"))
    says = moment(over, 0, Past())
    assert over.approach_chance(says, Ticks(0), 61, Register(61, 80)) == 0.0
    assert over.approach_chance(says, Ticks(0), 61, Register(60, 80)) != 0.0
    assert over.approach_chance(says, Ticks(0), 60, Register(60, 80)) is None
    # Nor where no chord comes: Eb over C7 and then four choruses of bars without one.
    alone = predictor(parse("C7 |" + "N.C. |" * 9))
    last_step = Ticks(47 * 40)
    assert alone.approach_chance(moment(alone, 47, Past()), last_step, 63, ALL) == 0.0


@settings(max_examples=40)
@given(
    any_changes(),
    st.integers(0, 300),
    st.integers(30, 100),
    st.sampled_from([Kind.APPROACH, Kind.OTHER, Kind.CHORD]),
    registers,
    st.integers(0, 3),
)
def test_all_gaps_add_up_to_one_and_keep_the_promise(
    changes: Changes, step: int, pitch: int, kind: Kind, register: Register, seed: int
) -> None:
    over = predictor(changes, seed)
    tick = Ticks(step * 40)
    says = moment(over, step, Past())
    time = over.time_logits(says, tick, Past(), pitch, kind)
    logits = over.gap_logits(time, tick, Past(), pitch, kind, register)
    assert logits.shape == (193,)
    found = [math.exp(gap_log_probability(logits, gap)) for gap in range(1, 4000)]
    assert sum(found) == pytest.approx(1.0, abs=1e-6)
    for gap, probability in enumerate(found[:192], 1):
        chord = changes.chord_at(Ticks(tick + gap * 40))
        into = [p for p in (pitch - 1, pitch + 1) if p in register]
        resolves = any(p % 12 in chord.chord_tones for p in into)
        assert (probability > 0) == (resolves or kind is not Kind.APPROACH)


def test_beyond_the_longest_gap_probabilities_fall_off_slowly() -> None:
    logits = np.zeros(193, np.float32)
    found = [math.exp(gap_log_probability(logits, gap)) for gap in range(193, 400)]
    assert found[0] == pytest.approx(1 / 193 / 96)
    assert all(b / a == pytest.approx(95 / 96) for a, b in pairwise(found))


@pytest.mark.parametrize("meter", ["4/4", "3/4", "5/4", "7/8"])
def test_the_gap_is_the_sum_of_its_length_and_its_place(meter: str) -> None:
    changes = parse(f"time: {meter}\nC7 | F7 | Dm7 G7")
    over = predictor(changes)
    for step in (0, 5, 30, 61, 500):
        tick = Ticks(step * 40)
        time = over.time_logits(moment(over, step, Past()), tick, Past(), 60, Kind.CHORD)
        logits = over.gap_logits(time, tick, Past(), 60, Kind.CHORD, ALL)
        for gap in range(1, 193):
            place = over.context.place_at(Ticks(tick + gap * 40))
            expected = time.gap[ctx.gap_bin(gap)] + time.place[place]
            assert logits[gap - 1] == pytest.approx(expected, abs=1e-5)
        assert logits[-1] == time.gap[-1]


@settings(max_examples=40)
@given(
    any_changes(),
    st.integers(-100, 3000),
    st.integers(1, 400),
    st.integers(0, 300),
    st.integers(0, 3),
)
def test_a_line_is_taken_up_as_a_gap_would_lead_there(
    changes: Changes, step: int, first: int, more: int, seed: int
) -> None:
    """Up to the longest gap as `gap_logits` has it; beyond, by the place alone."""
    over = predictor(changes, seed)
    tick = Ticks(step * 40)
    says = moment(over, step, after((60, Kind.CHORD)))
    time = over.time_logits(says, tick, after((60, Kind.CHORD)), 62, Kind.COLOUR)
    past = after((60, Kind.CHORD))
    found = over.entry_logits(time, tick, past, first, first + more)
    assert found.shape == (more + 1,)
    gaps = over.gap_logits(time, tick, past, 62, Kind.COLOUR, ALL)
    for gap, logit in enumerate(found, first):
        if gap <= 192:
            assert logit == pytest.approx(gaps[gap - 1], abs=1e-5)
        else:
            place = over.context.place_at(Ticks(tick + gap * 40))
            assert logit == pytest.approx(time.gap[-1] + time.place[place], abs=1e-5)


@given(any_changes())
def test_what_can_resolve_depends_on_the_chord_at_each_step(changes: Changes) -> None:
    over = predictor(changes)
    for step in range(0, over.context.steps, 7):
        found = over.resolving_gaps(Ticks(step * 40), 61, ALL)
        expected = [
            bool({0, 2} & changes.chord_at(Ticks((step + gap) * 40)).chord_tones)
            for gap in range(1, 193)
        ]
        assert found.tolist() == expected


def test_the_time_depends_on_the_chosen_pitch_and_kind() -> None:
    over = predictor(parse("C7"))
    past = after((60, Kind.CHORD))
    says = moment(over, 0, past)
    found = [
        over.time_logits(says, Ticks(0), past, pitch, kind).gap
        for pitch, kind in (
            (62, Kind.COLOUR),
            (64, Kind.CHORD),
            (61, Kind.APPROACH),
            (61, Kind.OTHER),
        )
    ]
    for i, one in enumerate(found):
        assert all(np.abs(one - other).max() > 1e-3 for other in found[:i])


@pytest.mark.parametrize("gap", [1, 5, 6, 7, 8, 12, 48, 54, 55, 100, 192])
def test_a_rest_is_half_a_beat_or_longer(gap: int) -> None:
    over = predictor(parse("C7"))
    time = TimeLogits(*(np.zeros(size, np.float32) for size in (57, 48, 1, 4)))
    logits = over.sounding_logits(time, gap)
    found = probabilities(logits)
    possible = [n for n in range(49) if found[n] > 0]
    # All of the gap, or so many steps that half a beat at least is left.
    assert possible == [0, *range(1, min(gap - 6, 48) + 1)]
    assert found.sum() == pytest.approx(1.0)


def test_probabilities_of_extreme_logits() -> None:
    high = np.array([1e4, 1e4, -1e4, -np.inf], np.float32)
    assert log_probability(high, 0) == pytest.approx(-math.log(2))
    assert log_probability(high, 2) == pytest.approx(-2e4 - math.log(2))
    assert log_probability(high, 3) == -math.inf
    nothing = np.full(3, -np.inf, np.float32)
    assert log_probability(nothing, 0) == -math.inf
    assert gap_log_probability(np.full(193, -np.inf, np.float32), 500) == -math.inf


def test_what_the_line_did_before_is_added_as_far_as_the_net_heeds_it() -> None:
    over = predictor(parse("C | F | G7 | C"))
    figure = [(60, Kind.CHORD), (62, Kind.SCALE), (64, Kind.CHORD), (67, Kind.CHORD)]
    past = after(*figure, *figure[:3])
    tick = Ticks(7 * 6 * 40)
    says = moment(over, 42, past)
    blank = replace(past, history=History())
    reach = slice(28, 101)  # three octaves around the last note, 64
    added = (
        (over.pitch_logits(says, tick, past, ALL)[reach])
        - (over.pitch_logits(says, tick, blank, ALL)[reach])
    )
    # By pitch 60, 62 and 64 agree and what went before does not; by moves 2 and 2 agree.
    expected = float(says.recall @ [math.log1p(100.0), math.log1p(1.0)])
    assert added[67 - 28] == pytest.approx(expected, abs=1e-4)
    assert np.delete(added, 67 - 28) == pytest.approx(0.0, abs=1e-5)

    time = over.time_logits(says, tick, past, 67, Kind.CHORD)
    gaps = over.gap_logits(time, tick, past, 67, Kind.CHORD, ALL)
    without = over.gap_logits(time, tick, blank, 67, Kind.CHORD, ALL)
    # Every gap was half a beat.
    assert np.flatnonzero(np.abs(gaps - without) > 1e-6).tolist() == [5]


def test_habits_are_added_where_they_were_heard() -> None:
    over = predictor(parse("C | F | G7 | C"))
    past = after((60, Kind.CHORD), (64, Kind.CHORD), (67, Kind.CHORD))
    tick = Ticks(3 * 6 * 40)
    none = Habit({}, np.empty(0, np.intp), np.empty(0, np.float32))

    def told(table: int, situation: int, outcome: int) -> Predictor:
        found = [none] * len(TABLES)
        entry = np.array([outcome], np.intp), np.array([0.75], np.float32)
        found[table] = Habit({situation: slice(0, 1)}, *entry)
        return Predictor(replace(over.weights, habits=tuple(found)), over.context)

    says = moment(over, 18, past)
    without = over.pitch_logits(says, tick, past, ALL)
    # After the note 67, a rising fourth: 72.
    situation = pitch_situations(over.context, tick, past)[4]
    known = told(4, situation, 72 - ctx.LOWEST).pitch_logits(says, tick, past, ALL)
    reach = slice(67 - 36, 67 + 37)
    added = np.zeros(73)
    added[36 + 5] = 0.75
    assert known[reach] - without[reach] == pytest.approx(added, abs=1e-5)
    narrow = Register(65, 75)
    assert np.array_equal(
        told(4, situation, 72 - ctx.LOWEST).pitch_logits(says, tick, past, narrow),
        known[65:76],
    )

    time = over.time_logits(says, tick, past, 72, Kind.CHORD)
    eighth = told(len(PITCH_TABLES), 0, 5)
    gaps, before = (
        each.gap_logits(time, tick, past, 72, Kind.CHORD, ALL) for each in (eighth, over)
    )
    assert np.flatnonzero(gaps - before).tolist() == [5]
    entry, free = (each.entry_logits(time, tick, past, 4, 8) for each in (eighth, over))
    assert entry - free == pytest.approx(np.array([0, 0, 0.75, 0, 0]), abs=1e-5)


def test_habits_of_nothing_change_nothing() -> None:
    over = predictor(parse("C | F | G7 | C"))
    none = (Habit({}, np.empty(0, np.intp), np.empty(0, np.float32)),) * len(TABLES)
    other = Predictor(replace(over.weights, habits=none), over.context)
    for past in (Past(), after((60, Kind.CHORD), (64, Kind.CHORD))):
        says = moment(over, 18, past)
        tick = Ticks(18 * 40)
        one, same = (each.pitch_logits(says, tick, past, ALL) for each in (over, other))
        assert np.array_equal(one, same)
        time = over.time_logits(says, tick, past, 64, Kind.CHORD)
        one, same = (
            each.gap_logits(time, tick, past, 64, Kind.CHORD, ALL) for each in (over, other)
        )
        assert np.array_equal(one, same)
