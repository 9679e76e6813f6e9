"""What the speakers cost: from the engine to the sample, blocks that are late, lateness of notes.

    python benchmarks/speakers.py

What is measured, without a sound card, on miniaudio's null device, which keeps time like one:

    sound       a quartet's worth of notes is sent, each at an odd moment; how long after that its
                sample is played. The synthesizer does all its work, but in place of its sound there
                is one sample for each note, so that it is known which one is heard. `send` is what
                a call of `Speakers.send` takes.
    blocks      of 240 frames (5 ms): how many came when the device had nothing left to play, of
                how many. It holds three.
    lateness    how late note-ons leave the engine, `stage.play_live` with the default model and a
                port in memory as in `lateness.py`, by the session's own tempo map; without speakers
                and with them, a solo each in turn.

Each under three conditions: `idle`; `busy`, another Python process computes without pause; `full`,
one for every core and one more.

How to read it: milliseconds, `send` in microseconds. `spread` is the p99 less the p1, which is what
a player feels. The p99 of the lateness with speakers is to stay within 1 ms of that without; what
the host of a virtual machine has stolen from all its processors meanwhile is beside it, as a note
that waits for it is late whatever we do. All of it rests on real-time priority: without, busy rows
say little.
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
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
from figures import Table, quantile
from stamped import Stamping, play_stamped

from live_improv.music.events import Event, NoteOff, NoteOn
from live_improv.request import Request
from live_improv.runtime.priority import realtime
from live_improv.runtime.speaker_process import RATE
from live_improv.runtime.speakers import open_speakers

MARKED = """
import sys
from live_improv.music.events import NoteOn
from live_improv.runtime import speaker_process
from live_improv.sound import synth

class Marked(synth.Synth):
    def handle(self, event, after=0):
        super().handle(event, after)
        if isinstance(event, NoteOn):
            self.marks.append(after)
    def render(self, frames):
        sound = super().render(frames)
        sound[:] = 0
        for after in self.marks:
            sound[after, 0] += 1
        self.marks.clear()
        return sound
    marks = []

synth.Synth = Marked
raise SystemExit(speaker_process.main(sys.argv[1:]))
"""
"""The process of the speakers, with a mark for every note: as many as are struck at one frame."""

_HOG = (sys.executable, "-c", "while True: pass")
CONDITIONS = {"idle": 0, "busy": 1, "full": (os.cpu_count() or 1) + 1}
"""How many processes compute beside us."""

OVER = 1.0
"""The bar, in milliseconds."""


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--seconds", type=float, default=10.0, help="of each measurement (10)")
    add("--rounds", type=int, default=3, help="solos without and with speakers (3)")
    add("--only", nargs="+", choices=CONDITIONS, default=CONDITIONS, help="these conditions")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()

    sounds = Table(
        "From Speakers.send to the sample, ms",
        ("condition", "notes", "p50", "p99", "max", "spread", "send p50 us", "send p99 us", "late"),
        digits=2,
    )
    lates = Table(
        "Lateness of note-ons in the engine, ms",
        ("condition", "speakers", "notes", "p50", "p95", "p99", "stolen"),
    )
    for name in options.only:
        with hogs(CONDITIONS[name]):
            heard = play_marked(options.seconds)
            delay = [1e3 * each for each in heard.delays]
            spread = quantile(delay, 0.99) - quantile(delay, 0.01)
            send = [1e6 * each for each in heard.sends]
            sounds.add(
                *(name, len(delay), quantile(delay, 0.5), quantile(delay, 0.99), max(delay)),
                *(spread, quantile(send, 0.5), quantile(send, 0.99)),
                f"{heard.late} of {heard.blocks}",
            )
            for who, row in lateness(options.seconds, options.rounds).items():
                late = [1e3 * each for each in row.late]
                middle, most = quantile(late, 0.5), quantile(late, 0.95)
                lates.add(name, who, len(late), middle, most, quantile(late, 0.99), row.stolen)
    lates.notes.append(f"to reach: p99 with <= p99 without + {OVER:g}")
    for table in (sounds, lates):
        table.show()
    if options.json is not None:
        sounds.write(options.json)
        lates.write(options.json.with_suffix(".lateness.json"))


@contextmanager
def hogs(count: int) -> Iterator[None]:
    """So many processes that compute without pause."""
    running = [subprocess.Popen(_HOG) for _ in range(count)]
    try:
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()


@dataclass(frozen=True, slots=True)
class Heard:
    """Seconds from each note to its sample, and for each sending; blocks, and late ones."""

    delays: list[float]
    sends: list[float]
    late: int
    blocks: int


def play_marked(seconds: float) -> Heard:
    """Send notes to speakers that mark them."""
    said: list[str] = []
    sent: list[float] = []
    sends: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound"
        command = (sys.executable, "-c", MARKED, f"file:{path}")
        with realtime(), open_speakers(said.append, command=command) as speakers:
            speakers.ready()
            time.sleep(0.2)
            for at, events in quartet(time.perf_counter(), seconds):
                time.sleep(max(at - time.perf_counter(), 0.0))
                for event in events:
                    begun = time.perf_counter()
                    speakers.send(event)
                    sends.append(time.perf_counter() - begun)
                    if isinstance(event, NoteOn):
                        sent.append(begun)
            time.sleep(0.1)
        sound = np.fromfile(path, "<f4").reshape(-1, 2)[:, 0]
        times = np.fromfile(f"{path}.times", "<f8").reshape(-1, 2)
    # The end fades; a mark is a mark as long as it is there at all.
    marks = np.repeat(np.arange(len(sound)), np.ceil(sound).astype(int))
    assert len(marks) == len(sent), (len(marks), len(sent), said)
    began = float(times[0, 0])
    delays = [began + mark / RATE - at for mark, at in zip(marks.tolist(), sent, strict=True)]
    late = sum(int(line.split()[1]) for line in said if line.endswith("late"))
    return Heard(delays, sends, late, len(times))


def quartet(start: float, seconds: float) -> Iterator[tuple[float, list[Event]]]:
    """Moments, and what is sent then: eighths at 200, a walking bass, a chord a beat, a ride."""
    rng, at, number = Random(1), start, 0
    before: list[Event] = []
    while at < start + seconds:
        ons: list[Event] = [NoteOn(rng.randrange(58, 84), rng.randrange(60, 110), 0)]
        if number % 2 == 0:
            ons += [NoteOn(rng.randrange(28, 50), 80, 1), NoteOn(51, rng.randrange(50, 90), 9)]
            root = rng.randrange(48, 60)
            ons += [NoteOn(root + step, 70, 2) for step in (0, 3, 7, 10)]
        yield at, [*before, *ons]
        before = [NoteOff(on.pitch, on.channel) for on in ons if isinstance(on, NoteOn)]
        at += rng.uniform(0.12, 0.18)
        number += 1


@dataclass(slots=True)
class Row:
    """Seconds by which each note-on left late, and milliseconds that were stolen meanwhile."""

    late: list[float] = field(default_factory=list)
    stolen: float = 0.0


def lateness(seconds: float, rounds: int) -> dict[str, Row]:
    """What is found without speakers and with them."""
    rows = {"without": Row(), "with": Row()}
    bpm = 400.0
    bars = max(round(seconds * bpm / 60 / 4), 1)
    for seed in range(rounds):
        for who, row in rows.items():
            with ExitStack() as stack:
                speakers = None
                if who == "with":
                    speakers = stack.enter_context(open_speakers(lambda _line: None, "null"))
                    speakers.ready()
                performance = Stamping(Request(bpm=bpm, bars=bars, seed=seed))
                before = stolen()
                sent = play_stamped(performance, speakers=speakers)
                row.stolen += stolen() - before
            row.late += [each.late for each in sent]
    return rows


def stolen() -> float:
    """Milliseconds that the host of a virtual machine has kept its processors, on Linux; else 0."""
    path = Path("/proc/stat")
    if not path.exists():
        return 0.0
    ticks = int(path.read_text().split(maxsplit=9)[8])
    return 1e3 * ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
