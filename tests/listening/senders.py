"""Simulated senders: clocks with the faults of real ones, and songs placed at random.

The tests and `benchmarks/clock.py` measure with the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from live_improv.music.events import (
    Continue,
    ControlChange,
    Event,
    Pulse,
    SongPosition,
    Start,
    Stop,
)

BEAT = 24
"""Pulses."""

Times = list[float]
"""When the pulses come, in seconds."""


def interval(bpm: float) -> float:
    """Seconds from pulse to pulse."""
    return 60.0 / bpm / BEAT


def steady(bpm: float, pulses: int) -> Times:
    """A perfect clock."""
    return [100.0 + number * interval(bpm) for number in range(pulses)]


def jittered(times: Sequence[float], random: Random) -> Times:
    """Each up to 1 ms late, as through a USB cable."""
    return [time + random.uniform(0.0, 0.001) for time in times]


def spiked(times: Sequence[float], random: Random) -> Times:
    """The same, and one in fifty 3 to 10 ms late; a cable keeps the order."""
    late = [
        time + random.uniform(0.003, 0.010) * (random.random() < 0.02)
        for time in jittered(times, random)
    ]
    return list(accumulate(late, max))


def in_buffers(buffer: float) -> Callable[[Sequence[float], Random], Times]:
    """Each at the end of the audio buffer, of so many seconds, that it falls into."""

    def sent(times: Sequence[float], random: Random) -> Times:
        phase = random.uniform(0.0, buffer)
        return [buffer * (1 + (time + phase) // buffer) - phase for time in times]

    return sent


@dataclass(frozen=True)
class Clock:
    """How a sender's pulses come.

    Attributes:
        sent: when they are heard, from when they should be.
        lag: how late they are on average, spikes aside, in seconds.
    """

    sent: Callable[[Sequence[float], Random], Times]
    lag: float


CLOCKS = {
    "1 ms jitter": Clock(jittered, 0.0005),
    "1 ms jitter, 2 % spikes of 3-10 ms": Clock(spiked, 0.0005),
    "buffers of 512 at 48 kHz": Clock(in_buffers(512 / 48_000), 256 / 48_000),
    "buffers of 1024 at 44.1 kHz": Clock(in_buffers(1024 / 44_100), 512 / 44_100),
}


def ritardando(bpm: float) -> Times:
    """The intervals of two bars of four that slow down by a fifth."""
    return [interval(bpm * (1.0 - 0.2 * pulse / (8 * BEAT))) for pulse in range(8 * BEAT)]


@dataclass
class Reference:
    """What MIDI says of the place in the song, and nothing of time: a model to compare with."""

    running: bool = False
    following: int = 0  # the pulse of the song that comes next
    last: int | None = None  # the one that came last, if the song has not been placed since

    def hear(self, event: Event) -> None:
        """Take one message."""
        match event:
            case Pulse() if self.running:
                self.last, self.following = self.following, self.following + 1
            case Start():
                self.running, self.following, self.last = True, 0, None
            case Continue() if not self.running:
                self.running, self.last = True, None
            case Stop():
                self.running, self.last = False, None
            case SongPosition(sixteenths) if sixteenths * 6 != self.following:
                self.following, self.last = sixteenths * 6, None

    @property
    def here(self) -> int:
        """The last pulse, or the next one if it is not known yet."""
        return self.following if self.last is None else self.last


def flood() -> list[Event]:
    """What REAPER sends before it plays: all sound and all notes off, on each channel."""
    return [ControlChange(control, 0, channel) for channel in range(16) for control in (120, 123)]


def said(random: Random) -> list[Event]:
    """What a sender may say at once."""
    place = SongPosition(random.randrange(400))
    choices: list[list[Event]] = [
        [Start()],
        [Stop()],
        [Continue()],
        [place],
        [Stop(), Stop()],
        [Start(), Continue()],
        [Stop(), Start()],
        [Stop(), place, Continue()],
        [Continue(), SongPosition(0)],
        [SongPosition(0), Continue()],
        [Stop(), SongPosition(0), *flood(), Start() if random.random() < 0.5 else Continue()],
    ]
    return random.choice(choices)


def song(random: Random) -> Iterator[tuple[Event, float]]:
    """A song that is started, stopped, placed and changed in tempo; each message with its time."""
    now, gap = 10.0, interval(random.uniform(40, 280))
    buffer = random.choice([0.0, 0.0, 128 / 48_000, 512 / 48_000])
    pulses_when_stopped = random.random() < 0.5
    running = random.random() < 0.5

    def heard(at: float) -> float:
        return (at // buffer + 1) * buffer if buffer else at

    if running:
        yield Start(), now
    for _ in range(random.randint(4, 20)):
        for _ in range(random.choice([0, 1, 2, random.randint(3, 200)])):
            now += gap
            if running or pulses_when_stopped:
                spike = random.uniform(0.0, 0.008) if random.random() < 0.02 else 0.0
                yield Pulse(), heard(now + min(random.uniform(0.0, 0.001) + spike, gap / 2))
        for event in said(random):
            running = {Start: True, Continue: True, Stop: False}.get(type(event), running)
            yield event, heard(now + gap / 2)
        if random.random() < 0.3:
            gap = min(max(gap * random.choice([0.5, 0.9, 1.05, 1.1, 2.0]), 0.008), 0.07)
        if not running:
            now += random.choice([0.0, gap, random.uniform(0.0, 3.0)])
