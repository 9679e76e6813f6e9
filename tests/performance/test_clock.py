"""Clocks: waiting until a moment, really and virtually, and being woken."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace

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


class FakeTime:
    """A `time` that passes only in a fake lock; and whose locks wake up early, if asked to."""

    def __init__(self, early: float) -> None:
        self.moment = 100.0
        self.early = early
        self.slept: list[float] = []
        self.during: list[Callable[[], None]] = []  # what others do in the next sleeps

    def perf_counter(self) -> float:
        """The moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Not for all of it; meanwhile others may do something."""
        assert 0 < seconds <= threading.TIMEOUT_MAX
        self.slept.append(seconds)
        self.moment += max(min(seconds * self.early, 1e6), 1e-6)
        if self.during:
            self.during.pop(0)()


class FakeLock:
    """A lock that one thread waits for; time passes while it does."""

    TIMEOUT_MAX = threading.TIMEOUT_MAX

    def __init__(self, time: FakeTime) -> None:
        self.time = time
        self.free = True

    def acquire(self, timeout: float = -1.0) -> bool:
        """Take it, or wait for it and then try again."""
        if not self.free and timeout > 0:
            self.time.sleep(timeout)
        assert self.free or timeout > 0, "nobody waits for ever"
        taken, self.free = self.free, False
        return taken

    def release(self) -> None:
        """Give it back."""
        if self.free:
            raise RuntimeError("release unlocked lock")
        self.free = True


def faked(monkeypatch: pytest.MonkeyPatch, early: float = 1.0) -> tuple[FakeTime, WallClock]:
    """A wall clock in fake time."""
    fake = FakeTime(early)
    monkeypatch.setattr(clock, "time", fake)
    monkeypatch.setattr(
        clock,
        "threading",
        SimpleNamespace(Lock=lambda: FakeLock(fake), TIMEOUT_MAX=threading.TIMEOUT_MAX),
    )
    return fake, WallClock()


@pytest.mark.parametrize("early", [1.0, 0.5, 0.001])
def test_waiting_never_ends_early(monkeypatch: pytest.MonkeyPatch, early: float) -> None:
    fake, wall = faked(monkeypatch, early)
    as_clock: Clock = wall
    as_clock.wait(Seconds(100.001))
    assert wall.now() >= 100.001
    assert fake.slept[0] == pytest.approx(0.001)
    assert fake.slept == sorted(fake.slept, reverse=True)


def test_a_moment_that_is_past_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fake, wall = faked(monkeypatch)
    for moment in (100.0, 99.0, -5.0):
        wall.wait(Seconds(moment))
    assert fake.slept == []


def test_a_wait_is_ended_by_waking(monkeypatch: pytest.MonkeyPatch) -> None:
    fake, wall = faked(monkeypatch, early=0.25)
    fake.during.append(wall.wake)
    wall.wait(Seconds(200.0))
    assert wall.now() == 125.0
    assert len(fake.slept) == 1
    # Once only: the next one is waited for to its end.
    wall.wait(Seconds(130.0))
    assert wall.now() >= 130.0


def test_waking_before_a_wait_ends_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """So nothing that comes in between looking and waiting is slept over."""
    fake, wall = faked(monkeypatch)
    for times in (1, 5):
        for _ in range(times):
            wall.wake()
        wall.wait(Seconds(fake.moment + 50.0))
        assert fake.slept == []
    # However often it was woken, it is one wait.
    wall.wait(Seconds(101.0))
    assert wall.now() == 101.0


def test_one_may_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    fake, wall = faked(monkeypatch)
    fake.during += [lambda: None, wall.wake]
    wall.wait(Seconds(float("inf")))
    assert fake.slept == [threading.TIMEOUT_MAX] * 2


def test_another_thread_ends_a_real_wait() -> None:
    wall, woken = WallClock(), threading.Event()

    def wake() -> None:
        woken.wait(10.0)
        wall.wake()

    other = threading.Thread(target=wake)
    other.start()
    woken.set()
    wall.wait(Seconds(wall.now() + 60.0))  # the test's timeout would tell
    other.join(10.0)
    assert not other.is_alive()


def test_many_threads_may_wake_at_once() -> None:
    wall = WallClock()
    others = [threading.Thread(target=wall.wake) for _ in range(20)]
    for other in others:
        other.start()
    for other in others:
        other.join(10.0)
    wall.wait(Seconds(wall.now() + 60.0))
    before = wall.now()
    wall.wait(Seconds(before + 0.001))
    assert wall.now() >= before + 0.001


def test_real_time_does_not_go_back() -> None:
    wall = WallClock()
    moments = [wall.now() for _ in range(100)]
    assert moments == sorted(moments)
