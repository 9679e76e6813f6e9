"""The program as a musician starts it, playing to a port of ours, and the ways in which it ends.

    python -m tests.faults.leaving [COUNT]

kills a playing program COUNT times (200) at random moments, over a JACK server of its own, and says
how long it took until everything was silent and what the takes had.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mido

from live_improv.midi.ports import list_ports, open_input
from live_improv.music.events import NoteOff, NoteOn, Stamped
from tests.faults.children import alive, recorders_of, wait_for
from tests.jack_server import jack_server, wait_until

ROOT = Path(__file__).resolve().parents[2]
PORT = "live_improv_test_receiver"

SOON = 0.3
"""Seconds until everything is silent, for who has been killed."""

LACKING = 1.0
"""Seconds of music that the take of who has been killed may lack."""

BAND = ("--band", "bass,piano,drums", "--tempo", "160")


class Receiver:
    """Who is played to.

    Attributes:
        heard: everything, in order.
    """

    def __init__(self) -> None:
        self.heard: list[Stamped] = []

    def sounding(self) -> set[tuple[int, int]]:
        """What sounds here, by channel and pitch."""
        found: set[tuple[int, int]] = set()
        for stamped in list(self.heard):
            match stamped.event:
                case NoteOn(pitch, _, channel):
                    found.add((channel, pitch))
                case NoteOff(pitch, channel):
                    found.discard((channel, pitch))
        return found

    def silent_since(self) -> float:
        """The moment of the last note-off."""
        return max(each.at for each in self.heard if isinstance(each.event, NoteOff))

    def first_note(self) -> float:
        """The moment of the first note; before it come offs, perhaps of who was killed last."""
        return next(each.at for each in self.heard if isinstance(each.event, NoteOn))

    def wait_for(self, count: int) -> None:
        """Return while so many notes sound."""
        wait_until(lambda: len(self.sounding()) >= count, f"{count} notes sound")


@dataclass
class Live:
    """A program that plays, and who hears it."""

    process: subprocess.Popen[str]
    receiver: Receiver

    def ends(self, patience: float = 5.0) -> tuple[int, str]:
        """Its exit code, and what it said."""
        said, _ = self.process.communicate(timeout=patience)
        return self.process.returncode, said


def heeding() -> None:
    """Heed what asks us to end, which a shell has its background commands ignore."""
    for name in ("SIGINT", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


def started(folder: Path, *options: str) -> subprocess.Popen[str]:
    """A program that plays, in this folder, without end, to the port of a receiver."""
    command = [sys.executable, str(ROOT / "run_live.py"), "--port", PORT, *options]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "XDG_CONFIG_HOME": str(folder)}
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        preexec_fn=heeding,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def live(folder: Path, *options: str) -> Iterator[Live]:
    """Play in this folder, without end, to a port of ours."""
    receiver = Receiver()
    # The guardian of who was killed before stays for a second.
    wait_until(lambda: not any(PORT in name for name in list_ports().inputs), "it has left")
    with open_input(PORT, receiver.heard.append, client="receiver"):
        process = started(folder, *options)
        try:
            yield Live(process, receiver)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=10)


def noted(take: Path) -> tuple[float, int]:
    """How many seconds a take lasts, and how many notes it has.

    Raises:
        Exception: of many kinds, where it cannot be read.
    """
    score = mido.MidiFile(take)
    ons = sum(each.type == "note_on" and each.velocity > 0 for t in score.tracks for each in t)
    return score.length, ons


@dataclass(frozen=True)
class Killed:
    """What became of a program that was killed.

    Attributes:
        silent: seconds until the last note-off, 0 where nothing sounded any more.
        sounding: notes that sounded at the moment of the kill.
        stuck: notes that sounded still when it was waited for no longer.
        missing: seconds that were played and are not in the take; None where there is no take.
    """

    silent: float
    sounding: int
    stuck: int
    missing: float | None

    def faults(self, after: float) -> list[str]:
        """What is not as promised, of a program that was killed so long after its first note."""
        found = [f"{self.stuck} stuck"] if self.stuck else []
        if self.silent > SOON:
            found.append(f"silent after {self.silent:.3f} s")
        if self.missing is None and after > LACKING:
            found.append("no take")
        if self.missing is not None and self.missing > LACKING:
            found.append(f"the take lacks {self.missing:.2f} s")
        return found


def kill_once(folder: Path, after: float, notes: int = 1) -> Killed:
    """Kill a playing program so many seconds after its first note, while notes sound."""
    with live(folder, *BAND) as playing:
        receiver = playing.receiver
        receiver.wait_for(1)
        first = receiver.first_note()
        wait_until(lambda: time.perf_counter() > first + after, "time")
        receiver.wait_for(notes)
        sounded = len(receiver.sounding())
        recorders = recorders_of(playing.process.pid)
        killed = time.perf_counter()
        os.kill(playing.process.pid, signal.SIGKILL)
        playing.process.wait()
        end = time.perf_counter() + 2.0
        while receiver.sounding() and time.perf_counter() < end:
            time.sleep(0.005)
        stuck = len(receiver.sounding())
        silent = max(receiver.silent_since() - killed, 0.0)
    # They read on to the end of what they were told, and write it.
    wait_for(lambda: not any(map(alive, recorders)))
    takes = list((folder / "takes").glob("*.mid")) if (folder / "takes").is_dir() else []
    missing = None
    if takes:
        (take,) = takes
        missing = killed - first - noted(take)[0]
    return Killed(silent, sounded, stuck, missing)


def main(arguments: list[str]) -> int:
    """Kill and kill."""
    count = int(arguments[0]) if arguments else 200
    chance = random.Random(6)
    done: list[Killed] = []
    faults = 0
    with jack_server():
        for number in range(count):
            after = chance.uniform(0.0, 4.0)
            with tempfile.TemporaryDirectory() as folder:
                done.append(kill_once(Path(folder), after))
            wrong = done[-1].faults(after)
            faults += bool(wrong)
            if wrong:
                print(f"kill {number}, {after:.2f} s: {', '.join(wrong)}", flush=True)
    silent = sorted(1e3 * each.silent for each in done)
    missing = sorted(each.missing for each in done if each.missing is not None)
    sounding, stuck = (sum(getattr(each, name) for each in done) for name in ("sounding", "stuck"))
    print(f"{count} kills with {sounding} notes sounding: {stuck} stuck, {faults} not as promised")
    print(f"silent after {silent[count // 2]:.0f} ms, {silent[-1]:.0f} ms at most")
    if missing:
        print(
            f"{len(missing)} takes, all loaded: they lack {missing[len(missing) // 2]:.2f} s, "
            f"{missing[-1]:.2f} s at most"
        )
    return int(faults > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
