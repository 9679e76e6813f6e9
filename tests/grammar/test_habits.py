"""Habits: what they add, where, and what of a file is refused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.grammar import habits as habits_module
from live_improv.grammar.context import Context, Past
from live_improv.grammar.habits import (
    GAP_TABLES,
    GAPS,
    MOST_AMOUNT,
    PITCH_TABLES,
    SIZES,
    TABLES,
    HabitsError,
    gap_habits,
    gap_situations,
    packed,
    pitch_habits,
    pitch_situations,
    unpacked,
)
from live_improv.grammar.recall import INTERVALS
from live_improv.grammar.values import Kind
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.model import Habit
from live_improv.music.timing import Ticks
from tests.lines import chart_text

CHANGES = parse("C7 | F7 | C7 | G7")
NONE = Habit({}, np.empty(0, np.intp), np.empty(0, np.float32))

figures = st.lists(
    st.tuples(st.integers(40, 90), st.sampled_from([3, 4, 6, 12, 250])), min_size=1, max_size=9
)


def context(*, straight: bool = False) -> Context:
    """Over the changes."""
    return Context(CHANGES, 140.0, straight=straight)


def after(line: list[tuple[int, int]]) -> Past:
    """The past after these pitches and gaps."""
    past = Past()
    for pitch, gap in line:
        past = past.then(pitch, Kind.CHORD, gap, rested=False)
    return past


def one(table: int, situation: int, amounts: dict[int, float]) -> tuple[Habit, ...]:
    """Habits of a single situation."""
    found = [NONE] * len(TABLES)
    found[table] = Habit(
        {situation: slice(0, len(amounts))},
        np.array(list(amounts), np.intp),
        np.array(list(amounts.values()), np.float32),
    )
    return tuple(found)


@st.composite
def all_habits(draw: st.DrawFn) -> tuple[Habit, ...]:
    """Some situations in every table."""
    found = []
    for table in TABLES:
        size = SIZES[table.outcome]
        entries = draw(
            st.dictionaries(
                st.integers(0, 2**48),
                st.dictionaries(st.integers(0, size - 1), st.sampled_from([-0.5, 0.25, 2.0])),
                max_size=3,
            )
        )
        where: dict[int, slice] = {}
        outcomes: list[int] = []
        amounts: list[float] = []
        for situation, said in entries.items():
            where[situation] = slice(len(outcomes), len(outcomes) + len(said))
            outcomes += sorted(said)
            amounts += [said[outcome] for outcome in sorted(said)]
        found.append(Habit(where, np.array(outcomes, np.intp), np.array(amounts, np.float32)))
    return tuple(found)


def entries(habits: tuple[Habit, ...]) -> list[dict[int, dict[int, float]]]:
    """What habits say, whatever they are made of."""
    return [
        {
            situation: dict(
                zip(habit.outcomes[where].tolist(), habit.amounts[where].tolist(), strict=True)
            )
            for situation, where in habit.where.items()
        }
        for habit in habits
    ]


@given(figures, st.integers(1, 11))
def test_a_transposed_line_is_in_the_same_situations_but_for_its_pitches(
    line: list[tuple[int, int]], up: int
) -> None:
    bars: Any = [[(0, "7")], [(5, "m7")]]
    here, there = (
        Context(parse(chart_text("4/4", bars, by)), 140.0, straight=False) for by in (0, up)
    )
    moved = after([(pitch + up, gap) for pitch, gap in line])
    tick = Ticks(4 * 480)
    pairs = zip(
        PITCH_TABLES,
        pitch_situations(here, tick, after(line)),
        pitch_situations(there, tick, moved),
        strict=True,
    )
    for table, one_, other in pairs:
        assert (one_ == other) == ("pitch" not in table.facts), table
    assert gap_situations(here, tick, after(line)) == gap_situations(there, tick, moved)


@given(figures, figures)
def test_a_situation_is_the_same_where_its_facts_are(
    one_line: list[tuple[int, int]], other_line: list[tuple[int, int]]
) -> None:
    over, tick = context(), Ticks(480)
    pasts = after(one_line), after(other_line)
    moves = [np.diff(list(past.history.pitches))[::-1].tolist() for past in pasts]
    lasts = [past.pitches[-1] for past in pasts]
    gaps = [list(past.history.gaps)[::-1] for past in pasts]
    pitch = dict(
        zip(
            [table.facts for table in PITCH_TABLES],
            zip(*(pitch_situations(over, tick, past) for past in pasts), strict=True),
            strict=True,
        )
    )
    for count, facts in ((1, "interval"), (2, "2 intervals"), (4, "4 intervals")):
        assert (pitch[facts][0] == pitch[facts][1]) == (moves[0][:count] == moves[1][:count])
    for count, facts in ((0, "pitch"), (1, "pitch, interval"), (3, "pitch, 3 intervals")):
        same = lasts[0] == lasts[1] and moves[0][:count] == moves[1][:count]
        assert (pitch[facts][0] == pitch[facts][1]) == same
    found = [gap_situations(over, tick, past) for past in pasts]
    for count, table in ((1, 2), (3, 3), (4, 4)):
        assert (found[0][table] == found[1][table]) == (gaps[0][:count] == gaps[1][:count])


def test_what_was_heard_is_added_there_and_nowhere_else() -> None:
    over, tick = context(), Ticks(480)
    past, other = after([(60, 6), (64, 6), (67, 6)]), after([(60, 6), (63, 6), (67, 6)])
    situations = pitch_situations(over, tick, past)
    facts = [table.facts for table in PITCH_TABLES]
    figure = facts.index("2 intervals")
    habits = one(figure, situations[figure], {MAX_INTERVAL + 3: 1.5, MAX_INTERVAL - 2: -0.5})
    expected = np.zeros(INTERVALS)
    expected[[MAX_INTERVAL + 3, MAX_INTERVAL - 2]] = 1.5, -0.5
    assert np.array_equal(pitch_habits(habits, over, tick, past), expected)
    assert not pitch_habits(habits, over, tick, other).any()
    # A pitch, 72 of those from 36 on, from whatever note: five semitones above 67.
    habits = one(facts.index(""), 0, {72 - 36: 0.75})
    for line, interval in ((past, 5), (after([(80, 6)]), -8)):
        said = pitch_habits(habits, over, tick, line)
        assert np.flatnonzero(said).tolist() == [MAX_INTERVAL + interval]
        assert said.max() == 0.75


def test_a_place_is_added_to_every_gap_that_leads_there() -> None:
    over = context()
    places = np.array(over.places)[(1 + np.arange(GAPS - 1)) % over.steps]
    said = gap_habits(one(len(PITCH_TABLES) + 1, 0, {24: 0.5}), over, Ticks(0), Past(), places)
    # The third beat of this bar and of those after it, four in all.
    assert np.flatnonzero(said).tolist() == [23, 71, 119, 167]
    even = context(straight=True)
    assert not gap_habits(
        one(len(PITCH_TABLES) + 1, 0, {24: 0.5}), even, Ticks(0), Past(), places
    ).any()


def test_as_played_and_written_even_are_other_situations_where_time_counts() -> None:
    past = after([(60, 6), (64, 6)])
    over, even = context(), context(straight=True)
    for tables, situations in ((PITCH_TABLES, pitch_situations), (GAP_TABLES, gap_situations)):
        pairs = zip(
            tables,
            situations(over, Ticks(480), past),
            situations(even, Ticks(480), past),
            strict=True,
        )
        for table, played, written in pairs:
            assert (played != written) == table.timed, table


@settings(max_examples=30)
@given(all_habits())
def test_a_file_gives_back_what_was_put_in(habits: tuple[Habit, ...]) -> None:
    assert entries(unpacked(packed(habits))) == entries(habits)


def changed(**arrays: Any) -> bytes:
    """The content of a good file with other arrays in it."""
    habits = list(one(0, 0, {3: 0.5, 5: 1.0}))
    habits[1] = one(1, 7, {2: 0.25})[1]
    with np.load(io.BytesIO(packed(habits))) as saved:
        known = {name: saved[name] for name in saved.files}
    file = io.BytesIO()
    kept = {name: array for name, array in (known | arrays).items() if array is not None}
    np.savez_compressed(file, **kept)
    return file.getvalue()


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"contract": np.zeros(8, np.uint8)}, "other tables"),
        ({"amounts": None}, "missing"),
        ({"more": np.zeros(1)}, "unknown"),
        ({"amounts": np.array([{}, 1, 2], object)}, "allow_pickle"),
        ({"amounts": np.array([1.0, 2.0, 3.0])}, "amounts is no row of float16"),
        ({"amounts": np.ones((3, 1), np.float16)}, "amounts is no row"),
        ({"amounts": np.array([0, 0, np.nan], np.float16)}, "beyond"),
        ({"amounts": np.array([0, 0, 2 * MOST_AMOUNT], np.float16)}, "beyond"),
        ({"amounts": np.zeros(2, np.float16)}, "2 amounts of 3"),
        ({"outcomes": np.array([5, 3, 2], np.uint8)}, "outcomes out of order"),
        ({"outcomes": np.array([3, 64, 2], np.uint8)}, "beyond those of pitch"),
        ({"situations": np.array([0], np.uint64)}, "tables do not fit"),
        ({"starts": np.array([0, 4, 3], np.uint32)}, "starts do not fit"),
        ({"starts": np.array([0, 1, 2], np.uint32)}, "starts do not fit"),
        ({"tables": np.array([0, 2], np.uint32)}, "tables do not fit"),
        (
            {"tables": np.array([0, *[2] * len(TABLES)]), "situations": np.array([7, 0])},
            "situations out of order",
        ),
    ],
)
def test_a_file_that_is_not_right_is_refused(arrays: dict[str, Any], said: str) -> None:
    kinds = {"tables": np.uint32, "situations": np.uint64}
    for name, kind in kinds.items():
        if name in arrays:
            arrays = arrays | {name: arrays[name].astype(kind)}
    with pytest.raises(HabitsError, match=said):
        unpacked(changed(**arrays))


def test_what_is_no_file_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HabitsError, match="BadZipFile"):
        unpacked(b"not a file")
    monkeypatch.setattr(habits_module, "MOST_BYTES", 100)
    with pytest.raises(HabitsError, match="too large"):
        unpacked(changed())
