"""How late notes are sent, against a plain sleep loop with the same deadlines.

    python benchmarks/lateness.py

What is measured: the moment a note-on reaches the port less the moment the tempo map gives it,
while `app.play_live` plays the default model, planning as it goes. The port is in memory; with
`--port NAME` the notes also go out of a real one (a virtual one if there is none of that name), and
the time that takes counts. The sleep loop does nothing but sleep until each of the same moments;
what it is late by is the system's share. Both run in this process and take turns, a solo each,
under each condition:

    idle        nothing else of ours runs
    busy        another Python process computes without pause
    input       another process sends 2,000 messages a second to an input port of this process,
                which decodes them and puts them away (over JACK, without sound hardware)

How to read it: milliseconds; `p99 over` is the p99 less that of the sleep loop when idle, and is to
stay below 0.5. Where other people's programs keep every core busy, the sleep loop is late as well:
then compare the two rows of one condition.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

import jack
from figures import Table, quantile

from live_improv.app import LEAD_IN, Performance, Request, play_live, run
from live_improv.midi.ports import OutputPort, open_input, open_output
from live_improv.music.events import ControlChange, Event, NoteOn, Stamped, Timed
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.clock import VirtualClock
from live_improv.performance.improviser import Taste
from live_improv.performance.session import Session

RATE = 2000
INPUT_PORT = "live_improv_benchmark_in"
HEARD = 1_000_000
"""How many messages are kept at most."""


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--rounds", type=int, default=4, help="solos and sleep loops under each condition (4)")
    add("--seconds", type=float, default=5.0, help="length of each (5)")
    add("--tempo", type=float, default=400.0, help="quarters a minute (400)")
    add("--port", metavar="NAME", help="send the notes through a real port too")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    add("--send-to", metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send_to:
        send(options.send_to)
        return

    table = Table(
        f"Lateness of note-ons in ms, at {options.tempo:g} quarters a minute",
        ("condition", "who", "notes", "p50", "p99", "max", "p99 over"),
    )
    with ExitStack() as open_things:
        jack_runs = open_things.enter_context(jack.server())
        port = open_things.enter_context(open_output(options.port)) if options.port else None
        floor = None
        for condition in ("idle", "busy", "input"):
            if condition == "input" and not jack_runs:
                table.notes.append("input: skipped, there is no jackd (Debian: apt install jackd2)")
                continue
            heard: deque[Stamped] = deque(maxlen=HEARD)
            with _CONDITIONS[condition](heard):
                found = compare(options.rounds, options.seconds, options.tempo, port)
            if condition == "input":
                rate = len(heard) / (heard[-1].at - heard[0].at)
                table.notes.append(f"input: {rate:,.0f} messages a second were heard")
            for who, late in found.items():
                milliseconds = [1e3 * moment for moment in late]
                p99 = quantile(milliseconds, 0.99)
                floor = p99 if floor is None else floor
                middle = quantile(milliseconds, 0.5)
                figures = (middle, p99, max(milliseconds), p99 - floor)
                table.add(condition, who, len(late), *figures)
    table.show()
    if options.json is not None:
        table.write(options.json)


def compare(
    rounds: int, seconds: float, bpm: float, port: OutputPort | None
) -> dict[str, list[float]]:
    """Seconds of lateness of the sleep loop and of ours, who take turns."""
    found: dict[str, list[float]] = {"sleep loop": [], "live_improv": []}
    bars = max(round(seconds * bpm / 60 / 4), 1)
    for seed in range(rounds):
        solo = _Solo(Request(bpm=bpm, bars=bars, taste=Taste(seed=seed)))
        deadlines, late = play(solo, port)
        found["live_improv"] += late
        found["sleep loop"] += sleep_through(deadlines)
    return found


class _Solo(Performance):
    """A performance that keeps the tempo map of the session it began last."""

    def session(self, start: Seconds) -> Session:
        """A session whose first bar begins at the moment `start`."""
        session = super().session(start)
        self.played_by = session.tempo
        return session


class _Ticks:
    """A sink that keeps the tick of every note-on."""

    def __init__(self) -> None:
        self.found: list[Ticks] = []

    def send(self, timed: Timed) -> None:
        """Take one event."""
        if isinstance(timed.event, NoteOn):
            self.found.append(timed.tick)


class _Stamps:
    """Stands for a port, and notes when each note-on has come, or has left through `port`."""

    def __init__(self, port: OutputPort | None) -> None:
        self._port = port
        self.found: list[float] = []

    def send(self, event: Event) -> None:
        """Take one event."""
        if self._port is not None:
            self._port.send(event)
        if isinstance(event, NoteOn):
            self.found.append(time.perf_counter())


def play(solo: _Solo, port: OutputPort | None) -> tuple[list[float], list[float]]:
    """Play in real time; when each note-on was due, in seconds from the first, and how late.

    The ticks are those of the same solo offline: the same seed plays the same notes.
    """
    ticks, stamps = _Ticks(), _Stamps(port)
    run(solo.session(Seconds(0.0)), VirtualClock(), ticks)
    play_live(solo, cast(OutputPort, stamps))
    due = [solo.played_by.seconds_at(tick) for tick in ticks.found]
    late = [at - moment for moment, at in zip(due, stamps.found, strict=True)]
    return [moment - due[0] for moment in due], late


def sleep_through(deadlines: Sequence[float]) -> list[float]:
    """Sleep until each deadline in turn; how late each was."""
    start = time.perf_counter() + LEAD_IN
    late = []
    for deadline in deadlines:
        moment = start + deadline
        if (left := moment - time.perf_counter()) > 0:
            time.sleep(left)
        late.append(time.perf_counter() - moment)
    return late


@contextmanager
def idle(_heard: deque[Stamped]) -> Iterator[None]:
    """Nothing else of ours."""
    yield


@contextmanager
def busy(_heard: deque[Stamped]) -> Iterator[None]:
    """Another process computes without pause."""
    with _running([sys.executable, "-c", "while True: pass"]):
        yield


@contextmanager
def flooded(heard: deque[Stamped]) -> Iterator[None]:
    """Another process sends messages, which are put into `heard`."""
    sender = [sys.executable, __file__, "--send-to", INPUT_PORT]
    with open_input(INPUT_PORT, heard.append), _running(sender):
        while not heard:
            time.sleep(0.01)
        yield


_CONDITIONS = {"idle": idle, "busy": busy, "input": flooded}


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        jack.stop(process)


def send(name: str) -> None:
    """Send messages to a port, `RATE` a second, until this process is ended."""
    with open_output(name, client="live_improv_benchmark") as port:
        moment = time.perf_counter()
        while True:
            for value in range(2):
                port.send(ControlChange(1, value))
            moment += 2 / RATE
            time.sleep(max(moment - time.perf_counter(), 0.0))


if __name__ == "__main__":
    main()
