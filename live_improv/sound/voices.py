"""Voices: notes that sound. Each adds itself to a stretch of frames, from when it begins.

Frames count from the beginning of the performance. A voice knows as exact frames when it was struck
and when its key came up, and looks at nothing else, so how long the stretches are does not change
what is heard.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from live_improv.sound.partials import Samples, Tone

GONE = 5.0
"""A release is over after so many of its time constants; it is bent so that it ends at nothing."""


class Voice(Protocol):
    """A note that sounds.

    Attributes:
        off: the frame at which it was first let go, or None.
        done: whether nothing more will come.
    """

    off: int | None
    done: bool

    def add_to(self, out: Samples, now: int, loud: float) -> None:
        """Add what sounds from the frame `now` on to `out`, at the level `loud`."""

    def let_go(self, frame: int, release: float | None = None) -> None:
        """End it from `frame` on, in `release` seconds if not in its own."""


class Ringing:
    """A tone that was struck and dies away, sooner when it is let go.

    Args:
        tone: what is heard.
        start: the frame at which it begins.
        gain: how loud.
        release: seconds in which it falls to 1/e when let go; None where no key holds it.
        rate: frames a second.
    """

    def __init__(
        self, tone: Tone, start: int, gain: float, release: float | None, rate: int
    ) -> None:
        self.off: int | None = None
        self.done = False
        self._tone = tone
        self._start = start
        self._gain = gain
        self._release = release
        self._rate = rate
        # Who is let go twice, as when the voice is needed elsewhere, falls by both.
        self._falls: list[tuple[int, Samples]] = []

    def add_to(self, out: Samples, now: int, loud: float) -> None:
        """Add what sounds from the frame `now` on to `out`, at the level `loud`."""
        begin = max(self._start - now, 0)
        if begin >= len(out):
            return
        now += begin
        place = now - self._start
        heard = self._tone.read(place, place + len(out) - begin)
        self.done = place + len(heard) >= len(self._tone)
        gain = np.float32(self._gain * loud)
        for off, curve in self._falls:
            if off < now + len(heard):
                fall = _from(curve, now - off, len(heard))
                self.done = self.done or len(fall) < len(heard)
                heard = heard[: len(fall)] * fall
        out[begin : begin + len(heard)] += heard * gain

    def let_go(self, frame: int, release: float | None = None) -> None:
        """End it from `frame` on, in `release` seconds if not in its own."""
        if release is None and self.off is not None:
            return
        release = self._release if release is None else release
        if release is not None:
            frame = max(frame, self._start)
            self.off = frame if self.off is None else self.off
            self._falls.append((frame, _release_curve(max(round(release * self._rate), 1))))


def _from(curve: Samples, late: int, count: int) -> Samples:
    """A fall as it is `late` frames after it began, or before: `count` frames, or to its end."""
    if late >= 0:
        return curve[late : late + count]
    whole = np.ones(min(count, len(curve) - late), np.float32)
    whole[-late:] = curve[: len(whole) + late]
    return whole


@lru_cache(maxsize=64)
def _release_curve(life: int) -> Samples:
    """From 1 to nothing, falling to 1/e in `life` frames."""
    return falling(np.arange(round(GONE * life)) / life).astype(np.float32)


def falling(age: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a release leaves after so many of its time constants: 1 up to 0, nothing from `GONE` on.

    The floor is taken off, so that it ends at nothing and not at a step.
    """
    floor = np.exp(-GONE)
    return np.asarray((np.exp(-np.clip(age, 0.0, GONE)) - floor) / (1.0 - floor))
