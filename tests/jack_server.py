"""A real MIDI system for the tests, on any Linux machine: a JACK server without sound hardware.

Beside it what others would have: a synthesizer, a DAW whose transport sends a clock, a player.

Nothing here sleeps for a fixed time: what is started is asked until it answers.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from live_improv.midi.ports import MidiUnavailable, list_ports

PATIENCE = 20.0
"""Seconds that something may take to happen; it takes a fraction of one."""

RATE = 48_000
"""Frames a second of the server."""

CLOCK_PORT = "jack_midi_clock"

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
    driver = ["-d", "dummy", "-r", str(RATE), "-p", "128"]
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


class Daw:
    """A transport with a tempo, whose clock and song positions come out of `CLOCK_PORT`."""

    def __init__(
        self,
        bpm: float,
        clock: subprocess.Popen[bytes],
        transport: subprocess.Popen[str],
        jack: ctypes.CDLL,
        client: int,
    ) -> None:
        self._beats_per_frame = bpm / 60.0 / RATE
        self._clock = clock
        self._transport = transport
        self._jack = jack
        self._client = client

    def beat(self) -> float:
        """Where the server itself says that the song is, in quarters; any thread may ask."""
        frame = int(self._jack.jack_get_current_transport_frame(self._client))
        return frame * self._beats_per_frame

    def locate(self, beat: float) -> None:
        """Go to a place."""
        frame = round(beat / self._beats_per_frame)
        self._say(f"locate {frame}")
        wait_until(lambda: abs(self.beat() - beat) < 0.01, "the transport is placed")

    def play(self) -> None:
        """Let it run."""
        before = self.beat()
        self._say("play")
        wait_until(lambda: self.beat() > before, "the transport runs")

    def stop(self) -> None:
        """Let it stand."""
        self._say("stop")

    def kill_clock(self) -> None:
        """The clock ends; the transport runs on."""
        _interrupt(self._clock)

    def _say(self, command: str) -> None:
        assert self._transport.stdin is not None
        self._transport.stdin.write(command + "\n")
        self._transport.stdin.flush()


@contextmanager
def daw(bpm: float) -> Iterator[Daw]:
    """jack_midi_clock, with jack_transport as the master of bars and beats; it stands at 0.

    Skips where one of them is missing.
    """
    programs = [shutil.which(name) for name in ("jack_midi_clock", "jack_transport")]
    library = ctypes.util.find_library("jack")
    if None in programs or library is None:
        pytest.skip("no jack_midi_clock or jack_transport (Debian: jack-midi-clock, jackd2)")
    jack = ctypes.CDLL(library)
    jack.jack_client_open.restype = ctypes.c_void_p
    jack.jack_client_close.argtypes = [ctypes.c_void_p]
    jack.jack_get_current_transport_frame.argtypes = [ctypes.c_void_p]
    jack.jack_get_current_transport_frame.restype = ctypes.c_uint32
    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    with (
        subprocess.Popen([str(programs[0]), "-d", "0.2"], stdout=null, stderr=null) as clock,
        subprocess.Popen(
            [str(programs[1])], stdin=pipe, stdout=null, stderr=null, text=True
        ) as transport,
    ):
        client = jack.jack_client_open(b"observer", ctypes.c_int(1), None)
        try:
            assert client, "JACK takes a client"
            wait_until(lambda: any("mclk_out" in name for name in list_ports().inputs), "its port")
            found = Daw(bpm, clock, transport, jack, client)
            for command in ("master", f"tempo {bpm:g}", "stop"):
                found._say(command)
            found.locate(0.0)
            yield found
        finally:
            if client:
                jack.jack_client_close(client)
            _interrupt(transport)
            _interrupt(clock)


class Human:
    """Somebody who plays, in a process of their own, through the port `PORT`."""

    PORT = "live_improv_test_human"

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def play(self, keys: Sequence[tuple[float, int, int]]) -> None:
        """Begin to play.

        Args:
            keys: `time.perf_counter` moments in order, pitches, and velocities, 0 for key up.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(keys) + "\n")
        self._process.stdin.flush()

    def moments(self) -> list[float]:
        """When each of those keys was really pressed or let go; waits for the last one."""
        assert self._process.stdout is not None
        found = json.loads(self._process.stdout.readline())
        assert isinstance(found, list)
        return found


@contextmanager
def human() -> Iterator[Human]:
    """Somebody at a keyboard."""
    command = [sys.executable, "-m", "tests.human", Human.PORT]
    root = Path(__file__).parent.parent
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=root) as process:
        try:
            wait_until(
                lambda: any(Human.PORT in name for name in list_ports().inputs), "their port"
            )
            yield Human(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()  # it plays to the end and closes its port
            process.wait(PATIENCE)


def _interrupt(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """End a JACK client so that the server does not wait for it, as it does after SIGTERM."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


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
