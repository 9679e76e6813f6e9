"""How soon the first sound is heard with nothing but this program: no DAW, no synthesizer.

    python benchmarks/first_sound.py

What is measured: the time from just before `python run_live.py --speakers` is spawned to the moment
at which the first frame that is not silent is played, by miniaudio's null device, which keeps time
like a sound card; what has been played is in a file, with the moments of its blocks beside it. The
latency of the blocks counts, what a real card adds does not, nor what it takes to open. All clocks
are `time.perf_counter`, which every process of a Linux or macOS machine shares.

How to read it: seconds, median and worst of several starts. `quartet` is with the band, which plays
where nothing else is said; `alone` is without, where the soloist may begin with a rest. `device` is
when the device began to play silence. The first sound of the quartet is to come within 1.5 s.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from figures import Table, quantile

from live_improv.runtime.speaker_process import RATE
from live_improv.runtime.speakers import SETTING

PROGRAM = Path(__file__).resolve().parent.parent / "run_live.py"
PLAY = ["--speakers", "--no-take", "--bars", "1", "--tempo", "240", "--seed", "0"]
ROWS = {"quartet": [], "alone": ["--band", "none"]}

SILENCE = 1e-4
"""80 dB below the loudest that there is."""
BAR = 1.5


@dataclass(frozen=True, slots=True)
class First:
    """Seconds from the start of the program to the first frame, and to the first that sounds."""

    frame: float
    sound: float


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--starts", type=int, default=5, help="of each row (5)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()

    table = Table(
        "First sound without a DAW", ("what", "s", "worst s", "device s", "starts"), digits=2
    )
    found: dict[str, list[First]] = {name: [] for name in ROWS}
    for _ in range(options.starts):
        for name, arguments in ROWS.items():
            found[name].append(first_sound(arguments))
    for name, starts in found.items():
        sounds = [start.sound for start in starts]
        device = quantile([start.frame for start in starts], 0.5)
        table.add(name, quantile(sounds, 0.5), max(sounds), device, len(starts))
    table.notes.append(f"to reach: quartet <= {BAR:g} s")
    table.show()
    if options.json is not None:
        table.write(options.json)


def first_sound(arguments: list[str]) -> First:
    """Start the program and look at what it has played."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound"
        environment = {**os.environ, SETTING: f"file:{path}"}
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, str(PROGRAM), *PLAY, *arguments],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"the program failed: {done.stderr}")
        sound = np.fromfile(path, "<f4").reshape(-1, 2)
        start = float(np.fromfile(f"{path}.times", "<f8", 1)[0])
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > SILENCE)
    if not len(loud):
        raise SystemExit(f"nothing sounded; the program said: {done.stdout}")
    return First(start - begun, start + float(loud[0]) / RATE - begun)


if __name__ == "__main__":
    main()
