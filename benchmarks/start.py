"""How soon the first note sounds after the program is started, and how much memory it takes.

    python benchmarks/start.py

What is measured: the time from just before `python run_live.py --port NAME` is spawned to the
first note-on, heard by this process through a real MIDI port (over JACK, without sound hardware),
and the peak of the memory that the program held while it played a bar of music (its resident set).
Without jackd the program is started with a port in memory instead, which leaves out loading rtmidi
and opening the port; the table says which it was. For comparison, `import tensorflow` and
`import numpy` in a fresh interpreter, timed and weighed in the same way. All clocks are
`time.perf_counter`, which every process of a Linux or macOS machine shares.

How to read it: seconds and megabytes, median and worst of several starts that take turns. The first
note is to come within 1.0 s, at a peak of no more than 100 MB. `own MB` is the peak less what lies
in memory shared with other programs: a JACK server locks its table of ports into every client,
40 MB of it here and 105 MB as servers are usually started. Memory is told on Linux only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jack
from figures import Table, quantile

from live_improv.midi.ports import open_input
from live_improv.music.events import NoteOn, Stamped

PORT = "live_improv_benchmark"
PROGRAM = Path(__file__).resolve().parent.parent / "run_live.py"
# With drums, which play on beat 1 of bar 1: a soloist may begin with a rest.
PLAY = ["--bars", "1", "--tempo", "240", "--band", "drums", "--take-dir"]

# The program, but for its port, whose first note-on is told to whoever waits.
IN_MEMORY = """
import time
from live_improv.midi import ports
from live_improv.music.events import NoteOn

class Port(ports.OutputPort):
    name = wanted = "memory"
    virtual, told = True, False
    def __init__(self):
        pass
    def send(self, event):
        if isinstance(event, NoteOn) and not self.told:
            self.told = True
            print("AT", time.perf_counter(), flush=True)
    def names(self):
        return ()
    def watch(self, died):
        return ports.SystemWatch()
    def close(self):
        pass

ports.open_output = lambda name, client: Port()
from live_improv.cli import main
raise SystemExit(main({arguments!r}))
"""
IMPORT = "import {package}, time; print('AT', time.perf_counter())"


@dataclass(frozen=True, slots=True)
class Started:
    """What one start took: seconds to the moment it was for, megabytes at the peak, shared ones."""

    seconds: float
    peak: float
    shared: float


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--starts", type=int, default=5, help="of each program (5)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()

    table = Table(
        "Start of the process", ("what", "s", "worst s", "peak MB", "own MB", "starts"), digits=2
    )
    with jack.server() as jack_runs:
        ours = "run_live.py, first note-on " + ("over JACK" if jack_runs else "to a port in memory")
        peers: dict[str, Callable[[], Started]] = {
            ours: first_note if jack_runs else first_note_in_memory,
            "import tensorflow": lambda: told(IMPORT.format(package="tensorflow")),
            "import numpy": lambda: told(IMPORT.format(package="numpy")),
        }
        found: dict[str, list[Started]] = {name: [] for name in peers}
        for _ in range(options.starts):
            for name, start in peers.items():
                found[name].append(start())
    for name, starts in found.items():
        seconds = [start.seconds for start in starts]
        peak = max(start.peak for start in starts)
        own = max(start.peak - start.shared for start in starts)
        table.add(name, quantile(seconds, 0.5), max(seconds), peak, own, len(starts))
    table.show()
    if options.json is not None:
        table.write(options.json)


def first_note() -> Started:
    """Start the program and listen to its port."""
    heard: list[Stamped] = []
    with open_input(PORT, heard.append), tempfile.TemporaryDirectory() as takes:
        begun, memory, said = started([str(PROGRAM), "--port", PORT, *PLAY, takes])
    notes = [stamped.at for stamped in heard if isinstance(stamped.event, NoteOn)]
    if not notes:
        raise SystemExit(f"no note was heard; the program said: {said}")
    return Started(notes[0] - begun, *memory)


def first_note_in_memory() -> Started:
    """Start the program with a port in memory."""
    with tempfile.TemporaryDirectory() as takes:
        return told(IN_MEMORY.format(arguments=[*PLAY, takes]))


def told(code: str) -> Started:
    """Run Python code in a fresh interpreter, which prints `AT` and the moment that counts."""
    begun, memory, said = started(["-c", code])
    lines = [line.split() for line in said.splitlines()]
    moments = [float(line[1]) for line in lines if line[:1] == ["AT"]]
    if not moments:
        raise SystemExit(f"a program that was to be timed failed: {said}")
    return Started(moments[0] - begun, *memory)


def started(arguments: list[str]) -> tuple[float, tuple[float, float], str]:
    """Run Python to its end; when it was started, megabytes (peak, shared), and what it said."""
    with tempfile.TemporaryFile() as out:
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], stdout=out, stderr=out)
        peak = shared = 0.0
        while process.poll() is None:
            found = memory_of(process.pid)
            peak = max(peak, found.get("VmHWM", 0.0))
            shared = max(shared, found.get("RssShmem", 0.0))
            time.sleep(0.02)
        out.seek(0)
        return begun, (peak, shared), out.read().decode()


def memory_of(pid: int) -> dict[str, float]:
    """What the system says of the memory of a process, in megabytes of a million bytes.

    What it says of a process that has ended, `ru_maxrss`, would not do: on Linux that counts the
    process it was spawned from as well.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    lines = (line.split() for line in status.splitlines())
    return {line[0][:-1]: int(line[1]) * 1.024e-3 for line in lines if line[-1] == "kB"}


if __name__ == "__main__":
    main()
