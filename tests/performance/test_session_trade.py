"""Trading: whose bars are whose, at every length, in every meter, wherever the song is."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.music.changes import Changes
from live_improv.music.events import Heard, NoteOff, NoteOn
from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.turns import PICKUP, First
from tests.performance.sessions import (
    Item,
    Master,
    Rehearsal,
    Sent,
    chord,
    events,
    lift,
    ons,
    phrase,
    press,
    sounded,
    turned,
)

BPM = 240.0
CHARTS = {
    "4/4": parse("C7 | F7 | Dm7 G7 | CM7 | Fm7 | Bb7 | Em7 A7"),
    "3/4": parse("time: 3/4\nC7 | F7 | Dm7 G7 | CM7"),
    "5/4": parse("time: 5/4\nCm7 | Fm7 | G7alt"),
}
LENGTHS = [1, 2, 3, 4, 8, 12, 16]


def bar_ticks(changes: Changes) -> int:
    """Of the one meter of these changes."""
    return changes.bars[0].meter.bar_ticks


def ours(tick: int, changes: Changes, trade: int, first: First) -> bool:
    """Whether a tick lies in a turn of ours; nobody's before bar 1."""
    number = tick // bar_ticks(changes) // trade
    return tick >= 0 and number % 2 == (0 if first is First.MACHINE else 1)


def held(script: list[Item], at: float) -> bool:
    """Whether a key of the player is down at a moment."""
    down = 0
    for moment, item in sorted(script, key=lambda each: each[0]):
        if moment > at:
            break
        assert isinstance(item, Heard)
        down += isinstance(item.event, NoteOn) - isinstance(item.event, NoteOff)
    return down > 0


def check_turns(
    sent: list[Sent], script: list[Item], changes: Changes, trade: int, first: First
) -> int:
    """See that we keep to our turns; how many pickups there were."""
    pickups = 0
    for note in sounded(sent):
        bar = bar_ticks(changes)
        turn = trade * bar
        if not ours(note.tick, changes, trade, first):
            # A pickup: right before our turn, into it, and the player leaves room.
            pickups += 1
            assert ours(note.tick + PICKUP, changes, trade, first), note
            assert note.tick + PICKUP >= turn, "nobody picks up into bar 1"
            assert not held(script, note.at), note
            end = (note.tick // turn + 2) * turn
        else:
            end = (note.tick // turn + 1) * turn
        assert note.end <= end, note
    return pickups


def check_entries(sent: list[Sent], changes: Changes, trade: int, first: First, until: int) -> None:
    """See that each whole turn of ours begins within its first bar."""
    turn, bar = trade * bar_ticks(changes), bar_ticks(changes)
    ticks = [each.tick for each in ons(sent)]
    for number in range(until // turn):
        start = number * turn
        if ours(start, changes, trade, first) and start + bar <= until:
            # Swing may delay an off-beat a little.
            assert any(start - PICKUP <= tick < start + bar for tick in ticks), (number, ticks)


def calls(chance: Random, until: float) -> list[Item]:
    """A player who plays whenever they like: phrases, held notes, chords, over every bar line."""
    script: list[Item] = []
    at = chance.random()
    while at < until:
        kind = chance.random()
        if kind < 0.6:
            count, every = chance.randint(1, 20), chance.choice((0.06, 0.125, 0.2, 0.4))
            line = [chance.randint(50, 84) for _ in range(count)]
            script += phrase(at, line, every, chance.choice((0.4, 0.95)))
            at += count * every
        elif kind < 0.8:
            script += [press(at, 60), lift(at + 1.7, 60)]
            at += 1.7
        else:
            script += chord(at, [55, 59, 64], 0.4)
            at += 0.4
        at += chance.choice((0.02, 0.3, 1.0, 3.0))
    return script


@pytest.mark.parametrize("first", First)
@pytest.mark.parametrize("meter", CHARTS)
@pytest.mark.parametrize("trade", LENGTHS)
def test_everybody_keeps_to_their_bars(trade: int, meter: str, first: First) -> None:
    changes = CHARTS[meter]
    turns = max(4, 12 // trade)
    seconds = turns * trade * bar_ticks(changes) / PPQ * 60 / BPM
    for seed in range(2):
        script = calls(Random(seed), seconds)
        rehearsal = Rehearsal(
            "trade", trade=trade, bpm=BPM, seed=seed, changes=changes, first=first
        )
        sent = rehearsal.play(script, until=seconds)
        check_turns(sent, script, changes, trade, first)
        check_entries(sent, changes, trade, first, turns * trade * bar_ticks(changes) - 2 * PPQ)


@settings(max_examples=40)
@given(
    st.sampled_from(LENGTHS),
    st.sampled_from(sorted(CHARTS)),
    st.sampled_from(list(First)),
    st.integers(0, 2**32),
    st.sampled_from([60, 240, 480, 1920]),
    st.sampled_from([-100, 0, 60]),
)
def test_whatever_the_player_does(
    trade: int, meter: str, first: First, seed: int, horizon: int, latency: int
) -> None:
    changes = CHARTS[meter]
    script = calls(Random(seed), 20.0)
    rehearsal = Rehearsal(
        "trade",
        trade=trade,
        bpm=BPM,
        seed=seed % 100,
        changes=changes,
        first=first,
        horizon=horizon,
        latency_ms=latency,
        start=0.3,
    )
    sent = rehearsal.play(script, until=20.0)
    check_turns(sent, script if not latency else [], changes, trade, first)


def test_a_silent_player_leaves_room_for_pickups() -> None:
    """Some turns begin before the bar line, and none of them with a player who plays on."""
    silent = over = 0
    for seed in range(30):
        changes = CHARTS["4/4"]
        for i, script in enumerate(([], phrase(0.0, [60, 64, 67, 69] * 30, 0.25))):
            sent = Rehearsal(
                "trade", trade=2, bpm=BPM, seed=seed, changes=changes, first=First.PLAYER
            ).play(script, until=6.0)
            found = check_turns(sent, script, changes, 2, First.PLAYER)
            silent, over = silent + found * (not i), over + found * i
    assert silent >= 3
    assert over == 0


def test_a_player_who_plays_over_the_line_is_not_followed_there() -> None:
    """What they play in our turn changes no note of it."""
    for seed in range(5):
        call = phrase(0.5, [60, 62, 64, 65, 67, 69, 71, 72] * 2, 0.2)
        beyond = phrase(4.3, [60, 59] * 8, 0.2)
        plain, over = (
            Rehearsal("trade", trade=4, bpm=BPM, seed=seed, follow=0.0).play(script, until=7.5)
            for script in (call, [*call, *beyond])
        )
        assert events(ons(plain)) == events(ons(over))
        assert ons(plain)


def test_the_line_has_heard_the_call() -> None:
    """Other calls, other answers, though neither memory nor register follow."""
    answers = set()
    for call in ([60, 62, 64, 65], [72, 71, 69, 67], []):
        script = phrase(2.0, call, 0.25)
        sent = Rehearsal("trade", trade=4, bpm=BPM, follow=0.01).play(script, until=8.0)
        answers.add(tuple((each.tick, each.event) for each in ons(sent)))
    assert len(answers) == 3


def test_a_new_length_holds_at_once() -> None:
    changes = CHARTS["4/4"]
    script: list[Item] = [(Seconds(4.0 * i), turned("trade", n)) for i, n in enumerate(LENGTHS)]
    sent = Rehearsal("trade", bpm=BPM, changes=changes, first=First.MACHINE).play(script, until=28)
    for i, trade in enumerate(LENGTHS):
        # What was committed before the change may sound a beat into the time after it.
        for note in sounded(sent):
            if 4.0 * i + 0.25 < note.at < 4.0 * (i + 1):
                assert ours(note.tick, changes, trade, First.MACHINE) or ours(
                    note.tick + PICKUP, changes, trade, First.MACHINE
                )


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from(LENGTHS), st.sampled_from(list(First)))
def test_after_a_jump_it_is_in_the_right_turn(seed: int, trade: int, first: First) -> None:
    """The transport is placed anywhere; whose turn it is follows from the place alone."""
    chance, changes = Random(seed), CHARTS["4/4"]
    master = Master(1.0, BPM)
    master.pulses(24, silent=True)
    for _ in range(4):
        master.place(chance.randint(0, 40) * chance.choice((16, 4, 1)))
        master.go_on()
        master.pulses(chance.randint(24, 20 * 24))
        if chance.random() < 0.5:
            master.stop()
            master.pulses(chance.randint(0, 30))
    master.stop()
    rehearsal = Rehearsal(
        "trade", trade=trade, bpm=BPM, seed=seed % 50, changes=changes, first=first, clock="midi"
    )
    sent = rehearsal.play(master.items)
    for note in sounded(sent):
        away = master.away(note.at, note.tick)
        assert away is not None, note
        assert abs(away) < PPQ / 8
    check_turns(sent, [], changes, trade, first)
    assert Ticks(0) <= min([each.tick for each in ons(sent)], default=0)
