"""How fast the synthesizer is, offline and in the blocks of a live performance, and how loud.

    python benchmarks/synth.py [--levels]

Offline: a quartet over many bars of the default chart at 140. `performed` is what makes the notes
(the net, the band), `sounding` the synthesizer alone, `write_sound` the synthesizer with levels and
the .wav file, `--wav` the whole command from before it is spawned, which has all of it. At least
100 times real time is wanted of the last. BLAS is held to one thread.

Live: what one `Synth.render(256)` at 48 kHz takes, which must stay well below the 5.3 ms that it
lasts. `held` has 15 notes that sound, chords of piano and vibes, a bass, cymbals and a wind;
`quartet` is the same performance as offline, event by event, once with its usual tones made before
and once without, when a tone is made as it is struck. `making a tone` is one `Synth.prepare()`.

With `--levels` every chart that comes along is played by several instruments, alone and with the
band, and the loudness (pyloudnorm) and true peak (four times oversampled) of what would be written
are shown: -20 to -14 LUFS and below -1 dBFS are wanted.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from figures import Table, quantile

from live_improv import assets
from live_improv.app import Performance
from live_improv.music.events import Event, NoteOn, ProgramChange
from live_improv.music.score import Score
from live_improv.offline import performed
from live_improv.performance.band import QUARTET
from live_improv.performance.instruments import instrument
from live_improv.request import Request
from live_improv.sound.playback import levelled, sounding
from live_improv.sound.recording import write_sound
from live_improv.sound.render import RATE
from live_improv.sound.synth import Synth

PROGRAM = Path(__file__).resolve().parent.parent / "run_live.py"
BPM = 140.0
LIVE_RATE, BLOCK = 48_000, 256
PLAYERS = ("alto", "trumpet", "trombone", "clarinet", "guitar", "vibes", "piano")

Placed = tuple[int, Event]
"""An event and the frame at which it happens."""

HELD: tuple[Event, ...] = (
    ProgramChange(66, 0),
    ProgramChange(11, 3),
    NoteOn(62, 90, 0),
    NoteOn(36, 90, 1),
    *(NoteOn(pitch, 70, 2) for pitch in (46, 50, 53, 57, 60, 64)),
    *(NoteOn(pitch, 70, 3) for pitch in (65, 69, 72, 76)),
    *(NoteOn(key, 90, 9) for key in (51, 49, 46)),
)


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--bars", type=int, default=192, help="of the quartet (192)")
    add("--runs", type=int, default=3, help="of each (3)")
    add("--levels", action="store_true", help="show how loud every chart is instead")
    add("--json", type=Path, metavar="OUT", help="write the last table's figures here too")
    options = parser.parse_args()
    if options.levels:
        tables = [levels()]
    else:
        request = Request(bars=options.bars, bpm=BPM, band=QUARTET, program=65)
        score = performed(Performance(request))
        tables = [offline(request, score, options.runs), live(score, options.runs)]
    for table in tables:
        table.show()
    if options.json is not None:
        tables[-1].write(options.json)


def offline(request: Request, score: Score, runs: int) -> Table:
    """Times real time of each part of the way, and of all of it."""
    seconds = float(score.tempo.seconds_at(score.length))
    table = Table(
        f"Offline: {seconds:.0f} seconds of a quartet at {BPM:.0f}, times real time",
        ("what", "median", "best", "by CPU, best", "runs"),
        digits=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.wav"
        command = [sys.executable, str(PROGRAM), "--wav", str(out), "--tempo", str(BPM)]
        command += ["--bars", str(request.bars)]

        def run() -> None:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

        ways: dict[str, Callable[[], object]] = {
            "performed": lambda: performed(Performance(request)),
            "sounding": lambda: [len(part) for part in sounding(score, RATE)],
            "write_sound": lambda: write_sound(score, out, None, None),
            "--wav": run,
        }
        for name, way in ways.items():
            passed, given = [], []
            for _ in range(runs):
                begun, cpu = time.perf_counter(), cpu_seconds()
                way()
                passed.append(seconds / (time.perf_counter() - begun))
                given.append(seconds / (cpu_seconds() - cpu))
            table.add(name, quantile(passed, 0.5), max(passed), max(given), runs)
    return table


def cpu_seconds() -> float:
    """What this process and those it has waited for have had of the processor."""
    return sum(os.times()[:4])


def live(score: Score, runs: int) -> Table:
    """Milliseconds that a block takes."""
    table = Table(
        f"Live: milliseconds for {BLOCK} frames at {LIVE_RATE}, which last "
        f"{1000 * BLOCK / LIVE_RATE:.1f}",
        ("what", "median", "p99", "worst", "blocks"),
    )
    placed = list(events_of(score))
    end = placed[-1][0]
    rows: dict[str, list[float]] = {name: [] for name in ("held", "quartet", "quartet, unprepared")}
    making: list[float] = []
    gc.disable()  # as the process of the speakers does
    for _ in range(runs):
        synth = Synth(LIVE_RATE)
        rows["held"] += blocks(synth, [(0, event) for event in HELD], LIVE_RATE)[1:]
        synth = Synth(LIVE_RATE)
        making += made(synth)
        rows["quartet"] += blocks(synth, placed, end)
        rows["quartet, unprepared"] += blocks(Synth(LIVE_RATE), placed, end)
    gc.enable()
    for name, taken in (*rows.items(), ("making a tone", making)):
        table.add(name, quantile(taken, 0.5), quantile(taken, 0.99), max(taken), len(taken))
    total, count = sum(making) / runs, len(making) // runs
    table.notes.append(f"All {count} usual tones are made in {total:.0f} ms.")
    return table


def events_of(score: Score) -> Iterable[Placed]:
    """What a live performance would send, by frame."""
    timed = sorted((each for part in score.parts for each in part.events), key=lambda t: t.tick)
    for each in timed:
        yield round(score.tempo.seconds_at(each.tick) * LIVE_RATE), each.event


def blocks(synth: Synth, placed: list[Placed], end: int) -> list[float]:
    """Milliseconds of each block up to the frame `end`."""
    taken, following = [], 0
    for now in range(0, end, BLOCK):
        begun = time.perf_counter()
        while following < len(placed) and placed[following][0] < now + BLOCK:
            synth.handle(placed[following][1], placed[following][0] - now)
            following += 1
        synth.render(BLOCK)
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def made(synth: Synth) -> list[float]:
    """Milliseconds of each tone that is made beforehand."""
    taken, more = [], True
    while more:
        begun = time.perf_counter()
        more = synth.prepare()
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def levels() -> Table:
    """How loud every chart is, by one instrument alone and by another with the band."""
    import pyloudnorm

    meter = pyloudnorm.Meter(RATE)
    table = Table(
        "Levels of what is written",
        ("chart", "instrument", "band", "LUFS", "true peak", "crest, dB", "seconds"),
        digits=1,
    )
    for number, chart in enumerate(assets.chart_names()):
        for band in (frozenset(), QUARTET):
            player = instrument(PLAYERS[(2 * number + bool(band)) % len(PLAYERS)])
            request = Request(chart, bars=32, instrument=player, program=player.program, band=band)
            score = performed(Performance(request))
            sound = np.concatenate(list(levelled(sounding(score, RATE), RATE)), axis=1)
            peak = decibels(true_peak(sound))
            crest = decibels(float(np.abs(sound).max() / np.sqrt(np.mean(sound**2))))
            loud = meter.integrated_loudness(sound.T.astype(float))
            who = "quartet" if band else "-"
            table.add(chart, player.name, who, loud, peak, crest, sound.shape[1] / RATE)
    return table


def true_peak(sound: np.ndarray) -> float:
    """The largest value between the frames too."""
    worst, part, edge = 0.0, 1 << 16, 64
    for begin in range(0, sound.shape[1], part):
        piece = sound[:, max(begin - edge, 0) : begin + part + edge]
        finer = 4 * np.fft.irfft(np.fft.rfft(piece), 4 * piece.shape[1])
        worst = max(worst, float(np.abs(finer[:, 2 * edge : -2 * edge]).max(initial=0.0)))
    return worst


def decibels(ratio: float) -> float:
    """Of an amplitude."""
    return float(20 * np.log10(ratio))


if __name__ == "__main__":
    main()
