"""Ableton Link: one tempo and one bar line with whatever plays in the same network.

The optional extra `link` brings the package LinkPython-extern, which has Ableton's library compiled
in and is therefore under the GPL (version 2 or later); it is imported here alone, and only when a
session is joined.

Conventions
    Link counts beats as quarters. What peers share is the tempo and the phase within a bar (the
    quantum), not the number of the bar. Link's clock is not that of `time.perf_counter`, and on
    Linux the two drift apart, so how far they are apart is measured whenever a map is asked for.

Joining must not change a tempo that others play in. Where two sessions meet, Link keeps the one
that began earlier; within half a second of each other chance decides (`SESSION_EPS` in its
`Sessions.hpp`). One who enables a Link begins a session, and so does one whom the last other leaves
alone. So whoever leaves and joins again at once now and then wins with a tempo of their own
(artfwo/aalink#7): we wait for longer than that before we join, and nothing here says a tempo to the
session but `ask_tempo`. What is left is that somebody else leaves within that half second.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from math import ceil
from types import ModuleType, TracebackType
from typing import Any, Self

from live_improv.music.timing import PPQ, Seconds, TempoChange, TempoMap, Ticks, checked_bpm

BEFORE_JOINING = 0.75
"""Seconds before a Link is enabled: half a second, and time for the others to see one leave."""

DISCOVERY = 1.0
"""Seconds that peers have to be found in; they take some 0.2 s."""

_DISCOVERY_STEP = 0.05
_READINGS = 8
_TICK_0 = Ticks(0)


class LinkMissing(RuntimeError):
    """The extra `link` is not installed; the message is one line with the way out."""


class LinkClock:
    """Our part in a Link session. A context manager; it ends with `leave`."""

    def __init__(self, link: Any, bar: Ticks, *, start_stop: bool) -> None:
        self._link = link
        self._clock = link.clock()
        self._quantum = bar / PPQ
        self._start_stop = start_stop
        self._origin: float | None = None

    @classmethod
    def join(
        cls,
        bar: Ticks,
        *,
        bpm: float = 120.0,
        start_stop: bool = False,
        wait: Callable[[float], None] = time.sleep,
    ) -> Self:
        """Join the session of the network, or begin one where nobody else is.

        It takes `BEFORE_JOINING`, and up to `DISCOVERY` where nobody is found.

        Args:
            bar: the length of our bar, on whose lines we agree with the others.
            bpm: the tempo of a session that we are the first in; others' tempo is never changed.
            start_stop: follow the others' transport, if they share it; else Link always plays.
            wait: sleeps for some seconds.

        Raises:
            LinkMissing: the extra is not installed.
            TimingError: `bpm` is not a playable tempo.
        """
        link = _module().Link(checked_bpm(bpm))
        link.startStopSyncEnabled = start_stop
        wait(BEFORE_JOINING)
        link.enabled = True
        for _ in range(round(DISCOVERY / _DISCOVERY_STEP)):
            wait(_DISCOVERY_STEP)
            if link.numPeers():
                break
        return cls(link, bar, start_stop=start_stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Leave the session; the clock goes on alone. A second call does nothing."""
        self._link.enabled = False

    @property
    def peers(self) -> int:
        """How many others are in the session. A closed network (multicast) looks like nobody."""
        return int(self._link.numPeers())

    @property
    def bpm(self) -> float:
        """The session's tempo in quarters a minute; Link allows 20 to 999."""
        return float(self._link.captureAppSessionState().tempo())

    @property
    def playing(self) -> bool:
        """Whether the shared transport runs; always, unless we joined with `start_stop`."""
        return not self._start_stop or bool(self._link.captureAppSessionState().isPlaying())

    def begin(self, now: Seconds, tick: Ticks = _TICK_0) -> Seconds:
        """Let `tick`, a bar line of ours, be the session's next bar line at or after `now`.

        Returns:
            The moment of that bar line at the tempo of now.
        """
        state, ahead = self._link.captureAppSessionState(), self._ahead()
        beat = state.beatAtTime(_micros(now, ahead), self._quantum)
        line = ceil(beat / self._quantum - 1e-6) * self._quantum
        self._origin = line - tick / PPQ
        return _seconds(state.timeAtBeat(line, self._quantum), ahead)

    def tempo_map(self, now: Seconds) -> TempoMap:
        """The session's beats as our ticks, in seconds of `time.perf_counter`.

        It is right from `now` on, for as long as nobody changes the tempo or joins with another
        phase: ask again at least once a beat, which costs some microseconds. Where `begin` was not
        called, tick 0 is the next bar line.
        """
        if self._origin is None:
            self.begin(now)
        origin = self._origin
        assert origin is not None
        state, ahead = self._link.captureAppSessionState(), self._ahead()
        beat = state.beatAtTime(_micros(now, ahead), self._quantum)
        tick = Ticks(ceil((beat - origin) * PPQ))
        at = state.timeAtBeat(origin + tick / PPQ, self._quantum)
        return TempoMap((TempoChange(tick, _seconds(at, ahead), float(state.tempo())),))

    def ask_tempo(self, bpm: float, now: Seconds) -> None:
        """Change the tempo of the session, for everybody in it.

        Raises:
            TimingError: it is not a playable tempo.
        """
        state = self._link.captureAppSessionState()
        state.setTempo(checked_bpm(bpm), _micros(now, self._ahead()))
        self._link.commitAppSessionState(state)

    def ask_playing(self, playing: bool, now: Seconds) -> None:
        """Start or stop the transport of all who share it; nothing without `start_stop`."""
        if self._start_stop:
            state = self._link.captureAppSessionState()
            state.setIsPlaying(playing, _micros(now, self._ahead()))
            self._link.commitAppSessionState(state)

    def _ahead(self) -> float:
        """By how many seconds `time.perf_counter` is ahead of Link's clock.

        A reading that was interrupted is off by as long; the one that took least is right within
        half of that, here less than a microsecond.
        """
        best, ahead = float("inf"), 0.0
        for _ in range(_READINGS):
            before = time.perf_counter()
            micros = self._clock.micros()
            after = time.perf_counter()
            if after - before < best:
                best, ahead = after - before, (before + after) / 2 - micros / 1e6
        return ahead


def _micros(at: Seconds, ahead: float) -> int:
    return round((at - ahead) * 1e6)


def _seconds(micros: float, ahead: float) -> Seconds:
    return Seconds(micros / 1e6 + ahead)


def _module() -> ModuleType:
    try:
        module = importlib.import_module("link")
        if hasattr(module, "Link"):
            return module
    except ImportError:
        pass
    raise LinkMissing("Ableton Link is not installed: pip install 'live-improv[link]'")
