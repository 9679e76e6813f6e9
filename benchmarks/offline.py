"""How many notes a second are played into a file.

    python benchmarks/offline.py

What is measured: `offline.play_offline` over many choruses of the default chart with the default
model, in this process, several times; and the whole command `run_live.py --offline` with as
many choruses, from before it is spawned until it has ended, which adds the start of the process.
Everything a live performance does is in it (the net, the language, feel, the scheduler and its
ledger) and the file as well; only the waiting is not. BLAS is held to one thread.

How to read it: notes a second, median and worst; at least 2,000 are wanted. `notes per CPU s`
counts only the time that the processor gave to the program, which is all of it where nobody else
wants any. With `--profile` comes what the time went into, by Python's own profiler, which makes
everything slower.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

import cProfile
import pstats
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from figures import Table, quantile

from live_improv.app import Performance
from live_improv.offline import Files, play_offline
from live_improv.request import Request

PROGRAM = Path(__file__).resolve().parent.parent / "run_live.py"


@dataclass(frozen=True, slots=True)
class Run:
    """One performance: its notes, its seconds, and those of them that the processor gave."""

    notes: int
    seconds: float
    cpu: float


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--choruses", type=int, default=200, help="of each performance (200)")
    add("--runs", type=int, default=3, help="performances in each way (3)")
    add("--profile", action="store_true", help="show what the time goes into instead")
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "solo.mid"
        if options.profile:
            profile(options.choruses, out)
            return
        found: dict[str, list[Run]] = {"play_offline": [], "whole process": []}
        for seed in range(options.runs):
            here = in_process(options.choruses, seed, out)
            found["play_offline"].append(here)
            found["whole process"].append(whole_process(options.choruses, seed, out, here.notes))

    table = Table(
        f"Offline, {options.choruses} choruses",
        ("what", "notes/s", "worst", "notes per CPU s", "notes", "runs"),
        digits=0,
    )
    for name, runs in found.items():
        rates = [run.notes / run.seconds for run in runs]
        of_cpu = quantile([run.notes / run.cpu if run.cpu else 0.0 for run in runs], 0.5)
        notes = sum(run.notes for run in runs)
        figures = (quantile(rates, 0.5), min(rates), of_cpu, notes)
        table.add(name, *figures, len(runs))
    table.show()
    if options.json is not None:
        table.write(options.json)


def in_process(choruses: int, seed: int, out: Path) -> Run:
    """Play here."""
    performance = Performance(Request(choruses=choruses, seed=seed))
    begun, cpu = time.perf_counter(), time.process_time()
    notes = play_offline(performance, Files(out))
    return Run(notes, time.perf_counter() - begun, time.process_time() - cpu)


def whole_process(choruses: int, seed: int, out: Path, notes: int) -> Run:
    """Run the command, which plays so many notes."""
    options = ["--offline", str(out), "--choruses", str(choruses), "--seed", str(seed)]
    begun, cpu = time.perf_counter(), cpu_of_children()
    subprocess.run([sys.executable, str(PROGRAM), *options], check=True, stdout=subprocess.DEVNULL)
    return Run(notes, time.perf_counter() - begun, cpu_of_children() - cpu)


def cpu_of_children() -> float:
    """Seconds of processor time that ended children have had; 0 where that is not known."""
    times = os.times()
    return times.children_user + times.children_system


def profile(choruses: int, out: Path) -> None:
    """Play here, and show the functions that take the most time by themselves."""
    performance = Performance(Request(choruses=choruses))
    with cProfile.Profile() as profiler:
        play_offline(performance, Files(out))
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
