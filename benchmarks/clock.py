"""Following a MIDI clock: the error of the predicted beat, ours beside the usual estimators.

    python benchmarks/clock.py [--seeds 4]

What is measured, on simulated clocks of 60, 97.3, 120, 174 and 240 quarters a minute with one
setting for all: after four beats of lock, over 64 beats, how far the moment of each beat is from
the one foretold, 99th percentile, in ms. `next pulse` is foretold by the last pulse before the
beat: due times are looked up again at every pulse, so this is the error with which a note is sent,
and the bar is for it. `3 pulses` and `a beat` ahead are foretold earlier. A clock of audio buffers
is late by half a buffer on average, whoever follows it; such a constant is what
`--clock-offset-ms` is for, and the mean error of each run is taken away from all, ours as well.

Then a tempo that changes, under 1 ms of jitter: after how many beats the prediction stays within
5 ms, the worst run; and how far it is behind in a ritardando. Last, songs that are started,
stopped, placed and changed in tempo at random: in how many the bar and beat is right after
every message.

The peers: the mean of the last 24 intervals; the tempo smoothed by 0.95 at every pulse, as
isobar does; least squares over 96 pulses; a delay-locked loop of second order at 0.5 Hz, which is
Ardour's method. None of them knows of song positions.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Protocol

import numpy as np
from figures import Cell, Table, quantile

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from live_improv.listening.clock_follower import ClockFollower
from live_improv.music.events import Pulse, Start
from live_improv.music.timing import Seconds, Ticks
from tests.listening.senders import BEAT, CLOCKS, Clock, Reference, interval, ritardando, song

TEMPI = (60.0, 97.3, 120.0, 174.0, 240.0)
LOCK = 4 * BEAT
LENGTH = 64 * BEAT
AHEAD = {"next pulse": 1, "3 pulses": 3, "a beat": BEAT}
BARS = {
    "1 ms jitter": "<= 0.5",
    "1 ms jitter, 2 % spikes of 3-10 ms": "<= 1.0",
    "buffers of 512 at 48 kHz": "<= 2.5",
}
PULSE_TICKS = 20


class Follower(Protocol):
    """Hears pulses and foretells."""

    def hear(self, at: float) -> None:
        """Take the next pulse."""

    def ahead(self, pulses: int) -> float:
        """When the pulse will come that is so many after the last one."""


class Ours:
    """The follower that plays."""

    def __init__(self) -> None:
        self._follower = ClockFollower()
        self._follower.receive(Start(), Seconds(0.0))

    def hear(self, at: float) -> None:
        self._follower.receive(Pulse(), Seconds(at))

    def ahead(self, pulses: int) -> float:
        tempo, tick = self._follower.tempo, self._follower.position
        return tempo.seconds_at(Ticks(tick + pulses * PULSE_TICKS)) if tempo else math.nan


class MeanOfIntervals:
    """From the last pulse on, at the mean of the last 24 intervals."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=25)

    def hear(self, at: float) -> None:
        self._times.append(at)

    def ahead(self, pulses: int) -> float:
        times = self._times
        return times[-1] + pulses * (times[-1] - times[0]) / max(len(times) - 1, 1)


class SmoothedTempo:
    """From the last pulse on, at a tempo that takes a twentieth of each new one."""

    def __init__(self) -> None:
        self._last = math.nan
        self._bpm = math.nan

    def hear(self, at: float) -> None:
        gap, self._last = at - self._last, at
        if gap > 0:
            bpm = 60.0 / BEAT / gap
            self._bpm = bpm if math.isnan(self._bpm) else 0.95 * self._bpm + 0.05 * bpm

    def ahead(self, pulses: int) -> float:
        return self._last + pulses * interval(self._bpm)


class Regression:
    """Least squares through the last 96 pulses."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=96)

    def hear(self, at: float) -> None:
        self._times.append(at)

    def ahead(self, pulses: int) -> float:
        times = np.array(self._times)
        n = len(times)
        if n < 2:
            return math.nan
        offsets = np.arange(n) - (n - 1) / 2
        slope = float(offsets @ times / (offsets @ offsets))
        return float(times.mean()) + slope * (pulses + (n - 1) / 2)


class DelayLockedLoop:
    """Of second order, 0.5 Hz, begun with the mean of the first 24 intervals."""

    def __init__(self) -> None:
        self._first: list[float] = []
        self._next = self._gap = math.nan

    def hear(self, at: float) -> None:
        if len(self._first) < 25:
            self._first.append(at)
            self._gap = (at - self._first[0]) / max(len(self._first) - 1, 1)
            self._next = at + self._gap
            return
        omega = 2.0 * math.pi * 0.5 * self._gap
        error = at - self._next
        self._next += math.sqrt(2.0) * omega * error + self._gap
        self._gap += omega * omega * error

    def ahead(self, pulses: int) -> float:
        return self._next + (pulses - 1) * self._gap


FOLLOWERS: dict[str, Callable[[], Follower]] = {
    "ours": Ours,
    "24 intervals": MeanOfIntervals,
    "EMA 0.95": SmoothedTempo,
    "regression": Regression,
    "DLL 0.5 Hz": DelayLockedLoop,
}


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4, help="runs of every clock and tempo (4)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()
    seeds = range(options.seeds)

    table = Table("Following a MIDI clock", ("what", "bar", *FOLLOWERS), digits=2)
    for name, clock in CLOCKS.items():
        errors = [beat_errors(make, clock, seeds) for make in FOLLOWERS.values()]
        for ahead in AHEAD:
            bar = BARS.get(name, "") if ahead == "next pulse" else ""
            cells = [1e3 * quantile([abs(e) for e in found[ahead]], 0.99) for found in errors]
            table.add(f"{name}, {ahead}: ms", bar, *cells)
    for name, ratio, tempi in STEPS:
        for ahead in ("next pulse", "a beat"):
            bar = "<= 1" if (name, ahead) == ("+10 %", "next pulse") else ""
            beats = [
                worst_return(make, ratio, tempi, AHEAD[ahead], seeds) for make in FOLLOWERS.values()
            ]
            table.add(f"{name}, {ahead}: beats", bar, *beats)
    table.add(
        "a fifth slower over 2 bars, next pulse: ms behind",
        "",
        *(worst_lag(make, seeds) for make in FOLLOWERS.values()),
    )
    right = sum(map(followed, range(200)))
    others: list[Cell] = ["-"] * (len(FOLLOWERS) - 1)
    table.add("random songs of 200 with bar and beat right", "200", right, *others)
    table.add("one pulse: microseconds", "", *(cost(make) for make in FOLLOWERS.values()))
    table.notes.append(
        f"{len(TEMPI)} tempi, {options.seeds} runs of each; the cost is the median of hearing a "
        "pulse and foretelling the next"
    )
    table.show()
    if options.json is not None:
        table.write(options.json)


STEPS = (
    ("+10 %", 1.1, TEMPI),
    ("-10 %", 0.9, TEMPI),
    ("60 to 240", 4.0, (60.0,)),
    ("240 to 60", 0.25, (240.0,)),
)


def beat_errors(
    make: Callable[[], Follower], clock: Clock, seeds: Sequence[int]
) -> dict[str, list[float]]:
    """The errors of the beats, in seconds, about the mean of each run."""
    found: dict[str, list[float]] = {name: [] for name in AHEAD}
    for bpm in TEMPI:
        for seed in seeds:
            times = list(accumulate([interval(bpm)] * (LOCK + LENGTH), initial=100.0))
            errors = trace(make(), times, clock, seed, tuple(AHEAD.values()))
            for name, ahead in AHEAD.items():
                beats = [errors[ahead][beat] for beat in range(LOCK + BEAT, len(times), BEAT)]
                mean = sum(beats) / len(beats)
                found[name] += [error - mean for error in beats]
    return found


def trace(
    follower: Follower, times: Sequence[float], clock: Clock, seed: int, aheads: Sequence[int]
) -> dict[int, list[float]]:
    """The error of each pulse as foretold so many pulses ahead; not a number where it was not."""
    errors = {ahead: [math.nan] * len(times) for ahead in aheads}
    for number, at in enumerate(clock.sent(times, Random(seed))):
        follower.hear(at)
        for ahead in aheads:
            if number + ahead < len(times):
                foretold = follower.ahead(ahead)
                errors[ahead][number + ahead] = foretold - times[number + ahead]
    return errors


def worst_return(
    make: Callable[[], Follower],
    ratio: float,
    tempi: Sequence[float],
    ahead: int,
    seeds: Sequence[int],
) -> float:
    """Beats from the last pulse of the old tempo until the prediction is good for good."""
    clock, worst = CLOCKS["1 ms jitter"], 0.0
    for bpm in tempi:
        for seed in seeds:
            before = 2 * LOCK + 7 * seed
            gaps = [interval(bpm)] * before + [interval(bpm * ratio)] * (16 * BEAT)
            times = list(accumulate(gaps, initial=100.0))
            errors = trace(make(), times, clock, seed, [ahead])[ahead]
            # What is foretold with the pulse `number` is the error of the pulse after `ahead`.
            bad = [
                number
                for number in range(before, len(times) - ahead)
                if not abs(errors[number + ahead] - clock.lag) <= 0.005
            ]
            if bad:
                worst = max(worst, (bad[-1] + 1 - before) / BEAT)
    return worst


def worst_lag(make: Callable[[], Follower], seeds: Sequence[int]) -> float:
    """How far the prediction of the next pulse is off at worst in a ritardando, in ms."""
    clock, worst = CLOCKS["1 ms jitter"], 0.0
    for bpm in TEMPI:
        for seed in seeds:
            gaps = [interval(bpm)] * (2 * LOCK) + ritardando(bpm) + [interval(0.8 * bpm)] * LOCK
            times = list(accumulate(gaps, initial=100.0))
            errors = trace(make(), times, clock, seed, [1])[1]
            worst = max(worst, *(abs(error - clock.lag) for error in errors[2 * LOCK :]))
    return 1e3 * worst


def followed(seed: int) -> bool:
    """Whether the place in a random song is right after every message."""
    follower, reference = ClockFollower(), Reference()
    for event, at in song(Random(seed)):
        follower.receive(event, Seconds(at))
        reference.hear(event)
        right = follower.position == reference.here * PULSE_TICKS
        if not right or follower.playing != reference.running:
            return False
    return True


def cost(make: Callable[[], Follower]) -> float:
    """Microseconds to take a pulse and foretell the next."""
    follower, spent = make(), []
    for at in CLOCKS["1 ms jitter"].sent([interval(120) * n for n in range(3_000)], Random(1)):
        begun = time.perf_counter()
        follower.hear(at)
        follower.ahead(1)
        spent.append(time.perf_counter() - begun)
    return 1e6 * quantile(spent, 0.5)


if __name__ == "__main__":
    main()
