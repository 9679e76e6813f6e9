"""The line through the pulses: how exact it is, and that nothing fools it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.listening.beat_line import LONGEST, SHORTEST, BeatLine
from live_improv.music.timing import Seconds
from tests.listening.senders import BEAT, CLOCKS, interval, jittered, ritardando, steady

TEMPI = (60.0, 97.3, 120.0, 174.0, 240.0)
JITTER, SPIKES = "1 ms jitter", "1 ms jitter, 2 % spikes of 3-10 ms"


def fed(times: Sequence[float]) -> BeatLine:
    line = BeatLine()
    for time in times:
        line.add(Seconds(time))
    return line


def p99(values: Sequence[float]) -> float:
    return sorted(map(abs, values))[int(0.99 * len(values))]


@given(st.floats(20.0, 500.0), st.integers(3, 150))
def test_a_perfect_clock_is_followed_perfectly(bpm: float, pulses: int) -> None:
    line = fed(steady(bpm, pulses))
    assert line.index == pulses - 1
    assert line.interval == pytest.approx(interval(bpm), rel=1e-6)
    assert line.at(200) == pytest.approx(100.0 + 200 * interval(bpm), abs=1e-5)


def test_two_pulses_are_no_tempo() -> None:
    assert fed(steady(120, 2)).interval is None
    assert fed(steady(120, 3)).interval is not None


@given(st.lists(st.sampled_from([0.0, 0.0, 0.0004, 0.004, 0.02, 0.021, 0.06, 0.12, 0.5])))
def test_whatever_comes_the_tempo_stays_one(gaps: list[float]) -> None:
    line = BeatLine()
    for time in accumulate(gaps, initial=0.0):
        line.add(Seconds(time))
        assert line.interval is None or SHORTEST <= line.interval <= LONGEST
    assert line.index >= len(gaps)


@pytest.mark.parametrize(
    ("clock", "bar"),
    [(JITTER, 0.5), (SPIKES, 1.0), ("buffers of 512 at 48 kHz", 2.5)],
)
@pytest.mark.parametrize("ahead", [1, 3])
def test_the_next_beat_is_foretold(clock: str, bar: float, ahead: int) -> None:
    """After four beats, over 64; the errors are about their mean, in ms."""
    found = []
    for seed, bpm in enumerate(TEMPI):
        times = steady(bpm, 68 * BEAT)
        line, errors = BeatLine(), []
        for number, time in enumerate(CLOCKS[clock].sent(times, Random(seed))):
            line.add(Seconds(time))
            beat = number + ahead
            if beat % BEAT == 0 and 4 * BEAT < beat < len(times):
                errors.append(1e3 * (line.at(beat) - times[beat]))
        mean = sum(errors) / len(errors)
        found += [error - mean for error in errors]
    assert p99(found) <= bar


def worst_from(intervals: Sequence[float], before: int, since: int, clock: str, seed: int) -> float:
    """The worst error of the next pulse, from `since` pulses after the tempo began to move."""
    times = list(accumulate(intervals, initial=100.0))
    line, worst = BeatLine(), 0.0
    for number, time in enumerate(CLOCKS[clock].sent(times, Random(seed))):
        line.add(Seconds(time))
        if number >= before + since and number + 1 < len(times):
            worst = max(worst, abs(line.at(number + 1) - times[number + 1] - CLOCKS[clock].lag))
    return worst


@pytest.mark.parametrize(
    ("bpm", "ratio"),
    [
        (bpm, ratio)
        for bpm in TEMPI
        for ratio in (1.1, 0.9, 1.03, 2.0, 0.5, 0.25)
        if 20.0 <= bpm * ratio <= 500.0
    ],
)
@pytest.mark.parametrize("clock", [JITTER, SPIKES])
def test_a_new_tempo_is_taken_within_a_beat(bpm: float, ratio: float, clock: str) -> None:
    for seed in range(3):
        before = 200 + seed
        intervals = [interval(bpm)] * before + [interval(bpm * ratio)] * 200
        assert worst_from(intervals, before, BEAT, clock, seed) < 0.005


@pytest.mark.parametrize("bpm", [60.0, 120.0, 240.0])
def test_a_ritardando_is_followed(bpm: float) -> None:
    """By a fifth over two bars of four: at most 15 ms behind."""
    intervals = [interval(bpm)] * 200 + ritardando(bpm) + [interval(bpm * 0.8)] * 100
    for seed in range(3):
        assert worst_from(intervals, 200, 0, JITTER, seed) < 0.015


def test_steps_that_come_after_a_new_tempo_do_not_bring_the_old_one_back() -> None:
    """At 240 in buffers of 512 the pulses slip by a whole buffer every 43rd time."""
    clock = "buffers of 512 at 48 kHz"
    for seed in range(8):
        intervals = [interval(60.0)] * 389 + [interval(240.0)] * 300
        assert worst_from(intervals, 389, BEAT, clock, seed) < 0.012


def test_one_late_pulse_moves_nothing() -> None:
    times = jittered(steady(120, 301), Random(1))
    with_spike = [*times[:-1], times[-1] + 0.009]
    assert fed(with_spike).at(400) == pytest.approx(fed(times).at(400), abs=0.0002)


@pytest.mark.parametrize("by", [0.030, -0.012])
def test_a_slip_is_told_and_keeps_the_tempo(by: float) -> None:
    line = fed(steady(120, 200))
    moved = [line.add(Seconds(100.0 + by + number * interval(120))) for number in range(200, 230)]
    assert sum(moved) == pytest.approx(-by, abs=0.001)
    assert line.interval == pytest.approx(interval(120), rel=1e-3)
    assert line.index == 229


@pytest.mark.parametrize("lost", range(3, 6))
def test_lost_pulses_are_counted(lost: int) -> None:
    times = jittered(steady(120, 300), Random(2))
    line = fed(times[:200] + times[200 + lost :])
    assert line.index == 299
    assert line.at(299) == pytest.approx(100.0 + 299 * interval(120), abs=0.002)


def test_pulses_that_were_held_up_are_not_lost() -> None:
    times = jittered(steady(240, 300), Random(3))
    held = [*times[:200], *[times[207]] * 7, *times[207:]]
    line = fed(held)
    assert line.index == 299
    assert line.at(299) == pytest.approx(100.0 + 299 * interval(240), abs=0.002)


def test_a_restart_keeps_the_tempo_until_the_pulses_tell_another() -> None:
    line = fed(steady(120, 100))
    assert line.restart(Seconds(200.0), lost=3) == pytest.approx(
        100.0 + 103 * interval(120) - 200.0
    )
    assert line.index == 103
    assert line.at(104) == pytest.approx(200.0 + interval(120))
    for number in range(1, BEAT):
        line.add(Seconds(200.0 + number * interval(90)))
    assert line.at(150) == pytest.approx(200.0 + 47 * interval(90), abs=0.005)
