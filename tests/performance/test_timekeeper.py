"""The timekeeper: the tick of those who send, the tick of those who hear, and bar lines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.music.changes import Changes
from live_improv.music.timing import Seconds, TempoMap, Ticks
from live_improv.performance.controls import Knobs
from live_improv.performance.feel import swing_ratio
from live_improv.performance.harmony import ChordSource, Harmony
from live_improv.performance.timekeeper import Timekeeper
from live_improv.performance.transport import ClockSource, Transport
from live_improv.performance.turns import JUST_BEGUN
from tests.performance.sessions import BAR, CHANGES

WALTZ = parse("time: 3/4\nstyle: waltz\nC7 | F7 | Dm7 G7 | CM7")


def keeper(bpm: float = 120.0, changes: Changes = CHANGES, **knobs: Any) -> Timekeeper:
    """One of a transport that runs since the moment 0."""
    transport = Transport(ClockSource.INTERNAL, TempoMap.constant(bpm))
    return Timekeeper(transport, Harmony(changes, ChordSource.CHART), Knobs(**knobs))


def standing(at: float, **knobs: Any) -> Timekeeper:
    """One of a transport that was stopped at a moment."""
    transport = Transport(ClockSource.INTERNAL, TempoMap.constant(120.0))
    transport.start_stop(Seconds(at))
    return Timekeeper(transport, Harmony(CHANGES, ChordSource.CHART), Knobs(**knobs))


@given(st.floats(0.0, 1e4), st.integers(-200, 500), st.sampled_from([20.0, 137.0, 500.0]))
def test_what_is_sent_by_now_is_all_that_is_due(now: float, latency: int, bpm: float) -> None:
    time = keeper(bpm, latency_ms=latency)
    tick = time.tick(Seconds(now))
    assert time.due_at(tick) <= now + 1e-6
    assert time.due_at(Ticks(tick + 1)) > now - 1e-6


def test_only_what_is_sent_goes_ahead() -> None:
    time = keeper(latency_ms=250)
    assert time.tick(Seconds(1.0)) == 1200
    assert time.heard_at(Seconds(1.0)) == 960
    time.turn_knobs(Knobs(latency_ms=0))
    assert time.tick(Seconds(1.0)) == 960


def test_while_it_stands_still_it_is_where_it_stopped() -> None:
    time = standing(1.0, latency_ms=250)
    for now in (1.0, 1.5, 3600.0):
        assert time.tick(Seconds(now)) == time.heard_at(Seconds(now)) == 960
    assert time.swing(Ticks(960)) is None
    assert time.place(Seconds(3600.0)) == "chorus 1, bar 1"


@pytest.mark.parametrize(("knob", "share"), [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)])
def test_the_knob_is_times_the_swing_of_the_tempo_and_the_style(knob: float, share: float) -> None:
    of_tempo = swing_ratio(180.0, WALTZ.style) - 1.0
    assert of_tempo > 0.0
    swing = keeper(180.0, WALTZ, swing=knob).swing(Ticks(0))
    assert swing == pytest.approx(1.0 + share * of_tempo)


@pytest.mark.parametrize(
    ("latency", "offset", "ticks"),
    [(0, 0, 0), (100, 0, 96), (-100, 0, 0), (0, -50, 48), (0, 50, 0), (100, -50, 144)],
)
def test_who_sends_ahead_of_a_clock_hears_of_its_start_later(
    latency: int, offset: int, ticks: int
) -> None:
    """At 120 quarters a minute a millisecond is 0.96 ticks."""
    time = keeper(latency_ms=latency, clock_offset_ms=offset)
    assert time.grace(Ticks(0)) == JUST_BEGUN + ticks


@pytest.mark.parametrize(("changes", "bar"), [(CHANGES, BAR), (WALTZ, BAR * 3 // 4)])
def test_the_next_bar_line(changes: Changes, bar: int) -> None:
    line = keeper(changes=changes).bar_line
    assert [line(Ticks(tick)) for tick in (0, 1, bar - 1, bar)] == [0, bar, bar, bar]
    assert [line(Ticks(tick)) for tick in (4 * bar + 1, 9 * bar)] == [5 * bar, 9 * bar]
    assert [line(Ticks(tick)) for tick in (-1, -bar, -bar - 1)] == [0, -bar, -bar]


def test_a_beat_lasts_as_the_tempo_says() -> None:
    assert keeper(90.0).beat(Seconds(7.0)) == pytest.approx(60 / 90)
