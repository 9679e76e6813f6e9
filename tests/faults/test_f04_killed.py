"""F4: the process that plays is killed after so many notes; its take is whole.

    python -m pytest tests/faults/test_f04_killed.py -m slow    # 200 times

A real process plays the default model in real time over a MIDI system that is none, and is killed
by SIGKILL at a moment that nobody has chosen. What it had sent is what it has told until then.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import mido
import pytest

from live_improv.music.events import NoteOn
from live_improv.runtime.take_journal import PATTERN
from tests.faults.children import Child, alive, playing, recorders_of, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are seen in /proc")

LOST = 1.0
"""Seconds at the end of a take that may be missing."""

TAKES = "takes"


def killed(folder: Path, notes: int, seed: int) -> Child:
    """One that has been killed after so many notes, and the recorder has ended after it."""
    folder.mkdir()
    options = ("--tempo", "300", "--seed", str(seed), "--band", "all", "--take-dir", TAKES)
    with playing(folder, *options) as child:
        child.reads(note_ons=notes)
        assert child.note_ons() >= notes, "it has ended by itself"
        recorders = recorders_of(child.process.pid)
        child.process.kill()
        child.reads()
    for pid in recorders:
        wait_for(lambda pid=pid: not alive(pid))  # type: ignore[misc]
    return child


def the_take(folder: Path) -> Path | None:
    """The one thing that is left; None if nothing is."""
    left = [*(folder / TAKES).iterdir()]
    assert len(left) <= 1
    return left[0] if left else None


def note_ons(path: Path) -> list[tuple[int, int]]:
    """Channels and pitches in a file, in no order that matters."""
    messages = (message for track in mido.MidiFile(path).tracks for message in track)
    return sorted((each.channel, each.note) for each in messages if each.type == "note_on")


def missing(path: Path | None, child: Child) -> list[float]:
    """How long before its death the process sent each note-on that the file does not have."""
    there = [] if path is None else note_ons(path)
    sent = [(at, event) for at, event in child.stream if isinstance(event, NoteOn)]
    last = child.stream[-1][0]
    found = []
    for at, event in sent:
        if (event.channel, event.pitch) in there:
            there.remove((event.channel, event.pitch))
        else:
            found.append(last - at)
    return found


def check(tmp_path: Path, times: int) -> None:
    worst = 0.0
    for number in range(times):
        folder = tmp_path / str(number)
        child = killed(folder, 1 + 37 * number % 101, number)
        path = the_take(folder)
        worst = max([worst, *missing(path, child)])
        assert worst <= LOST, (number, path)
    print(f"{times} killed, every take loads, at most the last {worst:.2f} s are missing")


def test_f04_a_take_survives_the_death_of_who_plays(tmp_path: Path) -> None:
    check(tmp_path, 3)


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("times", [20, 200])
def test_f04_again_and_again(tmp_path: Path, times: int) -> None:
    check(tmp_path, times)


def test_f04_a_take_survives_the_death_of_both(tmp_path: Path) -> None:
    """As when the power goes: the next start makes a file of the journal."""
    (tmp_path / "a").mkdir()
    with playing(tmp_path / "a", "--tempo", "300", "--band", "all", "--take-dir", TAKES) as child:
        child.reads(note_ons=30)
        takes = tmp_path / "a" / TAKES
        wait_for(lambda: any(takes.glob(PATTERN)))
        for pid in (child.process.pid, *recorders_of(child.process.pid)):
            os.kill(pid, signal.SIGKILL)
        child.reads()
    assert any(takes.glob(PATTERN))
    first = killed_file(takes)
    with playing(tmp_path / "a", "--tempo", "300", "--seed", "9", "--take-dir", TAKES) as after:
        after.reads(note_ons=3)
        wait_for(lambda: len([*takes.glob("*.mid")]) > (first is not None))
    wait_for(lambda: not any(takes.glob(PATTERN)))
    path = min(takes.glob("*.mid"))
    assert max([0.0, *missing(path, child)]) <= LOST


def killed_file(takes: Path) -> Path | None:
    """The file that was written before both died, which loads."""
    for path in takes.glob("*.mid"):
        assert note_ons(path)
        return path
    return None
