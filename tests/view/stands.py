"""Who stands for the session, the take and the lateness of a performance, as the page sees them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from live_improv.music.changes import Changes
from live_improv.music.events import NoteOff, NoteOn
from live_improv.music.score import IMPROVISER
from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.controls import Knobs
from live_improv.performance.glimpse import Glimpse
from live_improv.performance.hands import Learning
from live_improv.performance.incoming import Incoming
from live_improv.performance.take import Played
from live_improv.repertoire import read_chart
from live_improv.view.page import Charts, Stage

BLUES = read_chart("blues_in_f")
NAMES = ("blues_in_f", "jazz_waltz", "modal")

PATIENCE = 20.0
"""Seconds that something may take to happen."""


def glimpse(changes: Changes = BLUES, tick: int = 0, state: str = "playing") -> Glimpse:
    """Something to look at."""
    return Glimpse(Ticks(tick), 120.0, state, "machine", Knobs(), changes, None, False, None)


def note(tick: int, pitch: int, length: int, part: str = IMPROVISER) -> list[Played]:
    """An on and its off."""
    on, off = NoteOn(pitch, 80), NoteOff(pitch)
    return [Played(Ticks(tick), on, part), Played(Ticks(tick + length), off, part)]


@dataclass
class Stand:
    """Stands for a performance that has gone on since it was made, at 120.

    Attributes:
        changes, state, knobs, learning: what is to be seen.
        log: what has been played and heard.
        put, said: what has come of the page.
    """

    changes: Changes = BLUES
    state: str = "playing"
    knobs: Knobs = Knobs()  # noqa: RUF009
    learning: Learning | None = None
    log: list[Played] = field(default_factory=list)
    begun: float = field(default_factory=time.perf_counter)
    put: list[Incoming] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def glimpse(self, now: Seconds) -> Glimpse:
        """What is going on."""
        tick = round((now - self.begun) * 2 * PPQ)
        seen = glimpse(self.changes, tick, self.state)
        return replace(seen, knobs=self.knobs, learning=self.learning)

    def since(self, index: int) -> tuple[list[Played], int]:
        """What has been played."""
        return self.log[index:], len(self.log)

    def p99(self) -> Seconds | None:
        """Half a millisecond."""
        return Seconds(0.0005)

    def stage(self) -> Stage:
        """This, as a stage."""
        charts = Charts(NAMES, read_chart)
        now = lambda: Seconds(time.perf_counter())  # noqa: E731
        return Stage(self, self, self, now, self._take, self._hear, charts)

    def wait_for(self, count: int = 1) -> list[Incoming]:
        """What has been put, once there is so much of it."""
        self._wait(lambda: len(self.put) >= count)
        return self.put

    def address(self) -> str:
        """Where the page is, once it is there."""
        line = self.says_something()
        assert line.startswith("page: "), line
        return line.split()[1]

    def says_something(self) -> str:
        """The first line that is said."""
        self._wait(lambda: bool(self.said))
        return self.said[0]

    def hears(self, line: str) -> None:
        """Wait until this is said."""
        self._wait(lambda: line in self.said)

    def _wait(self, happened: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(happened, PATIENCE), (self.put, self.said)

    def _take(self, incoming: Incoming) -> None:
        with self._news:
            self.put.append(incoming)
            self._news.notify_all()

    def _hear(self, line: str) -> None:
        with self._news:
            self.said.append(line)
            self._news.notify_all()
