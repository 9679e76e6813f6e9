"""Clocks: the only module that waits.

A performance asks its clock what time it is and waits until a moment, or until something is
heard. Offline the moment is simply reached, so one loop serves both.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Protocol

from live_improv.music.timing import Seconds


class Clock(Protocol):
    """Something that tells a monotonic time in seconds and can wait for it."""

    def now(self) -> Seconds:
        """The present moment."""

    def wait(self, until: Seconds) -> None:
        """Return when `until` has come, at once if it is past; or earlier, if woken."""


class WallClock:
    """Real time: the performance counter, which no change of the wall clock moves."""

    def __init__(self) -> None:
        # Held all the time; who wakes the clock lets it go.
        self._asleep = threading.Lock()
        self._asleep.acquire()

    def now(self) -> Seconds:
        """Seconds since an arbitrary moment."""
        return Seconds(time.perf_counter())

    def wait(self, until: Seconds) -> None:
        """Sleep until the moment, or until woken; otherwise never return early."""
        while (left := until - time.perf_counter()) > 0:
            if self._asleep.acquire(timeout=min(left, threading.TIMEOUT_MAX)):
                return

    def wake(self) -> None:
        """End the present wait, or else the next one, early; may be called by any thread."""
        with suppress(RuntimeError):  # somebody else has just done so
            self._asleep.release()


class VirtualClock:
    """Time that passes only by waiting, starting at 0."""

    def __init__(self) -> None:
        self._now = Seconds(0.0)

    def now(self) -> Seconds:
        """The moment waited for last."""
        return self._now

    def wait(self, until: Seconds) -> None:
        """Be there."""
        self._now = max(self._now, until)
