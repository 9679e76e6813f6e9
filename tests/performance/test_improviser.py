"""The improviser: legal values, promises kept, the net's own odds, and one solo for one seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from live_improv.charts.text import parse
from live_improv.grammar.abstraction import kinds
from live_improv.grammar.context import Context, Past
from live_improv.grammar.realization import Register
from live_improv.grammar.values import GrammarValue, Kind, legal_after, settled_kind
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.model import State, Weights, initial_state, step
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from live_improv.performance.constraints import Constraints
from live_improv.performance.improviser import Idea, Improviser
from live_improv.performance.line import KEPT, Moment
from live_improv.performance.taste import (
    DENSITY_PULL,
    EDGE,
    FOLLOWED_SPREAD,
    Taste,
    TasteError,
)
from live_improv.prediction import Predictor
from tests.lines import any_changes, lines
from tests.small_nets import random_weights, zero_weights

NETS = [random_weights(seed, 0.7) for seed in range(4)]
UNDECIDED = random_weights(5, 0.35)
BLUES = parse("F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | D7b9 | Gm7 | C7 | F7 N.C. | Gm7 C7")


HELD = Constraints().without(["leaps", "opening"])
COLDER = 1.0 / (1.0 + HELD.focus)


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


def softmax(logits: np.ndarray) -> np.ndarray:
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
    falling = HELD.edges * np.maximum(EDGE - from_edge, 0)
    expected = softmax(odds / (temperature * COLDER) - falling)

    improviser = soloist(weights=weights)
    moment = Moment(tick, initial_state(weights), past)
    pitches, approaches = [], Counter[int]()
    for seed in range(2500):
        improviser.taste = Taste(register, temperature, seed, constraints=HELD)
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


@pytest.mark.parametrize("longest", [1, 6, 24, 96, 192])
def test_the_next_note_comes_within_what_is_asked_for(longest: int) -> None:
    """Unless a tone has to wait for its resolution."""
    improviser, found = soloist(Taste(seed=1, density=-2.0), weights=UNDECIDED), []
    for _ in range(300):
        before = improviser.moment.tick
        idea = improviser.plan(longest)
        gap = (improviser.moment.tick - before) // 40
        if idea.values[0].kind is Kind.APPROACH:
            assert gap <= 192
        else:
            assert gap <= longest
            found.append(gap)
    assert len(found) > 100
    assert max(found) > 0.7 * longest


def test_a_note_is_not_struck_on_and_on() -> None:
    def struck_again(times: int) -> float:
        past = Past()
        for _ in range(times):
            past = past.then(65, Kind.CHORD, 6, rested=False)
        moment = Moment(Ticks(1920), initial_state(zero_weights()), past)
        found, improviser = 0, soloist(weights=zero_weights())
        for seed in range(2500):
            improviser.taste = Taste(seed=seed)
            improviser.moment = moment
            found += improviser.plan().written.note.pitch == 65
        return found / 2500

    # Up to two repetitions are left to the net; the third is less likely.
    assert struck_again(4) < 0.7 * struck_again(2)


def test_a_line_opens_on_a_chord_tone_near_the_middle() -> None:
    opened = []
    for seed in range(300):
        improviser = soloist(
            Taste(Register(50, 90), seed=seed, constraints=HELD), parse("Dm7"), UNDECIDED
        )
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
    gaps = predictor.gap_logits(time, tick, Past(), 65, Kind.CHORD, register)
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


# Hearing another player


def hears(improviser: Improviser, line: Sequence[Note]) -> None:
    """Somebody else's line."""
    for note in line:
        improviser.hear(note.pitch, note.onset)
        improviser.released(note.end)


def evaluated(weights: Weights, changes: Changes, line: Sequence[Note]) -> tuple[State, Past]:
    """The state after a line and the past before its last note, as training and evaluation do."""
    context = Context(changes, 160.0, straight=True)
    state, past = initial_state(weights), Past()
    before = past
    for i, (note, kind) in enumerate(zip(line, kinds(line, changes), strict=True)):
        before = past
        _, state = step(weights, state, context.rows(note.onset, past))
        if i + 1 < len(line):
            gap = line[i + 1].onset - note.onset
            past = past.then(note.pitch, kind, gap // 40, rested=gap - note.length >= 240)
    return state, before


def same_state(one: State, two: State) -> bool:
    """Bit for bit."""
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@settings(max_examples=60)
@given(any_changes(), lines(), st.integers(0, 3), st.integers(1, 200))
def test_the_net_hears_a_line_as_it_learned_lines(
    changes: Changes, line: tuple[Note, ...], net: int, wait: int
) -> None:
    improviser = soloist(changes=changes, weights=NETS[net])
    hears(improviser, line)
    last = line[-1]
    entry = Ticks(last.onset + wait * 40)
    improviser.enter(entry, entry)
    state, past = evaluated(NETS[net], changes, line)
    moment = improviser.moment
    assert moment.tick == entry
    assert same_state(moment.state, state)
    # The last note's kind, if only the next note can tell it, is one of two.
    settled = settled_kind(last.pitch, changes.chord_at(last.onset))
    rested = wait * 40 - last.length >= 240
    expected = [
        past.then(last.pitch, kind, wait, rested=rested)
        for kind in ([Kind.APPROACH, Kind.OTHER] if settled is None else [settled])
    ]
    assert moment.past in expected


@settings(max_examples=40)
@given(any_changes(), tastes, st.integers(0, 3), st.integers(2, 30))
def test_what_is_heard_is_as_if_it_had_been_played(
    changes: Changes, taste: Taste, net: int, count: int
) -> None:
    player = soloist(taste, changes, NETS[net])
    played = notes([player.plan() for _ in range(count)])
    listener = soloist(taste, changes, NETS[net])
    hears(listener, played)
    listener.enter(player.moment.tick, player.moment.tick)
    assert listener.moment.tick == player.moment.tick
    assert same_state(listener.moment.state, player.moment.state)
    assert replace(listener.moment.past, kind=player.moment.past.kind) == player.moment.past
    if settled_kind(played[-1].pitch, changes.chord_at(played[-1].onset)) is not None:
        assert listener.moment.past == player.moment.past
        until = Ticks(player.moment.tick + 4800)
        assert listener.extend(until) == player.extend(until)


@settings(max_examples=40)
@given(any_changes(), lines(most=10), st.lists(st.integers(0, 4), min_size=10, max_size=10))
def test_what_was_planned_and_not_played_leaves_no_trace(
    changes: Changes, line: tuple[Note, ...], planned: list[int]
) -> None:
    """Between the player's notes it may think of coming in; the next note ends that."""
    heard, tempted = soloist(changes=changes), soloist(changes=changes)
    hears(heard, line)
    for note, following, count in zip(line, [*line[1:], None], planned, strict=False):
        hears(tempted, [note])
        if following is not None and count:
            tempted.enter(following.onset, Ticks(following.onset + 960))
            for _ in range(count):
                tempted.plan()
    entry = Ticks(line[-1].onset + 480)
    for improviser in (heard, tempted):
        improviser.enter(entry, Ticks(entry + 960))
    assert tempted.moment.tick == heard.moment.tick
    assert tempted.moment.past == heard.moment.past
    assert same_state(tempted.moment.state, heard.moment.state)
    assert tempted.extend(Ticks(entry + 5000)) == heard.extend(Ticks(entry + 5000))


@pytest.mark.parametrize(("into", "kind"), [(65, Kind.APPROACH), (64, Kind.OTHER)])
def test_what_the_next_note_tells_is_put_right(into: int, kind: Kind) -> None:
    """F sharp over F7 is an approach tone if F follows, and another tone if E flat does."""
    kept = set()
    for seed in range(20):
        improviser = soloist(Taste(seed=seed), weights=UNDECIDED)
        improviser.hear(66, Ticks(0))
        improviser.enter(Ticks(240), Ticks(240))
        kept.add(improviser.moment.past.kind)  # by chance, so far
        improviser.hear(into, Ticks(240))
        improviser.enter(Ticks(480), Ticks(480))
        rows = improviser.context.rows
        _, state = step(UNDECIDED, initial_state(UNDECIDED), rows(Ticks(0), Past()))
        past = Past().then(66, kind, 6, rested=False)
        _, state = step(UNDECIDED, state, rows(Ticks(240), past))
        assert same_state(improviser.moment.state, state)
    assert kept == {Kind.APPROACH, Kind.OTHER}


def test_a_planned_approach_that_is_cut_short_is_put_right_too() -> None:
    """What it chose as an approach tone turns out to be none where the player goes elsewhere."""
    found = 0
    for seed in range(200):
        improviser = soloist(Taste(seed=seed), weights=UNDECIDED)
        first, second = improviser.plan(), improviser.plan()
        note = second.written.note
        if second.values[0].kind is not Kind.APPROACH:
            continue
        found += 1
        onset = Ticks(note.onset + 120)
        improviser.hear(note.pitch + 5, onset)
        line = [first.written.note, note, Note(onset, Ticks(120), note.pitch + 5)]
        improviser.enter(Ticks(onset + 480), Ticks(onset + 480))
        state, _ = evaluated(UNDECIDED, BLUES, line)
        assert same_state(improviser.moment.state, state)
    assert found > 5


def test_a_planned_approach_that_cannot_resolve_where_the_line_goes_on_is_none() -> None:
    """The line was to resolve at once, and is then taken up later, over no chord."""
    found = 0
    for seed in range(300):
        improviser = soloist(Taste(seed=seed), weights=UNDECIDED)
        improviser.plan()
        second = improviser.plan()
        if second.values[0].kind is not Kind.APPROACH:
            continue
        found += 1
        entry = Ticks(10 * 1920 + 960)
        assert not BLUES.chord_at(entry).chord_tones
        improviser.enter(entry, entry)
        assert improviser.moment.past.kind is Kind.OTHER
    assert found > 5


def test_a_note_keeps_the_kind_it_had_when_it_sounded() -> None:
    """Live chords: what was a chord tone then is none now, and was one all the same."""
    one = soloist(changes=parse("C7 | C7"), weights=UNDECIDED)
    one.hear(60, Ticks(0))
    one.context = one.context.over(parse("Gb7 | Gb7"))
    one.hear(61, Ticks(480))
    one.enter(Ticks(960), Ticks(960))
    rows = Context(parse("C7 | C7"), 160.0, straight=True).rows(Ticks(0), Past())
    _, state = step(UNDECIDED, initial_state(UNDECIDED), rows)
    past = Past().then(60, Kind.CHORD, 12, rested=False)
    rows = Context(parse("Gb7 | Gb7"), 160.0, straight=True).rows(Ticks(480), past)
    _, state = step(UNDECIDED, state, rows)
    assert same_state(one.moment.state, state)


def test_keys_struck_together_are_one_note() -> None:
    one, whole = soloist(), soloist()
    hears(one, [Note(Ticks(0), Ticks(240), 65), Note(Ticks(240), Ticks(240), 60)])
    hears(one, [Note(Ticks(240), Ticks(240), 69)])
    hears(whole, [Note(Ticks(0), Ticks(240), 65), Note(Ticks(240), Ticks(240), 69)])
    for improviser in (one, whole):
        improviser.enter(Ticks(480), Ticks(480))
    assert one.moment.past == whole.moment.past
    assert same_state(one.moment.state, whole.moment.state)


def test_the_end_of_a_heard_note_decides_whether_a_rest_follows() -> None:
    for end, rested in ((Ticks(240), True), (Ticks(241), False), (None, False)):
        improviser = soloist()
        improviser.hear(65, Ticks(0))
        if end is not None:
            improviser.released(end)
        improviser.enter(Ticks(480), Ticks(480))
        assert improviser.moment.past.rested is rested
        assert improviser.moment.past.phrase == (0 if rested else 1)


def test_an_end_belongs_to_a_note_that_was_heard() -> None:
    improviser = soloist()
    improviser.released(Ticks(100))  # nothing was heard
    improviser.hear(60, Ticks(120))
    improviser.take_back(Ticks(112))  # and now it was not
    improviser.released(Ticks(200))
    assert improviser.plan().written.note.onset == 120
    # A note of its own ends where it was planned to.
    one, two = soloist(Taste(seed=4)), soloist(Taste(seed=4))
    for other in (one, two):
        other.extend(Ticks(4000))
        if other is two:
            other.released(Ticks(1))
        other.enter(Ticks(8000), Ticks(8000))
    assert one.moment.past == two.moment.past


# Taking back


@settings(max_examples=40)
@given(any_changes(), tastes, st.integers(0, 40), st.integers(-500, 12_000))
def test_what_is_taken_back_was_never_there(
    changes: Changes, taste: Taste, count: int, tick: int
) -> None:
    improviser = soloist(taste, changes)
    moments, ideas = [improviser.moment], []
    for _ in range(count):
        ideas.append(improviser.plan())
        moments.append(improviser.moment)
    improviser.take_back(Ticks(tick))
    left = sum(idea.written.note.onset < tick for idea in ideas)
    moment = improviser.moment
    assert (moment.tick, moment.past) == (moments[left].tick, moments[left].past)
    assert same_state(moment.state, moments[left].state)
    assert [improviser.plan() for _ in ideas[left:]] == ideas[left:]


def test_the_last_notes_can_be_taken_back_and_the_older_ones_stay() -> None:
    improviser = soloist()
    ideas = [improviser.plan() for _ in range(KEPT + 10)]
    improviser.take_back(Ticks(-1))
    assert improviser.moment.tick == ideas[10].written.note.onset
    assert improviser.plan() == ideas[10]


# Coming in


def coming_in(seed: int, density: float = 0.0) -> Improviser:
    """Somebody who has heard two notes, the second from beat 2 to beat 4."""
    improviser = soloist(Taste(seed=seed, density=density), weights=UNDECIDED)
    hears(improviser, [Note(Ticks(0), Ticks(240), 65), Note(Ticks(480), Ticks(960), 69)])
    return improviser


@pytest.mark.parametrize(("temperature", "density"), [(1.4, 0.0), (3.0, 2.0)])
def test_it_comes_in_with_the_odds_of_the_net(temperature: float, density: float) -> None:
    """Where the gap since the player's last note is as likely as the net has it."""
    context = Context(BLUES, 160.0, straight=True)
    predictor = Predictor(UNDECIDED, context)
    past = Past().then(65, Kind.CHORD, 12, rested=True)
    _, state = predictor.step(initial_state(UNDECIDED), Ticks(0), Past())
    logits, _ = predictor.step(state, Ticks(480), past)
    time = predictor.time_logits(logits, Ticks(480), past, 69, Kind.CHORD)
    gaps = predictor.gap_logits(time, Ticks(480), past, 69, Kind.CHORD, Register())
    # From beat 4 to beat 3 of the next bar: 24 to 72 steps after the last note.
    odds = gaps[23:72] / temperature - DENSITY_PULL * density * np.log(np.arange(24, 73))
    improviser, entries, rested = coming_in(0), [], set()
    for seed in range(2500):
        improviser.taste = Taste(temperature=temperature, seed=seed, density=density)
        improviser.enter(Ticks(1440), Ticks(3360))
        entries.append((improviser.moment.tick - 1440) // 40)
        rested.add(improviser.moment.past.rested)
    check_odds(entries, softmax(odds))
    assert rested == {False, True}


@given(st.integers(31, 600), st.integers(0, 300), st.integers(0, 50), st.floats(-2, 2))
def test_it_comes_in_between_its_bounds(first: int, more: int, seed: int, density: float) -> None:
    improviser = coming_in(seed, density=density)
    improviser.enter(Ticks(first * 40), Ticks((first + more) * 40))
    moment = improviser.moment
    assert moment.tick % 40 == 0
    assert first * 40 <= moment.tick <= (first + more) * 40
    assert moment.past.gaps == (12, moment.tick // 40 - 12)
    idea = improviser.plan()
    assert idea.written.note.onset == moment.tick
    assert idea.written.before == 480


def test_before_anything_was_played_it_comes_in_at_once() -> None:
    improviser = soloist()
    improviser.enter(Ticks(4800), Ticks(9600))
    assert improviser.moment.tick == 4800
    assert improviser.plan().written.starts_phrase


def test_a_tone_that_may_resolve_does_so_as_often_as_the_net_says() -> None:
    """F sharp over F7, heard last, where F7 still sounds; the register has the F below it."""
    predictor = Predictor(UNDECIDED, Context(BLUES, 160.0, straight=True))
    logits, _ = predictor.step(initial_state(UNDECIDED), Ticks(0), Past())
    chance = predictor.approach_chance(logits, Ticks(0), 66, Register(55, 84))
    assert chance is not None
    resolved, improviser = 0, soloist(weights=UNDECIDED)
    for seed in range(1500):
        improviser.taste = Taste(seed=seed)
        improviser.hear(66, Ticks(0))
        improviser.enter(Ticks(480), Ticks(480))
        kind = improviser.moment.past.kind
        resolved += kind is Kind.APPROACH
        pitch = improviser.plan().written.note.pitch
        # And what was said is kept.
        assert (pitch == 65) if kind is Kind.APPROACH else (pitch != 65)
    assert abs(resolved - 1500 * chance) < 5 * (1500 * chance * (1 - chance)) ** 0.5


@pytest.mark.parametrize("register", [Register(67, 90), Register(40, 60)])
def test_what_cannot_resolve_where_it_goes_on_does_not(register: Register) -> None:
    for seed in range(50):
        improviser = soloist(Taste(register, seed=seed), weights=UNDECIDED)
        improviser.hear(66, Ticks(0))
        improviser.enter(Ticks(480), Ticks(480))
        assert improviser.moment.past.kind is Kind.OTHER


# Jumps


@given(
    lines(most=8),
    st.integers(0, 20),
    st.integers(0, 30_000),
    st.integers(-500, 30_000),
)
def test_a_line_that_is_moved_keeps_its_gaps_and_the_grid(
    line: tuple[Note, ...], count: int, tick: int, to: int
) -> None:
    still, moved = soloist(), soloist()
    for improviser in (still, moved):
        hears(improviser, line)
        improviser.enter(Ticks(line[-1].onset + 240), Ticks(line[-1].onset + 480))
        for _ in range(count):
            improviser.plan()
    for improviser in (still, moved):
        improviser.take_back(Ticks(tick))  # as whoever jumps does
    before = moved.moment
    moved.relocate(Ticks(tick), Ticks(to))
    by = moved.moment.tick - before.tick
    assert abs(by - (to - tick)) <= 60, "not further from there than a step of the grid"
    assert moved.moment.tick % 40 == 0
    assert moved.moment.past == before.past
    assert same_state(moved.moment.state, before.state)
    # What is taken up again is where it was, moved; as soon as the music goes on, if it likes.
    entry = max(before.tick, tick)
    entry = Ticks(-(-max(entry, to - by) // 40) * 40)
    for improviser, away in ((still, 0), (moved, by)):
        improviser.enter(Ticks(entry + away), Ticks(entry + away))
    assert moved.moment.tick == still.moment.tick + by == entry + by
    kinds_apart = replace(moved.moment.past, kind=still.moment.past.kind)
    assert kinds_apart == still.moment.past
    assert same_state(moved.moment.state, still.moment.state)


def test_a_loop_is_not_played_twice_the_same_way() -> None:
    def rounds(seed: int) -> list[list[tuple[int, int]]]:
        improviser, found = soloist(Taste(seed=seed)), []
        for _ in range(4):
            improviser.enter(Ticks(0), Ticks(0))
            found.append([(int(n.onset), n.pitch) for n in notes(improviser.extend(Ticks(3840)))])
            improviser.take_back(Ticks(3840))
            improviser.relocate(Ticks(3840), Ticks(0))
        return found

    first = rounds(1)
    assert len({tuple(each) for each in first}) == 4
    assert all(0 <= onset < 3840 for each in first for onset, _ in each)
    assert rounds(1) == first, "but the same for the same seed"
    # Not only because the state is another: from one moment it is played otherwise too.
    improviser = soloist(Taste(seed=1))
    once = improviser.plan(), improviser.plan(), improviser.plan()
    again = soloist(Taste(seed=1))
    again.relocate(Ticks(4000), Ticks(0))
    again.moment = soloist().moment
    assert (again.plan(), again.plan(), again.plan()) != once


def test_a_jump_to_where_it_is_changes_nothing() -> None:
    still, moved = soloist(Taste(seed=1)), soloist(Taste(seed=1))
    for improviser in (still, moved):
        improviser.extend(Ticks(3000))
    moved.relocate(Ticks(3010), Ticks(3000))
    assert moved.extend(Ticks(9000)) == still.extend(Ticks(9000))


# The memory


CALL = [65, 69, 72, 75, 74, 72, 69, 67]


def called(taste: Taste, *, hearing: bool = True) -> Improviser:
    """Somebody who has heard a motif three times, a minor third up each time."""
    improviser = soloist(taste, weights=UNDECIDED)
    for i in range(3):
        for j, pitch in enumerate(CALL):
            onset = Ticks(i * 1920 + j * 240)
            improviser.remember(pitch + 3 * i - 3, onset)
            if hearing:
                improviser.hear(pitch + 3 * i - 3, onset)
    return improviser


def test_without_following_the_memory_says_nothing() -> None:
    for seed in range(5):
        full, empty = (soloist(Taste(seed=seed, follow=0.0)) for _ in range(2))
        for i, pitch in enumerate(CALL * 8):
            full.remember(pitch, Ticks(i * 240))
        assert len(full.memory) == 64
        until = Ticks(20 * 1920)
        assert full.extend(until) == empty.extend(until)
        # And with it, it does.
        full, empty = (soloist(Taste(seed=seed, follow=1.0)) for _ in range(2))
        for i, pitch in enumerate(CALL * 8):
            full.remember(pitch, Ticks(i * 240))
        assert full.extend(until) != empty.extend(until)


def test_an_empty_memory_has_no_say() -> None:
    until = Ticks(10 * 1920)
    solos = [soloist(Taste(seed=2, follow=follow)).extend(until) for follow in (0.0, 0.3, 1.0)]
    assert solos[0] == solos[1] == solos[2]


@pytest.mark.parametrize("follow", [0.5, 1.0])
def test_pitches_have_the_odds_of_the_mixture(follow: float) -> None:
    """What the net says and what the memory says, each with its share, whatever comes between."""
    register, tick = Register(55, 84), Ticks(3 * 1920)
    improviser = called(Taste(register, follow=follow, constraints=HELD), hearing=False)
    memory, chord = improviser.memory, BLUES.chord_at(tick)
    past = Past()
    for pitch in CALL[:3]:
        past = past.then(pitch + 3, Kind.CHORD, 6, rested=False)
    predictor = Predictor(UNDECIDED, Context(BLUES, 160.0, straight=True))
    logits, _ = predictor.step(initial_state(UNDECIDED), tick, past)
    odds = predictor.pitch_logits(logits, tick, past, register) / COLDER
    pitches = np.arange(55, 85)
    odds = odds - HELD.edges * np.maximum(EDGE - np.minimum(pitches - 55, 84 - pitches), 0)
    centre = memory.centre()
    assert centre is not None
    reachable = min(max(centre, 60.0), 79.0)
    alone = softmax(odds - follow * np.abs(pitches - reachable) / FOLLOWED_SPREAD)
    said = memory.pitch_weights(past, list(pitches), [settled_kind(int(p), chord) for p in pitches])
    said = said * np.sqrt(alone)
    share = follow**2 * memory.confidence()
    expected = (1 - share) * alone + share * said / said.sum()

    found = []
    for seed in range(2500):
        improviser.taste = Taste(register, seed=seed, follow=follow, constraints=HELD)
        improviser.moment = Moment(tick, initial_state(UNDECIDED), past)
        found.append(improviser.plan().written.note.pitch - 55)
        improviser.take_back(tick)
    check_odds(found, expected)


def test_a_motif_is_taken_up_the_more_the_closer_it_follows() -> None:
    past = Past()
    for pitch in CALL[:3]:
        past = past.then(pitch, Kind.CHORD, 6, rested=False)
    improviser = called(Taste(), hearing=False)
    shares = []
    for follow in (0.0, 0.5, 1.0):
        found = 0
        for seed in range(400):
            improviser.taste = Taste(seed=seed, follow=follow)
            improviser.moment = Moment(Ticks(3 * 1920), initial_state(UNDECIDED), past)
            found += improviser.plan().written.note.pitch == CALL[3]
        shares.append(found / 400)
    assert shares[0] < 0.05
    assert shares[1] > shares[0] + 0.03
    assert shares[2] > shares[1] + 0.1


def test_remembering_leaves_the_line_alone() -> None:
    one, two = soloist(Taste(follow=0.0)), soloist(Taste(follow=0.0))
    one.extend(Ticks(1000))
    two.extend(Ticks(1000))
    two.remember(60, Ticks(400))
    assert one.extend(Ticks(9000)) == two.extend(Ticks(9000))
    assert len(two.memory) == 1


# Other chords, another tempo


def test_other_chords_hold_from_the_next_note_on() -> None:
    improviser = soloist(changes=parse("C7 | C7"), weights=UNDECIDED)
    improviser.extend(Ticks(1920))
    moment = improviser.moment
    context = improviser.context
    improviser.context = context
    assert improviser.context is context
    improviser.context = context.over(parse("Gb7 | Gb7"))
    assert improviser.moment is moment, "the line so far is as it was"
    ideas = [improviser.plan() for _ in range(40)]
    played = notes(ideas)
    assert [idea.values[0].kind for idea in ideas[:-1]] == list(
        kinds(played, improviser.context.changes)
    )[:-1]
    fresh = soloist(changes=parse("Gb7 | Gb7"), weights=UNDECIDED)
    fresh.moment = moment
    assert [fresh.plan() for _ in range(40)] == ideas


class Anything(RuleBasedStateMachine):
    """Hearing, planning, taking back, coming in, jumping: beside a plain account of the line."""

    def __init__(self) -> None:
        super().__init__()
        self.improviser = soloist(Taste(Register(50, 80), follow=1.0), weights=UNDECIDED)
        self.line: list[tuple[int, int]] = []  # onset, pitch
        self.ready = True  # it is known when its next note is
        self.now = 0  # no note of the line is here or later, but those planned

    def end(self) -> int:
        """The first place after the line."""
        return self.line[-1][0] + 40 if self.line else 0

    @rule(
        gap=st.integers(1, 40), pitch=st.integers(30, 100), length=st.none() | st.integers(1, 2000)
    )
    def hear(self, gap: int, pitch: int, length: int | None) -> None:
        """The player plays, perhaps where something was planned."""
        onset = self.now + gap * 40
        self.line = [each for each in self.line if each[0] < onset]
        self.line.append((onset, pitch))
        self.now = onset
        self.improviser.hear(pitch, Ticks(onset))
        self.improviser.remember(pitch, Ticks(onset))
        if length is not None:
            self.improviser.released(Ticks(onset + length))
        self.ready = False

    @rule(wait=st.integers(0, 400), within=st.integers(0, 100))
    def enter(self, wait: int, within: int) -> None:
        """It decides when to come in."""
        earliest = self.end() + wait * 40
        self.improviser.enter(Ticks(earliest), Ticks(earliest + within * 40))
        assert earliest <= self.improviser.moment.tick <= earliest + within * 40
        self.ready = True

    @rule(count=st.integers(1, 6))
    def plan(self, count: int) -> None:
        """It plays."""
        if not self.ready:
            return
        for _ in range(count):
            onset = self.improviser.moment.tick
            idea = self.improviser.plan()
            note = idea.written.note
            assert note.onset == onset
            assert note.pitch in self.improviser.taste.register
            assert idea.written.before == (self.line[-1][0] if self.line else None)
            self.line.append((note.onset, note.pitch))

    @rule(back=st.integers(0, 3000))
    def take_back(self, back: int) -> None:
        """What was planned is not played."""
        tick = (self.line[-1][0] if self.line else 0) - back
        self.line = [each for each in self.line if each[0] < tick]
        self.improviser.take_back(Ticks(tick))
        self.now = max((each[0] for each in self.line), default=0)
        # The moment is that of the first note that was taken back, or what it was.
        self.ready = False

    @rule(by=st.integers(-5000, 9000))
    def relocate(self, by: int) -> None:
        """The transport jumps, from where the line is or later."""
        left = self.end() + 7
        before = self.improviser.moment.tick
        self.improviser.relocate(Ticks(left), Ticks(left + by))
        moved = self.improviser.moment.tick - before
        assert abs(moved - by) <= 60
        self.line = [(onset + moved, pitch) for onset, pitch in self.line]
        self.now += moved

    @rule(chart=st.sampled_from(["F7 |" * 11 + "N.C.", "Bm7b5 |" * 12]))
    def other_chords(self, chart: str) -> None:
        """Somebody plays other chords."""
        changes = parse(chart.strip("|"))
        self.improviser.context = self.improviser.context.over(
            replace(changes, bars=self.improviser.context.changes.bars)
        )

    @rule(low=st.integers(30, 80), follow=st.sampled_from([0.0, 0.5, 1.0]))
    def other_taste(self, low: int, follow: float) -> None:
        """Somebody turns the knobs."""
        self.improviser.taste = Taste(Register(low, low + 24), follow=follow)

    @invariant()
    def the_moment_is_after_the_line(self) -> None:
        """Its past is that of the line."""
        if not self.ready:
            return
        moment = self.improviser.moment
        onsets = [onset for onset, _ in self.line]
        assert moment.tick % 40 == 0
        assert moment.past.pitches == tuple(pitch for _, pitch in self.line[-4:])
        gaps = [(b - a) // 40 for a, b in pairwise([*onsets, moment.tick])]
        if onsets:
            assert moment.past.gaps == tuple(gaps[-2:])
        assert all(np.isfinite(part).all() for part in moment.state)


TestAnything = Anything.TestCase
