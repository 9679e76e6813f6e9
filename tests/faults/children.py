"""Starting such a process as `child` is, and reading what it tells."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from live_improv.midi.codec import decode
from live_improv.music.events import NoteOn
from tests.faults.invariants import Moment

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds."""


@dataclass
class Child:
    """A process that plays.

    Attributes:
        process: itself.
        begun: the moment at which it began to run.
        threads: how many threads there are that nobody of ours has started.
        cpu: how many seconds it had computed when it sent its first message.
        stream: what it has sent so far.
    """

    process: subprocess.Popen[bytes]
    begun: float = 0.0
    threads: int = -1
    cpu: float = -1.0
    stream: list[Moment] = field(default_factory=list)

    def reads(self, note_ons: int | None = None) -> list[Moment]:
        """What it sends, up to so many note-ons in all or to its end."""
        while note_ons is None or self.note_ons() < note_ons:
            line = _out(self.process).readline().decode()
            if not line:
                break
            # What is said to the player goes the same way, its ends of lines by themselves.
            first, _, rest = line.rstrip("\n").partition(" ")
            if first == "begun":
                self.begun = float(rest)
            elif first == "threads":
                self.threads = int(rest)
            elif first == "cpu":
                self.cpu = float(rest)
            elif rest and first.replace(".", "").isdigit():
                event = decode(bytes.fromhex(rest))
                assert event is not None, line
                self.stream.append((float(first), event))
        return self.stream

    def note_ons(self) -> int:
        """How many."""
        return sum(isinstance(event, NoteOn) for _, event in self.stream)


@contextmanager
def playing(folder: Path, *options: str) -> Iterator[Child]:
    """A process that plays, in an empty folder, for a user who has set nothing."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.child", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if "_NUM_THREADS" not in name},
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(folder),
            "HOME": str(folder),
        },
    )
    try:
        yield Child(process)
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def _out(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


def wait_for(happened: Callable[[], bool]) -> None:
    """Ask every 10 ms whether something has happened.

    Raises:
        AssertionError: it has not, in `PATIENCE` seconds.
    """
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process runs; one whose parent does not ask for it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def recorders_of(pid: int) -> list[int]:
    """The recorder processes that a process has started."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((each / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (each / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == pid and b"recorder_process" in command:
            found.append(int(each.name))
    return found
