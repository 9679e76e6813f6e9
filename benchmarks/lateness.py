"""How late notes are sent, against a plain sleep loop with the same deadlines.

    python benchmarks/lateness.py

What is measured: the moment a note-on reaches the port less the moment the session's own tempo map
gives it, while `stage.play_live` plays the default model, planning as it goes, with all that stands
around it: the watch over the ports, the take. The port is in memory; with `--port NAME` the notes
also go out of a real one (a virtual one if there is none of that name), and the time that takes
counts. The sleep loop does nothing but sleep until each of the same moments; what it is late by is
the system's share. Both run in this process and take turns, a solo each, under each condition:

    idle        nothing else of ours runs
    busy        another Python process computes without pause
    input       another process sends 2,000 messages a second, half of them notes, that the session
                listens to as the player's (over JACK, without sound hardware); during the sleep
                loop they are decoded and put away
    flood       the same, 5,000 messages a second
    clock       as `input`, and the session follows a MIDI clock at 120 that a third process sends;
                the same bars, so they take longer

How to read it: milliseconds. `p99 over` is the p99 less that of the sleep loop when idle, and is to
stay below 0.5 when idle; `over idle` is the p99 less that of the same when idle, and for ours is to
stay below 1 while it listens and follows. Where other people's programs keep every core busy, the
sleep loop is late as well: then compare the two rows of one condition.
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
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import jack
from figures import Table, quantile
from stamped import Stamping, play_stamped

from live_improv.midi.ports import list_ports, match_port, open_input, open_output
from live_improv.music.events import (
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    Pulse,
    Stamped,
    Start,
    Stop,
)
from live_improv.performance.controls import Knobs
from live_improv.request import Request
from live_improv.stage import LEAD_IN

RATE, FLOOD_RATE = 2000, 5000
FLOOD, CLOCK = "live_improv_benchmark_flood", "live_improv_benchmark_clock"
CLOCK_BPM = 120.0
HEARD = 1_000_000
"""How many messages are kept at most."""

OVER_SLEEP, OVER_IDLE = 0.5, 1.0
"""The bars, in milliseconds."""

_PATIENCE, _GRACE = 20.0, 2.0
_UNHEARD_CHANNEL = 5  # not ours, whose notes would be taken for our own that come back


@dataclass(frozen=True, slots=True)
class Condition:
    """What else goes on: the processes, and what the session listens to and follows."""

    commands: tuple[tuple[str, ...], ...] = ()
    player_in: str | None = None
    clock_in: str | None = None
    needs_jack: bool = False


_SELF = (sys.executable, __file__)
CONDITIONS = {
    "idle": Condition(),
    "busy": Condition(((sys.executable, "-c", "while True: pass"),)),
    "input": Condition(((*_SELF, "--flood"),), FLOOD, needs_jack=True),
    "flood": Condition(((*_SELF, "--flood", "--rate", str(FLOOD_RATE)),), FLOOD, needs_jack=True),
    "clock": Condition(((*_SELF, "--flood"), (*_SELF, "--clock")), FLOOD, CLOCK, needs_jack=True),
}


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--rounds", type=int, default=4, help="solos and sleep loops under each condition (4)")
    add("--seconds", type=float, default=5.0, help="length of each (5)")
    add("--tempo", type=float, default=400.0, help="quarters a minute (400)")
    add("--only", nargs="+", choices=CONDITIONS, default=CONDITIONS, help="these conditions")
    add("--port", metavar="NAME", help="send the notes through a real port too")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    add("--flood", action="store_true", help=argparse.SUPPRESS)
    add("--clock", action="store_true", help=argparse.SUPPRESS)
    add("--rate", type=int, default=RATE, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.flood:
        flood(options.rate)
        return
    if options.clock:
        lead()
        return

    table = Table(
        f"Lateness of note-ons in ms, at {options.tempo:g} quarters a minute",
        ("condition", "who", "notes", "p50", "p99", "max", "p99 over", "over idle"),
    )
    with jack.server() as jack_runs:
        floor: float | None = None
        idle: dict[str, float] = {}
        for name in options.only:
            condition = CONDITIONS[name]
            if condition.needs_jack and not jack_runs:
                table.notes.append(
                    f"{name}: skipped, no JACK server runs (Debian: apt install jackd2)"
                )
                continue
            found = compare(condition, options)
            table.notes += [f"{name}: {note}" for note in found.notes]
            for who, late in found.late.items():
                milliseconds = [1e3 * moment for moment in late]
                p99 = quantile(milliseconds, 0.99)
                floor = p99 if floor is None else floor
                idle.setdefault(who, p99)
                middle = quantile(milliseconds, 0.5)
                figures = (middle, p99, max(milliseconds), p99 - floor, p99 - idle[who])
                table.add(name, who, len(late), *figures)
    table.notes.append(
        f"to reach: live_improv, idle: p99 over <= {OVER_SLEEP:g} ms; live_improv, input and "
        f"clock: over idle <= {OVER_IDLE:g} ms"
    )
    table.show()
    if options.json is not None:
        table.write(options.json)


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds of lateness of each, and what else is to be said."""

    late: dict[str, list[float]]
    notes: list[str]


def compare(condition: Condition, options: argparse.Namespace) -> Found:
    """The sleep loop and ours, who take turns."""
    late: dict[str, list[float]] = {"sleep loop": [], "live_improv": []}
    rates: list[float] = []
    tempi: list[float] = []
    bars = max(round(options.seconds * options.tempo / 60 / 4), 1)
    with ExitStack() as running:
        processes = [running.enter_context(_running(each)) for each in condition.commands]
        for port in filter(None, (condition.player_in, condition.clock_in)):
            _wait_for(port)
        for seed in range(options.rounds):
            knobs = Knobs(clock="midi" if condition.clock_in else "internal")
            performance = Stamping(Request(bpm=options.tempo, bars=bars, seed=seed, knobs=knobs))
            sent = play_stamped(
                performance,
                player_in=condition.player_in,
                clock_in=condition.clock_in,
                through=options.port,
                ready=_starting(processes[-1]) if condition.clock_in else lambda: None,
            )
            late["live_improv"] += [each.late for each in sent]
            first, last = sent[0], sent[-1]
            rates.append(performance.kept.heard_count / (last.at - first.at))
            tempi.append(performance.played_by.tempo.bpm_at(last.tick))
            if condition.clock_in:
                _tell(processes[-1], "stop")
            with _flooded(condition.player_in):
                late["sleep loop"] += sleep_through([each.due - first.due for each in sent])
    notes = []
    if condition.player_in:
        notes.append(f"{min(rates):,.0f} messages a second and more were heard")
    if condition.clock_in:
        notes.append(f"followed at {min(tempi):.2f} to {max(tempi):.2f}")
    return Found(late, notes)


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
def _flooded(name: str | None) -> Iterator[None]:
    """Decode what comes from a port and put it away."""
    if name is None:
        yield
        return
    heard: deque[Stamped] = deque(maxlen=HEARD)
    with open_input(name, heard.append):
        yield


def _wait_for(name: str) -> None:
    """Wait until another process has made its port."""
    end = time.monotonic() + _PATIENCE
    while match_port(name, list_ports().inputs) is None:
        if time.monotonic() > end:
            raise SystemExit(f"{name}: no such port in {_PATIENCE:g} s")
        time.sleep(0.05)


@contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        # Those who have a port end by themselves, and close it: the server would wait for them.
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
        jack.stop(process)


def _tell(process: subprocess.Popen[bytes], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n".encode())
    process.stdin.flush()


def _starting(process: subprocess.Popen[bytes]) -> Callable[[], None]:
    return lambda: _tell(process, "start")


class _Orders:
    """What standard input says, line by line, until it ends: then nobody is there any more."""

    def __init__(self) -> None:
        self.over = False
        self.words: deque[str] = deque()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.words.append(line.strip())
        self.over = True


def flood(rate: int) -> None:
    """Send notes and controllers, `rate` messages a second, until this process is ended."""
    orders, channel = _Orders(), _UNHEARD_CHANNEL
    with open_output(FLOOD, client="benchmark_flood") as port:
        moment, pitch = time.perf_counter(), 0
        while not orders.over:
            pitch = 48 + (pitch - 48 + 7) % 36
            port.send(NoteOn(pitch, 80, channel))
            port.send(ControlChange(1, pitch, channel))
            port.send(NoteOff(pitch, channel))
            port.send(ControlChange(11, pitch, channel))
            moment += 4 / rate
            time.sleep(max(moment - time.perf_counter(), 0.0))


def lead() -> None:
    """Send a clock until this process is ended; start and stop the song two beats after the word.

    Who is told to start has just opened its ports, and is not yet ready to play.
    """
    orders = _Orders()
    coming: deque[tuple[int, Event]] = deque()
    with open_output(CLOCK, client="benchmark_clock") as port:
        begun, pulses = time.perf_counter(), 0
        while not orders.over:
            while orders.words:
                event = Start() if orders.words.popleft() == "start" else Stop()
                coming.append((pulses + 48, event))
            while coming and coming[0][0] <= pulses:
                port.send(coming.popleft()[1])
            port.send(Pulse())
            pulses += 1
            moment = begun + pulses * 60.0 / CLOCK_BPM / 24
            time.sleep(max(moment - time.perf_counter(), 0.0))


if __name__ == "__main__":
    main()
