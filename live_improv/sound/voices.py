"""Voices: notes that sound. Each adds itself to a stretch of frames, from when it begins.

Frames count from the beginning of the performance. A voice knows when it was struck and when its key
came up, both as exact frames, and never looks at anything but the stretch it is asked for, so the
length of the stretches does not change what is heard.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np

from live_improv.sound.partials import Samples, Tone

_GONE = 5.0
"""A release is over after so many of its time constants; it is bent so that it ends at nothing."""


class Voice(Protocol):
    """A note that sounds.

    Attributes:
        start: the frame at which it begins.
        off: the frame at which it is let go, or None.
        done: whether nothing more will come.
    """

    start: int
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
        gain: how loud.
        release: seconds in which it falls to 1/e when let go; None where nobody can stop it.
    """

    def __init__(
        self, tone: Tone, start: int, gain: float, release: float | None, rate: int
    ) -> None:
        self.start = start
        self.off: int | None = None
        self.done = False
        self._tone = tone
        self._gain = gain
        self._release = release
        self._rate = rate

    def add_to(self, out: Samples, now: int, loud: float) -> None:
        """Add what sounds from the frame `now` on to `out`."""
        begin = max(self.start - now, 0)
        place = now + begin - self.start
        heard = self._tone.read(place, place + len(out) - begin)
        gain = np.float32(self._gain * loud)
        into = out[begin : begin + len(heard)]
        if self.off is None or self.off >= now + begin + len(heard):
            into += heard * gain
            self.done = place + len(heard) >= len(self._tone)
        else:
            fall = self._falling(now + begin, len(heard))
            into[: len(fall)] += heard[: len(fall)] * (fall * gain)
            self.done = len(fall) < len(heard) or place + len(heard) >= len(self._tone)

    def let_go(self, frame: int, release: float | None = None) -> None:
        """End it from `frame` on."""
        if release is not None:
            self._release = release
        if self._release is not None:
            self.off = max(frame, self.start)

    def _falling(self, now: int, count: int) -> Samples:
        """What the release leaves from the frame `now` on: `count` frames, or until it is over."""
        assert self.off is not None
        assert self._release is not None
        curve = _release_curve(round(self._release * self._rate))
        late = now - self.off
        if late >= 0:
            return curve[late : late + count]
        whole = np.ones(min(count, len(curve) - late), np.float32)
        whole[-late:] = curve[: len(whole) + late]
        return whole


@lru_cache(maxsize=64)
def _release_curve(life: int) -> Samples:
    """From 1 to nothing, falling to 1/e in `life` frames."""
    life = max(life, 1)
    curve = np.exp(-np.arange(round(_GONE * life)) / life)
    # The floor is taken off, so that it ends at nothing and not at a step.
    floor = np.exp(-_GONE)
    return np.asarray((curve - floor) / (1 - floor), np.float32)
