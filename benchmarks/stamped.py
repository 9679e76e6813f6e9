"""What the live benchmarks share: `stage.play_live` with a port that notes when each note leaves.

A note is late by the moment at which it has left through the port, less the moment that the
session's own tempo map gives it just then. Everything else is as on stage: the watch over the
ports, the status, the take on disk, the threads of the inputs.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self
from unittest import mock

from live_improv.app import Performance
from live_improv.midi.ports import SystemWatch
from live_improv.music.events import Event, NoteOn, Timed
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.band import TRACKS
from live_improv.performance.improviser import Improviser
from live_improv.performance.session import Session
from live_improv.performance.take import Take
from live_improv.runtime import gear
from live_improv.runtime.gear import Gear
from live_improv.runtime.hot_plug import PortNews, SteadyOutput, open_steady_output
from live_improv.runtime.speakers import Speakers
from live_improv.stage import play_live
from live_improv.view.page import Page


@dataclass(frozen=True, slots=True)
class Sent:
    """A note-on that has left.

    Attributes:
        tick: where it was due in the song.
        due: when that was, in seconds, by the tempo map of the moment at which it was sent.
        at: when it had left.
    """

    tick: Ticks
    due: Seconds
    at: Seconds

    @property
    def late(self) -> float:
        """By how many seconds."""
        return self.at - self.due


class _Take(Take):
    """A take that tells when what is sent next was due, and counts what is heard."""

    heard_count = 0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.due: dict[int, deque[Ticks]] = defaultdict(deque)  # by the event's identity

    def played(self, timed: Timed) -> None:
        """Take what is about to be sent; with a band that can be several at once."""
        if isinstance(timed.event, NoteOn):
            self.due[id(timed.event)].append(timed.tick)
        super().played(timed)

    def heard(self, tick: Ticks, event: Event) -> None:
        """Take what was heard."""
        self.heard_count += 1
        super().heard(tick, event)


class Stamping(Performance):
    """A performance whose last session and its take can be looked at.

    Attributes:
        started: called with the moment of bar 1 when a session begins.
    """

    started: Callable[[Seconds], None] | None = None

    def session(
        self,
        start: Seconds,
        take: Take | None = None,
        improviser: Callable[..., Improviser] = Improviser,
    ) -> Session:
        """A session that begins at the moment `start`."""
        self.played_by = super().session(start, take, improviser)
        if self.started is not None:
            self.started(self.played_by.tempo.seconds_at(Ticks(0)))
        return self.played_by

    def take(self, start: Seconds, *, chord_track: bool = False) -> Take:
        """Where it is kept."""
        tempo = self.tempo.delayed(Seconds(start - self.tempo.seconds_at(self.start)))
        names = {self.channels.of(player): TRACKS[player] for player in self.request.band}
        take = _Take(self.changes, tempo, self.start, chord_track=chord_track, band=names)
        self.kept = take
        return take


class _Port:
    """Stands for the output on stage, in memory or in front of a real port."""

    wanted = name = "memory"
    here = virtual = True

    def __init__(self, performance: Stamping, through: SteadyOutput | None) -> None:
        self._performance = performance
        self._through = through
        self.found: list[Sent] = []

    def send(self, event: Event) -> None:
        """Send one event and note when it has left."""
        if self._through is not None:
            self._through.send(event)
        if isinstance(event, NoteOn):
            at = Seconds(time.perf_counter())
            performance = self._performance
            tick = performance.kept.due[id(event)].popleft()
            due = performance.played_by.tempo.seconds_at(tick)
            self.found.append(Sent(tick, due, at))

    def look(self, _system: SystemWatch) -> Iterator[PortNews]:
        """It is always there."""
        return iter(())

    lose_system = find_system = lambda self: iter(())

    def watch(self, _died: Callable[[], None]) -> SystemWatch:
        """It always answers."""
        return SystemWatch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._through is not None:
            self._through.close()


@contextmanager
def _on_stage(port: _Port) -> Iterator[None]:
    with mock.patch.object(gear, "open_steady_output", return_value=port):
        yield


def play_stamped(
    performance: Stamping,
    *,
    player_in: str | None = None,
    clock_in: str | None = None,
    through: str | None = None,
    page: Page | None = None,
    speakers: Speakers | None = None,
    ready: Callable[[], None] = lambda: None,
    news: Callable[[str], None] = lambda _line: None,
) -> list[Sent]:
    """Play in real time to the end; every note-on that was sent.

    Args:
        player_in, clock_in: inputs, as in `runtime.gear.Gear`.
        through: a real output that the notes go through, or None for memory alone.
        page: the page that is shown, or None.
        speakers: what the notes are heard through too, or None.
        ready: called when the ports are open.
        news: called with each line that is said.
    """
    waiting = [ready]

    def say(line: str) -> None:
        if waiting:
            waiting.pop()()
        news(line)

    with TemporaryDirectory() as folder:
        port = _Port(performance, None if through is None else open_steady_output(through))
        played_through = Gear("", player_in, clock_in, takes=Path(folder), page=page)
        with _on_stage(port):
            play_live(performance, played_through, say, speakers)
    return port.found
