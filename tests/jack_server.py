"""A real MIDI system for the tests, on any Linux machine: a JACK server without sound hardware.

Nothing here sleeps for a fixed time: what is started is asked until it answers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from live_improv.midi.ports import MidiUnavailable, list_ports

PATIENCE = 20.0
"""Seconds that something may take to happen; it takes a fraction of one."""

SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Ask every 10 ms whether something has happened.

    Raises:
        AssertionError: it has not, in `PATIENCE` seconds.
    """
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"{what}: not in {PATIENCE:g} s"
        time.sleep(0.01)


@contextmanager
def jack_server() -> Iterator[None]:
    """Run a JACK server of our own, which this process and its children find by the environment.

    It is synchronous (-S): it waits for a client that gets no processor time, whose messages it
    would drop otherwise. ALSA is taken out of the way: on a desktop it would answer first. Skips
    where jackd is missing.
    """
    program = shutil.which("jackd")
    if program is None:
        pytest.skip("jackd is not installed (Debian: apt install jackd2)")
    name = f"live_improv_test_{os.getpid()}"
    ours = {
        "JACK_DEFAULT_SERVER": name,
        "JACK_NO_START_SERVER": "1",
        "ALSA_CONFIG_PATH": os.devnull,
    }
    driver = ["-d", "dummy", "-r", "48000", "-p", "128"]
    command = [program, "-S", "-n", name, "-r", "-p", "64", *driver]
    with pytest.MonkeyPatch.context() as environment, _running(command) as server:
        for variable, value in ours.items():
            environment.setenv(variable, value)
        wait_until(lambda: _answers(server), "jackd answers")
        yield


@contextmanager
def synthesizer(out: Path) -> Iterator[None]:
    """Run fluidsynth as a JACK client that renders to a file: 16-bit stereo at 44.1 kHz, raw.

    Raw, because fluidsynth completes a WAV header only when it is told to quit from within. Its
    port is `fluidsynth-midi:midi_00`. Skips where it or its sound font is missing.
    """
    program = shutil.which("fluidsynth")
    if program is None or not SOUND_FONT.is_file():
        pytest.skip(
            "fluidsynth is not installed (Debian: apt install fluidsynth fluid-soundfont-gm)"
        )
    options = ["-m", "jack", "-a", "file", "-is"]
    settings = {
        "audio.file.name": str(out),
        "audio.file.type": "raw",
        "audio.file.format": "s16",
        # The shell of -s listens on a TCP port, which another synthesizer may have.
        "shell.port": str(20_000 + os.getpid() % 20_000),
    }
    for setting, value in settings.items():
        options += ["-o", f"{setting}={value}"]
    with _running([program, *options, str(SOUND_FONT)]) as synth:
        wait_until(lambda: _has_output("fluidsynth", synth), "fluidsynth has a MIDI port")
        yield


def _answers(server: subprocess.Popen[bytes]) -> bool:
    assert server.poll() is None, "jackd has ended"
    try:
        return list_ports().api == "Jack"
    except MidiUnavailable:
        return False


def _has_output(client: str, synth: subprocess.Popen[bytes]) -> bool:
    assert synth.poll() is None, "fluidsynth has ended"
    return any(name.startswith(client) for name in list_ports().outputs)


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends."""
    null = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=null, stdout=null, stderr=null)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
