"""Counting habits: what was heard beside what was expected, by hand and by what it is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from live_improv.charts.text import parse
from live_improv.corpus import Solo
from live_improv.evaluation.bits import bits_per_note
from live_improv.grammar.context import Context, Past
from live_improv.grammar.habits import PITCH_TABLES, TABLES, pitch_situations
from live_improv.grammar.values import Kind
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.model import Habit
from live_improv.music.timing import Ticks
from live_improv.training import habits as habits_module
from live_improv.training.habits import habits_of
from tests.lines import even_line
from tests.small_nets import random_weights, zero_weights

FIGURE = (60, 64, 67, 70, 72, 69, 65, 62)
NET = random_weights(2, 0.2)
PITCH = {table.facts: i for i, table in enumerate(PITCH_TABLES)}


def solo(pitches: tuple[int, ...], gaps: tuple[int, ...]) -> Solo:
    """A line over a seventh chord."""
    found = even_line(pitches, gaps)
    changes = parse("C7 | C7 | C7 | C7")
    return Solo("one", "train", "Somebody", "A tune", found, changes, 140.0)


EVEN = solo(FIGURE * 6, (6,) * 48)
SWUNG = solo(FIGURE * 6, (8, 4) * 24)


def said(habit: Habit, situation: int) -> dict[int, float]:
    """What a table says in a situation."""
    where = habit.where[situation]
    return dict(zip(habit.outcomes[where].tolist(), habit.amounts[where].tolist(), strict=True))


def test_others_of_the_same_player_cost_less_and_of_another_hardly_more() -> None:
    found = replace(NET, habits=habits_of(NET, [EVEN]))
    same = solo(FIGURE[4:] * 3 + FIGURE[:4] * 3, (6,) * 24)
    other = solo(tuple(range(50, 74)), (12, 18) * 12)
    assert bits_per_note(found, [same]).total < bits_per_note(NET, [same]).total - 0.5
    assert bits_per_note(found, [other]).total < bits_per_note(NET, [other]).total + 0.5


def test_an_amount_is_the_logarithm_of_what_was_heard_over_what_was_expected() -> None:
    # A net that knows nothing: of 73 intervals each is as likely, but for promises; those after
    # tones of the scale are none.
    habits = habits_of(zero_weights(), [EVEN])
    over = Context(EVEN.changes, 140.0, straight=False)
    past = Past().then(60, Kind.CHORD, 6, rested=False).then(64, Kind.CHORD, 6, rested=False)
    table = PITCH["interval"]
    found = said(habits[table], pitch_situations(over, Ticks(480), past)[table])
    held, weight = PITCH_TABLES[table].held, PITCH_TABLES[table].weight
    # Six times a rising major third, and a minor one after it each time.
    expected = 6 / 73
    assert found[MAX_INTERVAL + 3] == pytest.approx(
        weight * np.log((6 + held) / (expected + held)), rel=1e-4
    )
    nothing = weight * np.log(held / (expected + held))
    assert found.get(MAX_INTERVAL + 5, nothing) == pytest.approx(nothing, rel=1e-4)


def test_swung_pairs_are_known_as_played_and_written_even() -> None:
    gap = len(PITCH_TABLES)
    played, even = (habits_of(NET, [line])[gap] for line in (SWUNG, EVEN))
    for habit, straight, likely in ((played, 0, {4, 8}), (played, 1, {6}), (even, 0, {6})):
        more = {gap + 1 for gap, amount in said(habit, straight).items() if amount > 0.1}
        assert more == likely
    assert said(even, 1) == pytest.approx(said(played, 1), abs=0.05)


def test_habits_that_a_net_has_are_not_asked_and_none_are_of_no_solos() -> None:
    once = habits_of(NET, [EVEN])
    again = habits_of(replace(NET, habits=once), [EVEN])
    for one, other in zip(once, again, strict=True):
        assert one.where == other.where
        assert np.array_equal(one.amounts, other.amounts)
    assert [len(habit.where) for habit in habits_of(NET, [])] == [0] * len(TABLES)


def test_of_very_many_notes_the_first_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(habits_module, "MOST_NOTES", 40)
    one, both = (habits_of(NET, solos)[0] for solos in ([EVEN], [EVEN, SWUNG]))
    assert said(one, 0) == said(both, 0)
