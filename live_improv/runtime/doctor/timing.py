"""How late notes go out on this computer, beside a loop that only sleeps, and what decides it.

A real session is played into nothing: soloist and band, planning as they go, on the clock that
plays live and at the priority that playing asks for. A note is late by the moment at which it is
handed out less the moment that the tempo gives it. The sleep loop's share is the system's own.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from live_improv.app import Performance
from live_improv.loop import Script, run, undisturbed
from live_improv.model_folder import ModelFormatError
from live_improv.music.events import NoteOn, Timed
from live_improv.music.timing import Seconds
from live_improv.performance.band import QUARTET
from live_improv.performance.clock import WallClock
from live_improv.performance.session import Session
from live_improv.request import Request
from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.doctor.plan import Plan
from live_improv.runtime.priority import ask_realtime

BPM = 240.0
GRID = Seconds(0.01)
"""Between two moments of the sleep loop."""

OVER_IDLE = Seconds(0.003)
"""By so much the 99th of 100 notes may be later than that of the sleep loop."""

HEARD = Seconds(0.01)
"""Later than this, notes are heard to stumble, whoever is to blame."""

LEAD_IN = Seconds(0.2)

_BLAS_THREADS = (
    *("scipy_openblas_get_num_threads64_", "scipy_openblas_get_num_threads"),
    *("openblas_get_num_threads64_", "openblas_get_num_threads"),
)


@dataclass(frozen=True, slots=True)
class Late:
    """Lateness of many moments, in seconds."""

    p50: float
    p99: float
    most: float

    @classmethod
    def of(cls, found: Sequence[float]) -> Late:
        """The figures of at least one moment."""
        ordered = sorted(found)
        last = len(ordered) - 1
        return cls(ordered[last // 2], ordered[last * 99 // 100], ordered[-1])

    def __str__(self) -> str:
        return f"{1e3 * self.p50:.2f}/{1e3 * self.p99:.2f}/{1e3 * self.most:.2f}"


def measure(plan: Plan) -> Iterator[Finding]:
    """The threads of linear algebra, the priority, and lateness; takes `2 * plan.seconds`."""
    yield blas(blas_threads(), os.environ.get("OPENBLAS_NUM_THREADS"))
    idle = Late.of(sleep_through(plan.seconds))
    yield priority(ask_realtime(), sys.platform)
    model = None if plan.model is None else Path(plan.model)
    request = Request(model=model, bpm=BPM, band=QUARTET, bars=_bars(plan.seconds))
    try:
        performance = Performance(request)
    except ModelFormatError:  # what is wrong with it, and what to do, is the model's own line
        yield Finding(Level.INFO, "lateness", "not measured: there is no model to play with")
        return
    late = play_into_nothing(performance)
    yield lateness(Late.of(late), idle, len(late))


def sleep_through(seconds: float) -> list[float]:
    """Sleep until each of a row of moments; by how much each was missed."""
    clock = WallClock()
    start, late = clock.now(), []
    for number in range(1, max(round(seconds / GRID), 1) + 1):
        moment = Seconds(start + number * GRID)
        clock.wait(moment)
        late.append(clock.now() - moment)
    return late


def play_into_nothing(performance: Performance) -> list[float]:
    """Play a session in real time that nobody hears; by how much each note was late."""
    clock = WallClock()
    session = performance.session(Seconds(clock.now() + LEAD_IN))
    sink = _Nothing(session, clock.now)
    with undisturbed():
        run(session, clock, sink, Script())
    return sink.late


def lateness(late: Late, idle: Late, count: int) -> Finding:
    """What is to be said of it."""
    says = f"{late} ms (50 %, 99 %, most) of {count} notes; only sleeping: {idle} ms"
    if late.p99 <= HEARD and late.p99 <= idle.p99 + OVER_IDLE:
        return Finding(Level.OK, "lateness", says)
    if idle.p99 > HEARD:
        advice = (
            "the system wakes programs late: close others, plug in the mains, switch power saving "
            "off, keep this window in sight"
        )
    else:
        advice = "close programs that compute, and see priority and threads above"
    return Finding(Level.NOTE, "lateness", says, advice)


def priority(obtained: bool, platform: str) -> Finding:
    """Whether the system lets us run before ordinary programs."""
    if obtained:
        return Finding(Level.OK, "priority", "real-time priority is granted")
    if platform != "linux":
        return Finding(Level.INFO, "priority", "ordinary; on this system no other is asked for")
    return Finding(
        Level.NOTE,
        "priority",
        "ordinary: this user may not ask for real time",
        "put '@audio - rtprio 95' into /etc/security/limits.d/audio.conf, join the group audio "
        "and log in again",
    )


def blas(threads: int | None, asked: str | None) -> Finding:
    """How many threads NumPy's linear algebra computes in."""
    if threads is None:
        says = f"{asked or 'no number'} asked for; this library does not tell"
        return Finding(Level.OK if asked == "1" else Level.INFO, "BLAS threads", says)
    if threads == 1:
        return Finding(Level.OK, "BLAS threads", "1")
    return Finding(
        Level.NOTE,
        "BLAS threads",
        f"{threads}, with which a step of the net takes up to twenty times as long",
        "unset OPENBLAS_NUM_THREADS, or set it to 1",
    )


def blas_threads() -> int | None:
    """The threads of NumPy's OpenBLAS; None where NumPy has another library."""
    package = Path(np.__file__).parent
    for folder in (package.with_name("numpy.libs"), package / ".dylibs"):
        for library in sorted(folder.glob("*openblas*")):
            with suppress(OSError):
                loaded = ctypes.CDLL(str(library))  # the one that NumPy has loaded
                for name in _BLAS_THREADS:
                    if hasattr(loaded, name):
                        return int(getattr(loaded, name)())
    return None


class _Nothing:
    """A sink that only looks at its watch."""

    def __init__(self, session: Session, now: Callable[[], Seconds]) -> None:
        self.late: list[float] = []
        self._session = session
        self._now = now

    def send(self, timed: Timed) -> None:
        """Take one event."""
        if isinstance(timed.event, NoteOn):
            self.late.append(self._now() - self._session.due_at(timed.tick))


def _bars(seconds: float) -> int:
    return max(round(seconds * BPM / 60 / 4), 1)
