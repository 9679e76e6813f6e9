"""The whole program, from the command line to a synthesizer, on a real MIDI system."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mido
import numpy as np
import pytest

from live_improv.midi.codec import from_message
from live_improv.midi.ports import list_ports, open_input
from live_improv.music.events import NoteOff, NoteOn, Stamped
from tests.jack_server import PATIENCE, jack_server, synthesizer, wait_until

pytestmark = pytest.mark.realtime

CHECKOUT = Path(__file__).parent.parent
BARS, BPM = 8, 240
PLAYED_SECONDS = BARS * 4 * 60 / BPM


def command(port: str) -> list[str]:
    run_live = str(CHECKOUT / "run_live.py")
    options = ["--port", port, "--bars", str(BARS), "--tempo", str(BPM), "--seed", "1"]
    return [sys.executable, run_live, *options]


def played_offline(folder: Path) -> list[NoteOn]:
    """The note-ons of the same performance in a file, in order."""
    out = folder / "offline.mid"
    options = ["--offline", str(out), *command("")[4:]]
    subprocess.run([*command("")[:2], *options], check=True, capture_output=True, timeout=PATIENCE)
    return ons_in(out)


def ons_in(path: Path) -> list[NoteOn]:
    """The note-ons of the improviser in a file, in order."""
    events = map(from_message, (m for m in mido.MidiFile(path).tracks[1] if not m.is_meta))
    return [event for event in events if isinstance(event, NoteOn)]


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with jack_server(), pytest.MonkeyPatch.context() as environment:
        # Whatever this user has set is not tested.
        environment.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("nobody")))
        yield


def test_eight_bars_are_heard_from_a_synthesizer(tmp_path: Path) -> None:
    sound = tmp_path / "out.raw"
    with synthesizer(sound):
        silent_until = sound.stat().st_size if sound.exists() else 0
        done = subprocess.run(
            command("fluidsynth"),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PLAYED_SECONDS + PATIENCE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert "fluidsynth-midi:midi_00" in done.stdout
    samples = np.fromfile(sound, dtype="<i2").astype(float) / 32768
    before, played = samples[: silent_until // 2], samples[silent_until // 2 :]
    assert np.abs(before).max(initial=0) < 0.001, "nothing sounds before we play"
    assert np.abs(played).max() > 0.02
    assert np.sqrt(np.mean(played**2)) > 0.002
    # Two channels at 44.1 kHz; notes are spread over the whole time, not a click at the start.
    seconds = np.abs(played[: len(played) // 44_100 * 44_100]).reshape(-1, 44_100).max(axis=1)
    assert np.count_nonzero(seconds > 0.005) >= PLAYED_SECONDS, "half seconds with sound"


def test_every_note_on_of_eight_bars_has_its_off(tmp_path: Path) -> None:
    heard: list[Stamped] = []
    # We are the instrument: a port that waits for the program to connect to it.
    with open_input("test instrument", heard.append, client="instrument"):
        wait_until(lambda: bool(list_ports().outputs), "our port is there")
        done = subprocess.run(
            command("test instrument"),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PLAYED_SECONDS + PATIENCE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    # What was played is kept, note for note.
    (take,) = (tmp_path / "takes").iterdir()
    assert f"take: takes/{take.name}" in done.stdout
    live = [stamped.event for stamped in heard if isinstance(stamped.event, NoteOn)]
    assert live == played_offline(tmp_path), "the same seed plays the same notes"
    assert live == ons_in(take)
    sounding: set[int] = set()
    count = 0
    for stamped in heard:
        match stamped.event:
            case NoteOn(pitch):
                assert pitch not in sounding, "a note that sounds ends before it is struck again"
                sounding.add(pitch)
                count += 1
            case NoteOff(pitch):
                sounding.discard(pitch)
    assert not sounding
    assert count >= BARS
    onsets = [stamped.at for stamped in heard if isinstance(stamped.event, NoteOn)]
    assert 0.5 * PLAYED_SECONDS < onsets[-1] - onsets[0] < PLAYED_SECONDS + 1
