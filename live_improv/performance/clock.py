"""Clocks: the only module that waits.

A performance asks its clock what time it is and waits until a moment. Offline the moment is
simply reached, so one loop serves both.
"""

from __future__ import annotations

import time
from typing import Protocol

from live_improv.music.timing import Seconds


class Clock(Protocol):
    """Something that tells a monotonic time in seconds and can wait for it."""

    def now(self) -> Seconds:
        """The present moment."""

    def wait(self, until: Seconds) -> None:
        """Return when `until` has come, at once if it is past."""


class WallClock:
    """Real time: the performance counter, which no change of the wall clock moves."""

    def now(self) -> Seconds:
        """Seconds since an arbitrary moment."""
        return Seconds(time.perf_counter())

    def wait(self, until: Seconds) -> None:
        """Sleep until the moment; never return early."""
        while (left := until - time.perf_counter()) > 0:
            time.sleep(left)


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
