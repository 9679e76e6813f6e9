"""Turns: who plays when, in every mode, form and meter."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.listening.listener import Phrase
from live_improv.music.changes import Changes
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks
from live_improv.performance.turns import (
    LONGEST_ANSWER,
    PICKUP,
    RULES,
    SHORTEST_ANSWER,
    Action,
    Cue,
    First,
    Mode,
    Turn,
    Turns,
    on_grid,
)

BLUES = parse("F7 | Bb7 | F7 | F7 | Bb7 | Bb7 | F7 | F7 | C7 | Bb7 | F7 | C7")

# Forms by their bars' lengths in ticks: even and odd, in several meters, changing ones.
FORMS = {
    "blues": BLUES,
    "one bar": parse("C7"),
    "seven bars": parse("C7 | F7 | C7 | G7 | C7 | A7 | D7"),
    "waltz": parse("time: 3/4\nC7 | F7 | G7 | C7 | F7"),
    "seven eighths": parse("time: 7/8\nC7 | F7 | G7"),
    "twelve eighths": parse("time: 12/8\nC7 | F7"),
    "off the grid": parse("time: 7/32\nC7 | F7 | G7 | C7"),
}

PHRASE = Phrase(Ticks(0), Ticks(3 * PPQ), 7)


def bar_lines(changes: Changes, first: int, count: int) -> list[int]:
    """Where so many bars start, from a bar counted through the choruses, and where they end."""
    at, found = 0, []
    lengths = [bar.meter.bar_ticks for bar in changes.bars]
    for bar in range(min(first, 0), 0):
        at -= lengths[bar % len(lengths)]
    for bar in range(min(first, 0), first + count + 1):
        if bar >= first:
            found.append(at)
        at += lengths[bar % len(lengths)]
    return found


@pytest.mark.parametrize("first", First)
@pytest.mark.parametrize("bars", [1, 2, 3, 4, 5, 8, 12, 16])
@pytest.mark.parametrize("form", FORMS)
def test_trading_goes_by_the_bar_alone(form: str, bars: int, first: First) -> None:
    changes = FORMS[form]
    turns = Turns(Mode.TRADE, bars, first, Ticks(0))
    lines = bar_lines(changes, 0, 9 * bars)
    for bar in range(7 * bars):
        machine = (bar // bars) % 2 == (1 if first is First.PLAYER else 0)
        # The bar that our turn begins in: this turn, or the next one.
        begins = bar // bars * bars if machine else (bar // bars + 1) * bars
        last = lines[bar + 1] - 1
        for tick in (lines[bar], (lines[bar] + lines[bar + 1]) // 2, last):
            turn = turns.turn(Ticks(tick), changes)
            assert turn is not None
            assert turn.start == on_grid(Ticks(lines[begins]))
            assert turn.end == on_grid(Ticks(lines[begins + bars]))
            inside = Ticks(tick // GRID_TICKS * GRID_TICKS)
            if inside >= lines[bar]:
                assert turn.holds(inside) is machine
            # It comes in within its first bar; a beat early at most, never before bar 1.
            assert turn.start <= turn.latest < turn.end
            assert turn.latest < lines[begins + 1]
            assert turn.pickup == (PICKUP if lines[begins] else 0)
            assert turn.phrase is None


@pytest.mark.parametrize("first", First)
@pytest.mark.parametrize("bars", [1, 2, 3, 4, 16])
def test_nobody_trades_in_the_count_in(bars: int, first: First) -> None:
    turns = Turns(Mode.TRADE, bars, first, Ticks(0))
    begins = 0 if first is First.MACHINE else bars
    for tick in (-1, -480, -1920, -1920 * 5, -1920 * 50):
        turn = turns.turn(Ticks(tick), BLUES)
        assert turn is not None
        assert turn.start == begins * 1920
        assert turn.end == (begins + bars) * 1920
        assert not turn.holds(Ticks(tick))


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 64), st.sampled_from(First))
def test_where_the_transport_jumps_from_does_not_matter(
    here: int, there: int, bars: int, first: First
) -> None:
    turns = Turns(Mode.TRADE, bars, first, Ticks(0))
    turns.turn(Ticks(here), BLUES)
    turns.relocate(Ticks(there))
    fresh = Turns(Mode.TRADE, bars, first, Ticks(there))
    assert turns.turn(Ticks(there), BLUES) == fresh.turn(Ticks(there), BLUES)


@given(st.integers(1, 64), st.sampled_from(First), st.integers(0, 400))
def test_two_machines_would_share_every_tick(bars: int, first: First, bar: int) -> None:
    """One that plays first and one that plays second: one of them at any time, never both."""
    other = First.PLAYER if first is First.MACHINE else First.MACHINE
    tick = Ticks(bar * 1920 + 7 * GRID_TICKS)
    held = [
        turn is not None and turn.holds(tick)
        for turn in (Turns(Mode.TRADE, bars, f, Ticks(0)).turn(tick, BLUES) for f in (first, other))
    ]
    assert sorted(held) == [False, True]


def test_the_length_of_a_trade_and_who_is_first_can_be_changed() -> None:
    turns = Turns(Mode.TRADE, 4, First.PLAYER, Ticks(0))
    turns.bars = 2
    turn = turns.turn(Ticks(0), BLUES)
    assert turn is not None
    assert (turn.start, turn.end) == (2 * 1920, 4 * 1920)
    turns.first = First.MACHINE
    turn = turns.turn(Ticks(0), BLUES)
    assert turn is not None
    assert (turn.start, turn.end) == (0, 2 * 1920)


# The table


@pytest.mark.parametrize(("mode", "cue"), list(product(Mode, Cue)))
def test_every_row_of_the_table(mode: Mode, cue: Cue) -> None:
    expected = {
        (Mode.ANSWER, Cue.PLAYS): Action.GIVE_WAY,
        (Mode.ANSWER, Cue.RESTS): Action.ANSWER,
        (Mode.DUET, Cue.PLAYS): Action.GIVE_WAY,
        (Mode.DUET, Cue.RESTS): Action.JOIN,
    }.get((mode, cue), Action.NOTHING)
    assert RULES[mode, cue] is expected
    turns = Turns(mode, 4, First.PLAYER, Ticks(0))
    tick = Ticks(1450)
    before = turns.turn(tick, BLUES)
    assert turns.cue(cue, tick, PHRASE) is expected
    turn = turns.turn(tick, BLUES)
    match expected:
        case Action.NOTHING:
            assert turn == before
        case Action.GIVE_WAY:
            assert turn is None
        case Action.ANSWER:
            assert turn is not None
            assert turn.phrase == PHRASE
            assert turn.start == 1480
        case Action.JOIN:
            assert turn == Turn(Ticks(1480), None, Ticks(1480 + PPQ))


def test_the_table_is_whole() -> None:
    assert set(RULES) == set(product(Mode, Cue))


# Each mode


@pytest.mark.parametrize("tick", [-1920, 0, 481, 99_999])
def test_alone_it_is_always_its_turn(tick: int) -> None:
    turns = Turns(Mode.SOLO, 4, First.PLAYER, Ticks(0))
    turn = turns.turn(Ticks(tick), BLUES)
    assert turn == Turn(Ticks(0), None, Ticks(0))
    # Whatever anybody does.
    turns.cue(Cue.PLAYS, Ticks(tick))
    turns.cue(Cue.RESTS, Ticks(tick), PHRASE)
    assert turns.turn(Ticks(tick), BLUES) == turn


@pytest.mark.parametrize(
    ("to", "start"),
    [(9600, 9600), (9615, 9600), (9625, 9640), (9639, 9640), (1013, 1000), (-220, 0), (0, 0)],
)
def test_alone_it_goes_on_where_the_music_does(to: int, start: int) -> None:
    """On the place of the grid that has only just begun, or the next one; not before bar 1."""
    turns = Turns(Mode.SOLO, 4, First.PLAYER, Ticks(0))
    turns.relocate(Ticks(to))
    assert turns.turn(Ticks(to), BLUES) == Turn(Ticks(start), None, Ticks(start))


@given(
    st.sampled_from(Mode),
    st.integers(-5000, 100_000),
    st.sampled_from([None, *Cue]),
    st.integers(0, 3000),
    st.sampled_from(sorted(FORMS)),
)
def test_a_turn_is_on_the_grid_and_not_before_bar_one(
    mode: Mode, to: int, cue: Cue | None, later: int, form: str
) -> None:
    turns = Turns(mode, 2, First.PLAYER, Ticks(0))
    turns.relocate(Ticks(to))
    tick = Ticks(to + later)
    if cue is not None:
        turns.cue(cue, tick, PHRASE)
    turn = turns.turn(tick, FORMS[form])
    if turn is not None:
        assert turn.start >= 0
        assert turn.start % GRID_TICKS == turn.latest % GRID_TICKS == 0
        assert turn.end is None or turn.end % GRID_TICKS == 0


@given(st.integers(-5000, 50_000), st.integers(0, 200_000), st.integers(0, 20_000))
def test_an_answer_is_as_long_as_its_phrase(start: int, length: int, waited: int) -> None:
    phrase = Phrase(Ticks(start), Ticks(start + length), 5)
    tick = Ticks(start + length + waited)
    turns = Turns(Mode.ANSWER, 4, First.PLAYER, Ticks(0))
    assert turns.turn(tick, BLUES) is None
    turns.cue(Cue.RESTS, tick, phrase)
    turn = turns.turn(tick, BLUES)
    assert turn is not None
    assert turn.end is not None
    # At once, on the grid, not in a count-in, and after half a beat at the latest.
    assert max(tick, 0) <= turn.start < max(tick, 0) + GRID_TICKS
    assert turn.start % GRID_TICKS == 0
    assert turn.start <= turn.latest <= turn.start + PPQ // 2
    given_ticks = turn.end - turn.start
    assert given_ticks % PPQ == 0
    longest = LONGEST_ANSWER
    assert SHORTEST_ANSWER <= given_ticks <= longest
    if SHORTEST_ANSWER <= length <= longest:
        assert length <= given_ticks < length + PPQ
    # It is over in time, and then nothing more is to be said.
    assert turns.turn(Ticks(turn.end - 1), BLUES) == turn
    assert turns.turn(turn.end, BLUES) is None


def test_without_a_phrase_there_is_nothing_to_answer() -> None:
    turns = Turns(Mode.ANSWER, 4, First.PLAYER, Ticks(0))
    turns.cue(Cue.RESTS, Ticks(480), None)
    assert turns.turn(Ticks(480), BLUES) is None


@pytest.mark.parametrize("mode", [Mode.ANSWER, Mode.DUET])
def test_it_gives_way_when_the_player_comes_back(mode: Mode) -> None:
    turns = Turns(mode, 4, First.PLAYER, Ticks(0))
    for tick in range(1000, 20_000, 4000):
        turns.cue(Cue.RESTS, Ticks(tick), PHRASE)
        assert turns.turn(Ticks(tick + 100), BLUES) is not None
        turns.cue(Cue.PLAYS, Ticks(tick + 200))
        assert turns.turn(Ticks(tick + 200), BLUES) is None


def test_a_duet_begins_with_us_and_has_no_end() -> None:
    turns = Turns(Mode.DUET, 4, First.PLAYER, Ticks(0))
    turn = turns.turn(Ticks(0), BLUES)
    assert turn == Turn(Ticks(0), None, Ticks(PPQ))
    assert turns.turn(Ticks(10**6), BLUES) == turn


@pytest.mark.parametrize(("before", "after"), list(product(Mode, Mode)))
def test_another_mode_begins_afresh(before: Mode, after: Mode) -> None:
    turns = Turns(before, 4, First.PLAYER, Ticks(0))
    turns.cue(Cue.RESTS, Ticks(1000), PHRASE)
    turns.switch(after, Ticks(2000))
    assert turns.mode is after
    fresh = Turns(after, 4, First.PLAYER, Ticks(0))
    fresh.switch(after, Ticks(2000))
    assert turns.turn(Ticks(2000), BLUES) == fresh.turn(Ticks(2000), BLUES)


@pytest.mark.parametrize("mode", Mode)
def test_a_turn_that_was_given_does_not_hold_elsewhere(mode: Mode) -> None:
    turns = Turns(mode, 4, First.PLAYER, Ticks(0))
    turns.cue(Cue.RESTS, Ticks(100_000), PHRASE)
    turns.relocate(Ticks(0))
    assert turns.turn(Ticks(0), BLUES) == Turns(mode, 4, First.PLAYER, Ticks(0)).turn(
        Ticks(0), BLUES
    )


# The grid


@given(st.integers(-(10**6), 10**6))
def test_on_the_grid_and_not_before(tick: int) -> None:
    found = on_grid(Ticks(tick))
    assert found % GRID_TICKS == 0
    assert tick <= found < tick + GRID_TICKS


@pytest.mark.parametrize(
    ("end", "held"),
    [(None, [False, True, True, True]), (Ticks(960), [False, True, True, False])],
)
def test_a_turn_holds_from_its_start_up_to_its_end(end: Ticks | None, held: list[bool]) -> None:
    turn = Turn(Ticks(480), end, Ticks(480))
    assert [turn.holds(Ticks(tick)) for tick in (479, 480, 959, 960)] == held
