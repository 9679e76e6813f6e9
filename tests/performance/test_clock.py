"""Clocks: waiting until a moment, really and virtually."""

from __future__ import annotations

import pytest

from live_improv.music.timing import Seconds
from live_improv.performance import clock
from live_improv.performance.clock import Clock, VirtualClock, WallClock


def test_virtual_time_passes_by_waiting_only() -> None:
    virtual = VirtualClock()
    assert virtual.now() == 0.0
    assert virtual.now() == 0.0
    virtual.wait(Seconds(2.5))
    assert virtual.now() == 2.5
    virtual.wait(Seconds(1.0))
    assert virtual.now() == 2.5
    virtual.wait(Seconds(1e6))
    assert virtual.now() == 1e6


class SleepyTime:
    """A `time` whose sleep wakes up early, and which notes for how long it was asked to sleep."""

    def __init__(self, early: float) -> None:
        self.moment = 100.0
        self.early = early
        self.slept: list[float] = []

    def perf_counter(self) -> float:
        """The moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Sleep, not for all of it."""
        assert seconds > 0
        self.slept.append(seconds)
        self.moment += max(seconds * self.early, 1e-6)


@pytest.mark.parametrize("early", [1.0, 0.5, 0.001])
def test_waiting_never_ends_early(monkeypatch: pytest.MonkeyPatch, early: float) -> None:
    fake = SleepyTime(early)
    monkeypatch.setattr(clock, "time", fake)
    wall: Clock = WallClock()
    wall.wait(Seconds(100.001))
    assert wall.now() >= 100.001
    assert fake.slept[0] == pytest.approx(0.001)
    assert fake.slept == sorted(fake.slept, reverse=True)


def test_a_moment_that_is_past_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = SleepyTime(1.0)
    monkeypatch.setattr(clock, "time", fake)
    for moment in (100.0, 99.0, -5.0):
        WallClock().wait(Seconds(moment))
    assert fake.slept == []


def test_real_time_does_not_go_back() -> None:
    wall = WallClock()
    moments = [wall.now() for _ in range(100)]
    assert moments == sorted(moments)
