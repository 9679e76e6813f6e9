"""How late notes go out: measured where they are sent, never fed back into the music."""

from __future__ import annotations

from collections import deque

from live_improv.music.timing import Seconds

KEPT = 1_000
"""The last so many notes are told about."""


class Lateness:
    """The time from when notes were due until they had been sent, of the last `KEPT` of them.

    One thread adds; any other may ask.
    """

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=KEPT)

    def add(self, late: Seconds) -> None:
        """A note went out so much later than it was due."""
        self._late.append(late)

    def p99(self) -> Seconds | None:
        """What 99 of 100 notes are not later than; None before the first one."""
        late = sorted(self._late.copy())
        return Seconds(late[(len(late) - 1) * 99 // 100]) if late else None
