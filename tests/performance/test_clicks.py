"""The count-in's clicks, and a clock that leads others to the right place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.listening.clock_follower import ClockFollower
from live_improv.music.changes import Changes
from live_improv.music.events import (
    Continue,
    NoteOff,
    NoteOn,
    Pulse,
    SongPosition,
    Start,
    Stop,
    Timed,
)
from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.clicks import (
    CLICK_CHANNEL,
    HIGH_CLICK,
    LOW_CLICK,
    PULSE_TICKS,
    Clicks,
    Pulses,
)

HIGH, LOW = HIGH_CLICK, LOW_CLICK
FOUR = parse("C7 | F7")


def clicked(changes: Changes, start: int) -> list[tuple[int, int]]:
    """When each click is, and which."""
    return [
        (timed.tick, timed.event.pitch)
        for timed in Clicks(changes, Ticks(start)).due(Ticks(10_000))
        if isinstance(timed.event, NoteOn)
    ]


@pytest.mark.parametrize(
    ("changes", "start", "expected"),
    [
        (FOUR, 0, []),
        (FOUR, 480, []),
        (FOUR, -1920, [(-1920, HIGH), (-1440, LOW), (-960, LOW), (-480, LOW)]),
        (parse("time: 3/4\nC7"), -1440, [(-1440, HIGH), (-960, LOW), (-480, LOW)]),
        # Of a meter in eighths every eighth.
        (parse("time: 6/8\nC7"), -1440, [(-1440 + 240 * i, LOW if i else HIGH) for i in range(6)]),
    ],
)
def test_one_click_a_beat(changes: Changes, start: int, expected: list[tuple[int, int]]) -> None:
    assert clicked(changes, start) == expected


@pytest.mark.parametrize("bars", [1, 2, 5])
def test_each_bar_of_the_count_in_begins_with_a_high_click(bars: int) -> None:
    found = clicked(FOUR, -1920 * bars)
    assert [tick for tick, pitch in found if pitch == HIGH] == [
        -1920 * (bars - i) for i in range(bars)
    ]
    assert len(found) == 4 * bars


def test_clicks_come_when_they_are_due_and_end() -> None:
    clicks = Clicks(FOUR, Ticks(-1920))
    assert clicks.next_tick() == -1920
    assert clicks.due(Ticks(-1921)) == []
    first = clicks.due(Ticks(-1920))
    assert first == [Timed(Ticks(-1920), NoteOn(HIGH, 100, CLICK_CHANNEL))]
    rest = clicks.due(Ticks(0))
    sounding = {HIGH}
    for timed in rest:
        if isinstance(timed.event, NoteOn):
            sounding.add(timed.event.pitch)
        else:
            assert isinstance(timed.event, NoteOff)
            sounding.remove(timed.event.pitch)
    assert not sounding, "nothing of the count-in sounds in bar 1"
    assert clicks.next_tick() is None


def test_a_count_in_can_be_ended() -> None:
    clicks = Clicks(FOUR, Ticks(-1920))
    clicks.due(Ticks(-1430))
    assert clicks.silence(Ticks(-1430)) == [Timed(Ticks(-1430), NoteOff(LOW, CLICK_CHANNEL))]
    assert clicks.next_tick() is None
    assert clicks.due(Ticks(1000)) == []


# Leading a clock


def test_a_clock_has_24_pulses_to_the_quarter() -> None:
    pulses = Pulses(Ticks(0))
    sent = pulses.due(Ticks(PPQ - 1))
    assert [timed.event for timed in sent] == [Start(), *[Pulse()] * 24]
    assert [timed.tick for timed in sent] == [0, *range(0, PPQ, PULSE_TICKS)]
    assert pulses.next_tick() == PPQ


def test_it_runs_through_the_count_in_and_starts_with_bar_one() -> None:
    pulses = Pulses(Ticks(-1920))
    before = pulses.due(Ticks(-1))
    assert {timed.event for timed in before} == {Pulse()}
    assert len(before) == 96
    assert [timed.event for timed in pulses.due(Ticks(0))] == [Start(), Pulse()]


def test_a_pulse_that_was_missed_is_not_lost() -> None:
    pulses = Pulses(Ticks(0))
    late = pulses.due(Ticks(103))
    assert [timed.tick for timed in late] == [0, 0, 20, 40, 60, 80, 100]
    assert pulses.due(Ticks(119)) == []


def test_stop_is_said_once() -> None:
    pulses = Pulses(Ticks(-960))
    pulses.due(Ticks(-500))
    assert pulses.stop(Ticks(-490)) == [], "there was no start"
    pulses.relocate(Ticks(0))
    pulses.due(Ticks(100))
    assert pulses.stop(Ticks(111)) == [Timed(Ticks(111), Stop())]
    assert pulses.stop(Ticks(115)) == []


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (0, [Start()]),
        (120, [SongPosition(1), Continue()]),
        (4800, [SongPosition(40), Continue()]),
    ],
)
def test_after_a_stop_it_goes_on_where_the_music_does(to: int, said: list[object]) -> None:
    pulses = Pulses(Ticks(0))
    pulses.due(Ticks(4780))
    pulses.stop(Ticks(4780))
    pulses.relocate(Ticks(to))
    sent = pulses.due(Ticks(to))
    assert [timed.event for timed in sent] == [*said, Pulse()]
    assert {timed.tick for timed in sent} == {to}


def test_after_a_stop_it_may_go_on_at_once() -> None:
    pulses = Pulses(Ticks(0))
    pulses.due(Ticks(100))
    pulses.stop(Ticks(110))
    sent = pulses.due(Ticks(120))
    assert [timed.event for timed in sent] == [SongPosition(1), Continue(), Pulse()]


@given(
    st.integers(-2000, 0),
    st.lists(st.tuples(st.integers(1, 900), st.booleans(), st.integers(-300, 9000)), max_size=6),
)
def test_who_follows_is_at_the_same_place(start: int, jumps: list[tuple[int, bool, int]]) -> None:
    """A follower at each pulse, wherever the music stops, goes on and jumps to."""
    pulses, follower, now = Pulses(Ticks(start)), ClockFollower(), 10.0
    at, placed = start, False
    for length, stops, to in [*jumps, (2000, False, 0)]:
        began = at
        for tick in range(began, began + length):
            for timed in pulses.due(Ticks(tick)):
                assert timed.tick == tick, "each message in its time"
                now += 0.02 if isinstance(timed.event, Pulse) else 0.0
                follower.receive(timed.event, Seconds(now))
                if isinstance(timed.event, Pulse):
                    # Placed at the first sixteenth, and from then on always right.
                    placed = placed or (tick >= 0 and tick % 120 == 0)
                    assert follower.playing or not placed
                    if placed:
                        assert follower.position == tick
            assert pulses.next_tick() > tick
        at = began + length
        if stops:
            for timed in pulses.stop(Ticks(at)):
                follower.receive(timed.event, Seconds(now))
            assert not follower.playing
        pulses.relocate(Ticks(to))
        at, placed = to, False


def test_songs_longer_than_midi_can_say_are_still_led() -> None:
    """Song positions end at 16,383; a thousand bars of four."""
    pulses = Pulses(Ticks(0))
    pulses.relocate(Ticks(120 * 16_390))
    first = pulses.due(pulses.next_tick())
    place = first[0].event
    assert isinstance(place, SongPosition)
    assert 0 <= place.sixteenths < 1 << 14
