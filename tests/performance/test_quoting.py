"""The cap on quoting: runs end where they are long enough, and everything else stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.evaluation.copying import Phrasebook, index_of, intervals_in_time
from live_improv.evaluation.lines import Line
from live_improv.grammar.abstraction import kinds
from live_improv.grammar.context import Context, Past
from live_improv.grammar.habits import TABLES
from live_improv.grammar.quoting import GROUP, LEAST_BYTES, Quotes
from live_improv.grammar.realization import Register
from live_improv.grammar.values import Kind, settled_kind
from live_improv.music.events import Note
from live_improv.music.solos import Solo
from live_improv.music.timing import Ticks
from live_improv.performance.constraints import ConstraintError, Constraints
from live_improv.performance.improviser import Improviser
from live_improv.performance.quoting import unquoted
from live_improv.performance.taste import Taste
from live_improv.training.habits import habits_of
from tests.lines import note
from tests.performance.test_improviser import BLUES, NETS, soloist
from tests.small_nets import zero_weights

ANYTHING = Quotes(b"\xff" * LEAST_BYTES)
"""An index in which everything stands."""


def improviser(quotes: Quotes | None, most: float = 12, seed: int = 0, net: int = 0) -> Improviser:
    """Somebody who was never taught, and who may quote so many notes."""
    taste = Taste(seed=seed, constraints=Constraints(quotes=most))
    return Improviser(
        NETS[net], Context(BLUES, 160.0, straight=True), taste, Ticks(0), quotes=quotes
    )


def played(by: Improviser, count: int) -> list[Note]:
    """So many notes of theirs."""
    return [by.plan().written.note for _ in range(count)]


def line(notes: list[Note]) -> Line:
    """Notes as they are, unlike `written`."""
    return Line("x", tuple(notes), BLUES, 160.0)


def longest(notes: list[Note], learned: list[Note]) -> int:
    """The longest run of the notes that stands in others, in notes."""
    book = Phrasebook([intervals_in_time(line(learned))])
    return int(book.longest(intervals_in_time(line(notes))).max()) + 1


@pytest.mark.parametrize("net", range(len(NETS)))
@pytest.mark.parametrize("most", [10, 12, 20])
def test_who_would_play_what_was_learned_leaves_it_in_time(net: int, most: int) -> None:
    free = played(improviser(None, net=net), 80)
    quotes = index_of([line(free)])
    held = played(improviser(quotes, most, net=net), 80)
    assert longest(free, free) == 65  # as long as the book tells
    assert held[: most - 1] == free[: most - 1]
    assert most - 1 <= longest(held, free) <= most


@pytest.mark.parametrize("most", [10, 16])
def test_who_has_the_habits_of_what_was_learned_leaves_it_too(most: int) -> None:
    chance = np.random.default_rng(0)
    pitches = [65 + int(step) for step in chance.choice([0, 2, 4, 5, 7, 9, 10, 12], 80)]
    learned = [note(6 * i, pitch, 6) for i, pitch in enumerate(pitches)]
    solo = Solo("one", "train", "Somebody", "A tune", tuple(learned), BLUES, 160.0)
    habits = habits_of(zero_weights(), [solo])
    # Whole figures, so loud that hardly anything else is heard.
    loud = tuple(
        habit._replace(amounts=(60 if "," in table.facts else 0) * habit.amounts)
        for table, habit in zip(TABLES, habits, strict=True)
    )
    net = replace(zero_weights(), habits=loud)

    def longest_by(quotes: Quotes | None) -> int:
        taste = Taste(seed=2, constraints=Constraints(quotes=most))
        over = Context(BLUES, 160.0, straight=True)
        return longest(played(Improviser(net, over, taste, Ticks(0), quotes), 120), learned)

    assert longest_by(None) > 20
    assert longest_by(index_of([line(learned)])) <= most


def test_without_an_index_or_a_cap_it_plays_what_it_would() -> None:
    free = played(improviser(None), 60)
    quotes = index_of([line(free)])
    assert played(improviser(quotes, 0), 60) == free
    assert played(soloist(), 60) == free
    other = index_of([line(played(improviser(None, seed=1), 60))])
    assert played(improviser(other), 60) == free


@settings(max_examples=40)
@given(
    st.integers(0, 100),
    st.integers(0, len(NETS) - 1),
    st.sampled_from([Register(55, 84), Register(60, 64), Register(60, 60)]),
    st.sampled_from([0.05, 1.0, 4.0]),
)
def test_where_everything_stands_promises_are_kept_and_it_plays_on(
    seed: int, net: int, register: Register, temperature: float
) -> None:
    taste = Taste(register, temperature, seed, constraints=Constraints(quotes=GROUP))
    by = Improviser(
        NETS[net], Context(BLUES, 160.0, straight=True), taste, Ticks(0), quotes=ANYTHING
    )
    ideas = [by.plan() for _ in range(40)]
    notes = [idea.written.note for idea in ideas]
    assert all(each.pitch in register for each in notes)
    assert [idea.values[0].kind for idea in ideas[:-1]] == list(kinds(notes, BLUES))[:-1]


def test_what_is_planned_again_is_the_same() -> None:
    free = played(improviser(None), 80)
    quotes = index_of([line(free)])
    at_once = played(improviser(quotes), 60)
    by = improviser(quotes)
    for _ in range(60):
        first = by.plan().written.note
        by.take_back(first.onset)
        assert by.plan().written.note == first
    by.take_back(at_once[5].onset)
    assert played(by, 55) == at_once[5:]


def test_what_the_player_quotes_counts() -> None:
    # Up and down the scale of F7: none of its tones has to resolve.
    steps = (53, 55, 57, 58, 60, 62, 63, 65, 67, 69, 67, 65, 63, 65, 67, 69)
    known = [note(6 * i, pitch, 6) for i, pitch in enumerate(steps)]
    quotes = index_of([line(known)])
    went_on = {True: 0, False: 0}
    for with_it in (True, False):
        for seed in range(60):
            by = improviser(quotes if with_it else None, 12, seed)
            by.taste = replace(by.taste, temperature=2.0)
            for each in known[:12]:
                by.hear(each.pitch, each.onset)
            by.enter(known[12].onset, known[12].onset)
            went_on[with_it] += by.plan().written.note.pitch == known[12].pitch
    assert went_on[True] == 0
    assert went_on[False] > 0


def test_a_tone_that_may_have_to_resolve_goes_a_note_earlier() -> None:
    known = [note(6 * i, pitch, 6) for i, pitch in enumerate(range(60, 84))]
    quotes = index_of([line(known)])
    register, even = Register(50, 84), np.zeros(35, np.float32)
    for count in range(2, 20):
        past = Past()
        for each in known[:count]:
            past = past.then(each.pitch, Kind.CHORD, 6, rested=False)
        chord, tick = BLUES.chord_at(known[count].onset), known[count].onset
        left = unquoted(even, quotes, 14, past, tick, register, chord)
        outside = settled_kind(known[count].pitch, chord) is None
        taken = count >= 14 or (count == 13 and outside)
        # 13 notes up the chromatic scale from C: the next is Db, outside F7.
        assert (count != 13) or outside
        assert bool(np.isinf(left[known[count].pitch - 50])) == taken
        assert np.isinf(left).sum() <= taken + 35 * 3 * quotes.filled


@given(st.lists(st.floats(-30, 30) | st.just(-np.inf), min_size=12, max_size=12))
def test_what_is_left_is_never_nothing(odds: list[float]) -> None:
    past = Past()
    for pitch in range(60, 80):
        past = past.then(pitch, Kind.CHORD, 6, rested=False)
    given_odds = np.array(odds, np.float32)
    tick, register = Ticks(120 * 40), Register(60, 71)
    left = unquoted(given_odds, ANYTHING, 12, past, tick, register, BLUES.chord_at(tick))
    assert np.array_equal(left, given_odds)


@pytest.mark.parametrize("most", [1, GROUP - 1, 65, -1])
def test_a_cap_has_bounds(most: float) -> None:
    with pytest.raises(ConstraintError, match=r"quotes -?\d+: expected 0 or 10 to 64"):
        Constraints(quotes=most)
