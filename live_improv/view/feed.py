"""The feed: a thread of the process that plays tells the page's process what is going on.

It may cost the music nothing. A frame takes a fraction of a millisecond to make, and is written
into a pipe that is never waited for: where it does not fit it is dropped, and the next one tells
all that has not been told. Another thread takes the commands that come back.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Protocol

from live_improv.music.timing import Seconds
from live_improv.performance.glimpse import Glimpse
from live_improv.performance.take import Played
from live_improv.view.commands import LONGEST
from live_improv.view.frames import Told, frame

EVERY = 0.05
"""Seconds between two frames."""

LATE_EVERY = 20
"""Frames between two looks at the lateness: a thousand figures are sorted for each."""


class Shown(Protocol):
    """What a page shows: a session."""

    def glimpse(self, now: Seconds) -> Glimpse:
        """What it is doing."""


class Remembered(Protocol):
    """What has been played: a take."""

    def since(self, index: int) -> tuple[list[Played], int]:
        """What came after the first `index` entries, and how many there are now."""


class Late(Protocol):
    """How late notes are sent."""

    def p99(self) -> Seconds | None:
        """Of those sent lately; None before any."""


class Pipe:
    """The writing end of a pipe to somebody who may be slow.

    Args:
        stream: a pipe. Where the system cannot write to one without waiting (Windows before
            Python 3.12), the thread that writes waits; nobody else does.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._number = stream.fileno()
        self._left = b""
        with suppress(OSError, AttributeError):
            os.set_blocking(self._number, False)

    def offer(self, line: bytes) -> bool:
        """Write a line, or nothing of it: whether it will arrive.

        A line of which a part went in is accepted; the rest goes before the next one.

        Raises:
            OSError: nobody reads any more.
        """
        if not self.ready():
            return False
        taken = self._write(line)
        if not taken:
            return False
        self._left = line[taken:]
        return True

    def ready(self) -> bool:
        """Whether everything that was accepted has gone in.

        Raises:
            OSError: nobody reads any more.
        """
        if self._left:
            self._left = self._left[self._write(self._left) :]
        return not self._left

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._number, data)
        except BlockingIOError:
            return 0


class Feed:
    """Makes frames and offers them.

    Args:
        session: what is shown.
        take: what it has played and heard.
        late: how late its notes are sent.
        now: the session's clock.
        pipe: takes the frames.

    Attributes:
        sent, dropped: how many frames went out, and how many did not.
    """

    def __init__(
        self,
        session: Shown,
        take: Remembered,
        late: Late,
        now: Callable[[], Seconds],
        pipe: Pipe,
    ) -> None:
        self._session = session
        self._take = take
        self._late = late
        self._now = now
        self._pipe = pipe
        self._told = Told()
        self._p99: float | None = None
        self._until_late = 0
        self.sent = self.dropped = 0

    def look(self) -> bool:
        """Make a frame and offer it; whether it went out.

        Raises:
            OSError: nobody reads any more.
        """
        if not self._pipe.ready():
            self.dropped += 1
            return False
        at = self._now()
        glimpse = self._session.glimpse(at)
        played = self._take.since(self._told.entries)
        line, told = frame(glimpse, played, self._lateness(), at, self._told)
        if not self._pipe.offer(line):
            self.dropped += 1
            return False
        self._told = told
        self.sent += 1
        return True

    def _lateness(self) -> float | None:
        """The p99 of a moment ago, in milliseconds."""
        if self._until_late == 0:
            p99 = self._late.p99()
            self._p99 = None if p99 is None else 1000 * p99
        self._until_late = (self._until_late + 1) % LATE_EVERY
        return self._p99

    def run(self, ended: threading.Event) -> None:
        """Look every now and then until `ended` is set, then once more, or until nobody reads."""
        with suppress(OSError):
            while not ended.wait(EVERY):
                self.look()
            self.look()


def read_lines(stream: IO[bytes], take: Callable[[bytes], None]) -> None:
    """Hand over each line until the stream ends, or brings what is no line of a command."""
    with suppress(OSError, ValueError):
        while line := stream.readline(LONGEST + 2):
            if len(line) > LONGEST + 1:
                return
            take(line)
