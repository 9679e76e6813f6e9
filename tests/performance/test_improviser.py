"""The improviser: legal values, promises kept, the net's own odds, and one solo for one seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.grammar.abstraction import kinds
from live_improv.grammar.context import Context, Past
from live_improv.grammar.realization import Register
from live_improv.grammar.values import GrammarValue, Kind, legal_after
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.model import Array, Weights, initial_state
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from live_improv.performance.improviser import (
    EDGE,
    EDGE_PULL,
    PITCH_FOCUS,
    Idea,
    Improviser,
    Moment,
    Taste,
    TasteError,
)
from live_improv.prediction import Predictor
from tests.lines import any_changes
from tests.small_nets import random_weights

NETS = [random_weights(seed, 0.7) for seed in range(4)]
UNDECIDED = random_weights(5, 0.35)
BLUES = parse("F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | D7b9 | Gm7 | C7 | F7 N.C. | Gm7 C7")


def soloist(
    taste: Taste | None = None,
    changes: Changes = BLUES,
    weights: Weights = NETS[0],
    start: int = 0,
) -> Improviser:
    """Somebody who was never taught."""
    context = Context(changes, 160.0, straight=True)
    return Improviser(weights, context, taste or Taste(), Ticks(start))


def notes(ideas: Sequence[Idea]) -> list[Note]:
    """The notes as written."""
    return [idea.written.note for idea in ideas]


registers = st.tuples(st.integers(0, 127), st.integers(0, 127)).map(
    lambda pair: Register(min(pair), max(pair))
)
tastes = st.builds(
    Taste,
    st.one_of(registers, st.just(Register(50, 84))),
    st.sampled_from([0.05, 0.7, 1.0, 4.0]),
    st.integers(0, 100),
)


@settings(max_examples=60)
@given(any_changes(), tastes, st.integers(0, 3))
def test_what_is_said_is_legal_and_is_what_is_played(
    changes: Changes, taste: Taste, net: int
) -> None:
    ideas = [soloist(taste, changes, NETS[net]).plan()]
    improviser = soloist(taste, changes, NETS[net])
    ideas = [improviser.plan() for _ in range(40)]
    played = notes(ideas)
    assert all(note.pitch in taste.register for note in played)

    # Each value may follow those before it, and has a number.
    vocabulary = Vocabulary()
    previous: GrammarValue | None = None
    last_note: GrammarValue | None = None
    for value in (value for idea in ideas for value in idea.values):
        assert legal_after(previous, last_note, value)
        assert vocabulary.decode(vocabulary.encode(value)) == value
        previous, last_note = value, (last_note if value.is_rest else value)

    # Windows and kinds hold for the pitches that are played; so promises were kept.
    first = [idea.values[0] for idea in ideas]
    for value, (before, after) in zip(first[1:], pairwise(played), strict=True):
        assert value.window is not None
        assert value.window.down <= after.pitch - before.pitch <= value.window.up
    assert [value.kind for value in first[:-1]] == list(kinds(played, changes))[:-1]

    # Lengths fill the time, and rests are half a beat or longer.
    for idea, following in pairwise(ideas):
        note, *silence = idea.values
        rest = sum(value.steps for value in silence)
        assert rest == 0 or rest >= 6
        assert idea.written.note.length == note.steps * 40
        assert idea.written.note.onset + (note.steps + rest) * 40 == following.written.note.onset


@given(any_changes(), st.integers(0, 20))
def test_what_the_feel_is_told_is_true(changes: Changes, seed: int) -> None:
    improviser = soloist(Taste(seed=seed), changes)
    ideas = [improviser.plan() for _ in range(20)]
    assert ideas[0].written.before is None
    assert ideas[0].written.starts_phrase
    for one, two in pairwise(ideas):
        assert one.written.after == two.written.note.onset
        assert two.written.before == one.written.note.onset
        assert one.written.rested == any(value.is_rest for value in one.values)
        assert two.written.starts_phrase == one.written.rested


def test_one_seed_is_one_solo() -> None:
    until = Ticks(24 * 1920)
    solos = {seed: notes(soloist(Taste(seed=seed)).extend(until)) for seed in range(8)}
    for seed, solo in solos.items():
        assert notes(soloist(Taste(seed=seed)).extend(until)) == solo
        assert all(solo != other for key, other in solos.items() if key != seed)
    # And the seed is not all: temperature, register, net and chart are others' solos too.
    others = [
        soloist(Taste(temperature=0.5)),
        soloist(Taste(Register(40, 60))),
        soloist(weights=NETS[1]),
        soloist(changes=parse("C7 | F7")),
    ]
    assert all(notes(other.extend(until)) != solos[0] for other in others)


@given(st.lists(st.integers(0, 4000), max_size=10), st.integers(0, 5))
def test_how_far_it_is_asked_to_plan_changes_nothing(asked: list[int], seed: int) -> None:
    end = Ticks(20_000)
    whole = soloist(Taste(seed=seed)).extend(end)
    improviser = soloist(Taste(seed=seed))
    parts, at = [], 0
    for ahead in asked:
        at += ahead
        found = improviser.extend(Ticks(min(at, end)))
        assert improviser.moment.tick >= min(at, end)
        parts += found
    parts += improviser.extend(end)
    assert parts == whole
    one_by_one = soloist(Taste(seed=seed))
    assert [one_by_one.plan() for _ in whole] == whole
    assert all(note.onset < end for note in notes(whole))


def test_a_moment_is_all_that_decides() -> None:
    improviser = soloist(Taste(seed=3))
    improviser.extend(Ticks(10_000))
    moment = improviser.moment
    first = improviser.extend(Ticks(30_000))
    other = soloist(Taste(seed=3), start=777 * 40)
    other.extend(Ticks(50_000))
    for again in (improviser, other):
        again.moment = moment
        assert again.extend(Ticks(30_000)) == first


def test_it_begins_where_it_is_told() -> None:
    improviser = soloist(start=4800)
    assert improviser.plan().written.note.onset == 4800
    assert improviser.moment.tick > 4800


def test_a_solo_goes_on_for_ever() -> None:
    ideas = soloist(Taste(seed=1)).extend(Ticks(100 * BLUES.length))
    for idea, following in pairwise(ideas):
        gap = (following.written.note.onset - idea.written.note.onset) // 40
        # Never silent for longer than eight beats, unless a tone has to wait for its resolution.
        assert 1 <= gap <= (192 if idea.values[0].kind is Kind.APPROACH else 96)
    assert len(ideas) > 500


def softmax(logits: Array) -> np.ndarray:
    """Probabilities."""
    odds = np.exp(logits.astype(float) - logits.max())
    return np.asarray(odds / odds.sum())


def check_odds(drawn: Sequence[int], expected: np.ndarray) -> None:
    """Draws of indices have these probabilities, by a chi-square test far from its tail."""
    counts = np.bincount(drawn, minlength=len(expected))
    assert not counts[expected == 0].any()
    often = expected * len(drawn) >= 5
    observed = np.append(counts[often], counts[~often].sum())
    wanted = np.append(expected[often], expected[~often].sum()) * len(drawn)
    kept = wanted > 0
    statistic = ((observed - wanted)[kept] ** 2 / wanted[kept]).sum()
    freedom = kept.sum() - 1
    assert often.sum() > 5
    # Five standard deviations above its mean.
    assert statistic < freedom + 5 * np.sqrt(2 * freedom), (statistic, freedom)


PASTS = {
    "after a chord tone": [(65, Kind.CHORD)],
    "after another tone": [(70, Kind.CHORD), (66, Kind.OTHER)],
    "from the top": [(84, Kind.CHORD)],
}


@pytest.mark.parametrize("temperature", [0.8, 1.5])
@pytest.mark.parametrize("name", PASTS)
def test_pitches_have_the_odds_of_the_net(name: str, temperature: float) -> None:
    """Values and windows come between, and change nothing about what is played."""
    weights, tick = UNDECIDED, Ticks(1920)
    past = Past()
    for pitch, kind in PASTS[name]:
        past = past.then(pitch, kind, 6, rested=False)
    register = Register(55, 84)
    predictor = Predictor(weights, Context(BLUES, 160.0, straight=True))
    logits, _ = predictor.step(initial_state(weights), tick, past)
    odds = predictor.pitch_logits(logits, tick, past, register)
    # Towards the outermost five semitones of the register pitches get less likely.
    from_edge = np.minimum(np.arange(30), np.arange(30)[::-1])
    falling = EDGE_PULL * np.maximum(EDGE - from_edge, 0)
    expected = softmax(odds / (temperature * PITCH_FOCUS) - falling)

    improviser = soloist(weights=weights)
    moment = Moment(tick, initial_state(weights), past)
    pitches, approaches = [], Counter[int]()
    for seed in range(2500):
        improviser.taste = Taste(register, temperature, seed)
        improviser.moment = moment
        idea = improviser.plan()
        pitches.append(idea.written.note.pitch - 55)
        approaches[pitches[-1]] += idea.values[0].kind is Kind.APPROACH
    check_odds(pitches, expected)
    # And of the tones outside the scale as many resolve as the net says.
    total = likely = variance = 0.0
    for index, count in Counter(pitches).items():
        chance = predictor.approach_chance(logits, tick, index + 55, register)
        if chance is None:
            assert approaches[index] == 0
        else:
            total += approaches[index]
            likely += count * chance
            variance += count * chance * (1 - chance)
    assert variance > 10
    assert abs(total - likely) < 5 * variance**0.5


def test_a_note_is_not_struck_on_and_on() -> None:
    def struck_again(times: int) -> float:
        past = Past()
        for _ in range(times):
            past = past.then(65, Kind.CHORD, 6, rested=False)
        moment = Moment(Ticks(1920), initial_state(UNDECIDED), past)
        found = 0
        for seed in range(3000):
            improviser = soloist(Taste(seed=seed), weights=UNDECIDED)
            improviser.moment = moment
            found += improviser.plan().written.note.pitch == 65
        return found / 3000

    # Up to two repetitions are left to the net; the third is less likely.
    assert struck_again(4) < 0.7 * struck_again(2)


def test_a_line_opens_on_a_chord_tone_near_the_middle() -> None:
    opened = []
    for seed in range(300):
        improviser = soloist(Taste(Register(50, 90), seed=seed), parse("Dm7"), UNDECIDED)
        opened.append(improviser.plan().written.note.pitch)
    assert {pitch % 12 for pitch in opened} == {2, 5, 9, 0}
    assert abs(np.mean(opened) - 70) < 1.5
    assert np.mean([abs(pitch - 70) <= 12 for pitch in opened]) > 0.9


def test_gaps_have_the_odds_of_the_net() -> None:
    weights, tick = UNDECIDED, Ticks(960)
    register = Register(65, 65)
    predictor = Predictor(weights, Context(BLUES, 160.0, straight=True))
    logits, _ = predictor.step(initial_state(weights), tick, Past())
    time = predictor.time_logits(logits, tick, Past(), 65, Kind.CHORD)
    gaps = predictor.gap_logits(time, tick, 65, Kind.CHORD, register)
    improviser = soloist(weights=weights)
    found = []
    for seed in range(2500):
        improviser.taste = Taste(register, 1.3, seed)
        improviser.moment = Moment(tick, initial_state(weights), Past())
        improviser.plan()
        found.append((improviser.moment.tick - tick) // 40 - 1)
    check_odds(found, softmax(gaps[:96] / 1.3))


def test_temperature_makes_a_line_tame_or_wild() -> None:
    def variety(temperature: float) -> int:
        improviser = soloist(Taste(temperature=temperature), weights=UNDECIDED)
        improviser.plan()  # the first note is not the net's
        start = improviser.moment
        found = set()
        for seed in range(200):
            improviser.taste = Taste(temperature=temperature, seed=seed)
            improviser.moment = start
            found.add(improviser.plan().written.note.pitch)
        return len(found)

    tame, usual, wild = (variety(temperature) for temperature in (0.05, 1.0, 4.0))
    assert tame <= 3
    assert tame < usual < wild


@pytest.mark.parametrize("pitch", [0, 1, 60, 61, 66, 126, 127])
@pytest.mark.parametrize("chart", ["C7", "N.C.", "C7 | Bbm7 Eb7alt | N.C. | F+"])
def test_a_single_key_can_be_played(pitch: int, chart: str) -> None:
    improviser = soloist(Taste(Register(pitch, pitch)), parse(chart))
    ideas = [improviser.plan() for _ in range(100)]
    assert {note.pitch for note in notes(ideas)} == {pitch}
    # Nothing can resolve where there is only one key.
    assert all(idea.values[0].kind is not Kind.APPROACH for idea in ideas)


@pytest.mark.parametrize("jump", [Register(0, 10), Register(100, 127), Register(90, 90)])
def test_a_register_may_be_moved_far_away(jump: Register) -> None:
    improviser = soloist(Taste(Register(48, 52), seed=5))
    for i in range(20):
        [improviser.plan() for _ in range(5)]
        improviser.taste = Taste((jump, Register(48, 52))[i % 2], seed=5)
        assert improviser.plan().written.note.pitch in improviser.taste.register


@pytest.mark.parametrize("temperature", [0.0, 0.049, 4.01, -1.0, float("nan"), float("inf")])
def test_a_temperature_has_bounds(temperature: float) -> None:
    with pytest.raises(TasteError, match=r"expected 0\.05 to 4"):
        Taste(temperature=temperature)
