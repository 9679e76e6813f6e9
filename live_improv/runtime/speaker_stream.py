"""Events with their moments become blocks of sound; no device, no thread, no clock of its own.

Conventions
    Moments are seconds on the clock of `time.perf_counter`; frames are counted from the start of
    the stream, at `rate` frames a second. A block is asked for when the device has room for it, so
    blocks come early, late and in bursts; an event sounds a constant time after its moment all the
    same, because its frame is computed from the moment and not from the block it comes with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from live_improv.music.events import Event, NoteOn, Stamped
from live_improv.music.timing import Seconds

Frames = NDArray[np.float32]

MARGIN = Seconds(0.001)
"""What an event may take from its moment to us; it takes about a tenth of that."""

WINDOW = Seconds(2.0)
"""For how long, up to twice this, the earliest block is remembered. A sound card that is 100 ppm
off moves away from us by 0.2 ms in that time."""

RESTART = Seconds(0.1)
"""A stream that is so much further behind than it was lately has stood still, and what was before
does not count any more."""

STALE = Seconds(0.25)
"""A note-on that comes later than this is not played: what has piled up would be a thump."""

FADE = Seconds(0.3)
"""How long the end takes: long enough for what was let go to ring out."""


class Instrument(Protocol):
    """What makes the sound, as `sound.synth.Synth` does."""

    def handle(self, event: Event, after: int = 0) -> None:
        """Take an event that happens so many frames after the next one."""

    def render(self, frames: int) -> Frames:
        """The next frames, shape (frames, 2), within -1..1."""

    def prepare(self) -> bool:
        """Make a little of what will be needed, in a millisecond; whether there is more."""


class Placing:
    """Which frame of the stream belongs to a moment.

    Frames that have been rendered cannot be changed, so the frame of a moment must lie after all
    that is rendered by then. By how much the stream is ahead of the clock differs from block to
    block; what holds is the most that it was ahead lately, and that is the latency.

    Args:
        rate: frames a second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._window_ends = Seconds(float("-inf"))
        self._before = self._lately = float("-inf")
        self._offset = float("-inf")

    def rendering(self, now: Seconds, rendered: int) -> None:
        """Note that at the moment `now` the stream is filled up to the frame `rendered`."""
        ahead = rendered - now * self._rate
        if now >= self._window_ends:
            self._before, self._lately = self._lately, ahead
            self._window_ends = Seconds(now + WINDOW)
        if ahead < self._offset - RESTART * self._rate:
            self._before = self._lately = ahead
        self._lately = max(self._lately, ahead)
        self._offset = max(self._before, self._lately) + MARGIN * self._rate

    def frame(self, at: Seconds) -> int:
        """The frame at which an event of the moment `at` sounds."""
        return round(at * self._rate + self._offset)


class Stream:
    """Blocks of sound, made of the events that have come.

    One thread puts events in, another asks for blocks.

    Args:
        instrument: makes the sound.
        rate: frames a second.
        buffered: blocks that the device can hold, so how many it can play on while none comes.

    Attributes:
        rendered: frames so far.
        done_at: when the last block was ready; None before the first.
        late: blocks that came when the device had nothing left to play.
        faded: all is silent, after `end`.
    """

    def __init__(self, instrument: Instrument, rate: int, buffered: int) -> None:
        self.rendered = 0
        self.done_at: Seconds | None = None
        self.late = 0
        self.faded = False
        self.placing = Placing(rate)
        self._instrument = instrument
        self._rate = rate
        self._buffered = buffered
        self._unprepared = True
        self._waiting: deque[Stamped] = deque()
        self._fade: float | None = None

    def put(self, events: Iterable[Stamped]) -> None:
        """Take events, in the order they happen."""
        self._waiting.extend(events)

    def end(self) -> None:
        """Let the sound fade away."""
        self._fade = 1.0

    def block(self, frames: int, now: Seconds) -> Frames:
        """The next `frames` frames, asked for at the moment `now`; shape (frames, 2)."""
        first, self.rendered = self.rendered, self.rendered + frames
        self.placing.rendering(now, self.rendered)
        after, waiting, quiet = 0, self._waiting, True
        while waiting and (frame := self.placing.frame(waiting[0].at)) < self.rendered:
            stamped, quiet = waiting.popleft(), False
            # In the order they were sent, whatever their moments: an off never overtakes its on.
            after = max(after, frame - first)
            if now - stamped.at < STALE or not isinstance(stamped.event, NoteOn):
                self._instrument.handle(stamped.event, after)
        sound = self._instrument.render(frames)
        if quiet and self._unprepared:
            self._unprepared = self._instrument.prepare()
        return sound if self._fade is None else self._faded(sound, self._fade)

    def finished(self, frames: int, now: Seconds) -> None:
        """Note that a block of `frames` frames was ready at the moment `now`."""
        before, self.done_at = self.done_at, now
        if before is not None and now - before > self._buffered * frames / self._rate:
            self.late += 1

    def _faded(self, sound: Frames, gain: float) -> Frames:
        """The block under a straight line down, which ends at silence."""
        step = 1 / (FADE * self._rate)
        gains = np.maximum(gain - step * np.arange(1, len(sound) + 1), 0.0)
        self._fade = float(gains[-1])
        self.faded = self._fade == 0.0
        faded: Frames = sound * gains[:, None].astype(np.float32)
        return faded
