"""A day of playing: what sticks, what grows, what drifts, and whether it is the same day again.

    python benchmarks/soak.py [--hours 24]
    python benchmarks/soak.py --real-time MINUTES

What is measured, on the virtual clock, with the default model and the quartet over a chart, a
performance without end: notes that sound at the end or have no off (the checker of
`tests/faults/invariants.py`), the growth of the resident memory after the first hour (after the
first tenth where it is shorter), by how many ticks an event is away from where the tempo map has
its moment, and the SHA-256 of all that is sent, of two runs of one seed in processes of their own.
Meanwhile every knob is turned at random, a player plays phrases, and the ports come and go. The
take is kept, as on stage, and is told apart: it grows, for it is the music.

With `--real-time`, minutes on stage by the real clock: the p99 of lateness beside that of a loop
that only sleeps, in turns before and after, notes that are stuck, and notes that were left out
because they would have come too late. The port is in memory.

How to read it: nothing stuck; at most 5 MB after the first hour, but for the take; 0 ticks; the
same digest; in real time at most 3 ms over the sleep loop, nothing stuck and nothing left out.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

import gc
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from random import Random
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from figures import Table, quantile

from live_improv.app import Performance
from live_improv.loop import Script, run
from live_improv.midi.codec import encode
from live_improv.music.events import Event, Heard, NoteOff, NoteOn, Timed
from live_improv.music.timing import Seconds
from live_improv.performance.band import QUARTET
from live_improv.performance.clock import VirtualClock
from live_improv.performance.controls import CONTROLS, Kind, Turned
from live_improv.performance.incoming import Incoming, Plugged, Port
from live_improv.performance.session import Session
from live_improv.request import Request
from live_improv.runtime.outputs import Outputs
from tests.faults.invariants import Checker, Limits, faults

HOUR = 3600.0
GROWTH_MB, DRIFT_TICKS, OVER_MS = 5.0, 0, 3.0
"""The bars."""

LEFT_ALONE = {"clock", "latency_ms", "clock_offset_ms", "mode", "transpose", "tempo"}
"""Knobs that move the time itself, or the chart, from which nothing could be told of a drift."""

Item = tuple[Seconds, Incoming]


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--hours", type=float, default=24.0, help="of music on the virtual clock (24)")
    add("--seed", type=int, default=0, help="(0)")
    add("--bpm", type=float, default=160.0, help="quarters a minute (160)")
    add("--take", action="store_true", help="keep the take as well, which grows with the music")
    add("--once", action="store_true", help="one run, without its twin")
    add("--real-time", metavar="MINUTES", type=float, help="by the real clock instead")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    add("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(soak(options)))
        return
    table = on_stage(options) if options.real_time else twins(options)
    table.show()
    if options.json is not None:
        table.write(options.json)


def twins(options: argparse.Namespace) -> Table:
    """The same seed twice, in processes of their own."""
    columns = (
        "run",
        "events",
        "stuck",
        "faults",
        "drift",
        "MB at first",
        "growth MB",
        "min",
        "SHA",
    )
    table = Table(f"{options.hours:g} hours on the virtual clock", columns)
    digests = []
    for number in range(1 if options.once else 2):
        given = ("--hours", "--seed", "--bpm")
        said = [f"{name}={getattr(options, name[2:])}" for name in given]
        command = [sys.executable, __file__, "--one", *said, *(["--take"] * options.take)]
        hashing = {**os.environ, "PYTHONHASHSEED": str(number + 1)}
        ran = subprocess.run(command, env=hashing, stdout=subprocess.PIPE, check=True)
        found = json.loads(ran.stdout)
        digests.append(found["digest"])
        table.add(
            f"{number + 1}",
            found["events"],
            found["stuck"],
            found["faults"],
            found["drift"],
            found["base"],
            found["growth"],
            found["minutes"],
            found["digest"][:16],
        )
        table.notes += [f"run {number + 1}: {line}" for line in found["lines"]]
    table.notes.append("the same digest" if len(set(digests)) == 1 else "NOT the same digest")
    table.notes.append(
        f"to reach: 0 stuck, 0 faults, drift {DRIFT_TICKS} ticks, growth <= {GROWTH_MB:g} MB"
    )
    return table


class Watching:
    """A sink that checks what it gets while it gets it, and keeps none of it.

    Attributes:
        events: how many.
        drift: the largest distance, in ticks, from where the tempo map has the moment.
        checker: knows what is wrong.
        base: megabytes in use after the first hour.
    """

    def __init__(self, clock: VirtualClock, length: float) -> None:
        self.events = 0
        self.drift = 0
        self.base = 0.0
        self.checker = Checker(Limits(rate=120))
        self._clock = clock
        self._digest = hashlib.sha256()
        self._first = min(HOUR, length / 10)
        self._session: Session | None = None

    def listen(self, session: Session) -> None:
        """Whose events come."""
        self._session = session

    @property
    def digest(self) -> str:
        """Of all that came, and when."""
        return self._digest.hexdigest()

    def send(self, timed: Timed) -> None:
        """Take one event."""
        now, event = self._clock.now(), timed.event
        assert self._session is not None
        self.events += 1
        self._digest.update(f"{timed.tick} {bytes(encode(event)).hex()}\n".encode())
        self.drift = max(self.drift, abs(self._session.tempo.tick_at(now) - timed.tick))
        self.checker.add(now, event)
        if not self.base and now >= self._first:
            self.base = resident()


def soak(options: argparse.Namespace) -> dict[str, object]:
    """One run."""
    begun = time.perf_counter()
    length = options.hours * HOUR
    request = Request(bpm=options.bpm, seed=options.seed, band=QUARTET)
    performance = Performance(request)
    clock = VirtualClock()
    sink = Watching(clock, length)
    take = performance.take(Seconds(0.0)) if options.take else None
    session = performance.session(Seconds(0.0), take)
    sink.listen(session)
    coming = merge(knobs(options.seed), player(options.seed), key=lambda item: item[0])
    source = Endless(coming, length)
    run(session, clock, sink, source)
    gc.collect()
    wrong = sink.checker.end()
    return {
        "events": sink.events,
        "stuck": len(sink.checker.down),
        "faults": len(wrong),
        "lines": wrong[:5],
        "drift": sink.drift,
        "base": round(sink.base, 1),
        "growth": round(resident() - sink.base, 2),
        "minutes": round((time.perf_counter() - begun) / 60, 1),
        "digest": sink.digest,
    }


class Endless(Script):
    """What comes, made as it comes, up to an end at which somebody quits."""

    def __init__(self, items: Iterator[Item], until: float) -> None:
        super().__init__()
        self._coming = items
        self._until = Seconds(until)
        self._one = next(items)

    def take(self, now: Seconds) -> list[Incoming]:
        """What has come by now."""
        found: list[Incoming] = []
        while self._one[0] <= now:
            found.append(self._one[1])
            self._one = next(self._coming)
        return [*found, Turned("quit", True)] if now >= self._until else found

    def next_at(self) -> Seconds | None:
        """When the next one comes."""
        return min(self._one[0], self._until)


def knobs(seed: int) -> Iterator[Item]:
    """A knob every few seconds, and a cable every few minutes."""
    chance, at = Random(f"knobs {seed}"), 0.0
    rows = [
        row
        for name, row in CONTROLS.items()
        if name not in LEFT_ALONE and row.kind in (Kind.NUMBER, Kind.RATIO, Kind.WHOLE)
    ]
    while True:
        at += chance.expovariate(1 / 5.0)
        row = chance.choice(rows)
        yield Seconds(at), Turned(row.name, row.at(chance.randrange(128)))
        if chance.random() < 0.02:
            port = chance.choice(list(Port))
            yield Seconds(at), Plugged(port, back=False)
            at += 1.0
            yield Seconds(at), Plugged(port, back=True)


def player(seed: int) -> Iterator[Item]:
    """A phrase every now and then."""
    chance, at = Random(f"player {seed}"), 0.0
    while True:
        at += chance.expovariate(1 / 20.0)
        for _ in range(chance.randint(2, 9)):
            pitch = chance.randint(50, 80)
            yield Seconds(at), Heard(Seconds(at), NoteOn(pitch, 80))
            at += 0.15
            yield Seconds(at), Heard(Seconds(at), NoteOff(pitch))


def resident() -> float:
    """Megabytes of memory that are in use; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def on_stage(options: argparse.Namespace) -> Table:
    """Minutes by the real clock, as `play_live` plays."""
    from lateness import sleep_through
    from stamped import Stamping, play_stamped

    bars = max(round(options.real_time * options.bpm / 4), 1)
    performance = Stamping(Request(bpm=options.bpm, bars=bars, seed=options.seed, band=QUARTET))
    stream: list[tuple[float, Event]] = []
    before = sleep_through([0.05 * i for i in range(200)])
    send = Outputs.send

    def sending(self: Outputs, timed: Timed) -> None:
        send(self, timed)
        stream.append((time.perf_counter(), timed.event))

    with mock.patch.object(Outputs, "send", sending):
        sent = play_stamped(performance)
    after = sleep_through([0.05 * i for i in range(200)])
    late = [1e3 * each.late for each in sent]
    idle = 1e3 * quantile([*before, *after], 0.99)
    wrong = faults(stream, Limits(rate=120))
    table = Table(
        f"{options.real_time:g} minutes in real time, with the quartet",
        ("notes", "p50", "p99", "max", "sleep p99", "over", "faults", "left out"),
    )
    middle, p99 = quantile(late, 0.5), quantile(late, 0.99)
    dropped = performance.played_by.dropped
    table.add(len(late), middle, p99, max(late), idle, p99 - idle, len(wrong), dropped)
    table.notes += wrong[:5]
    table.notes.append(f"to reach: over <= {OVER_MS:g} ms, 0 faults, 0 left out")
    return table


if __name__ == "__main__":
    main()
