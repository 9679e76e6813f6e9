"""A MIDI file becomes a sound file: by fluidsynth, a program of its own, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from live_improv.music.timing import Seconds

RATE = 44_100
GAIN = 1.0
LONGEST_RENDERING = 600.0
"""Seconds after which a rendering is given up."""

SOUND_FONTS: tuple[Path, ...] = tuple(
    Path(folder) / name
    for folder in ("/usr/share/sounds/sf2", "/usr/share/soundfonts", "/usr/local/share/soundfonts")
    for name in ("default-GM.sf2", "default.sf2", "FluidR3_GM.sf2", "default-GM.sf3")
)
"""Where Debian, Fedora, Arch and those who build it themselves have a General MIDI sound font."""

PROGRAM = "fluidsynth"


class SoundError(RuntimeError):
    """A sound file cannot be made; one line with the cause."""


@dataclass(frozen=True, slots=True)
class Synth:
    """A synthesizer that is installed: the program and its sounds."""

    program: Path
    font: Path


def find_synth(
    font: Path | None = None, fonts: Sequence[Path] = SOUND_FONTS, path: str | None = None
) -> Synth:
    """The synthesizer of this machine.

    Args:
        font: a SoundFont file, or None for the system's own.
        fonts: where to look for the system's own.
        path: where to look for the program, as PATH.

    Raises:
        SoundError: the program or a sound font is not there.
    """
    program = shutil.which(PROGRAM, path=path)
    if program is None:
        raise SoundError(f"{PROGRAM} is not installed: it makes sound files of MIDI files")
    if font is not None:
        if not font.is_file():
            raise SoundError(f"no sound font {font}: expected an .sf2 file")
        return Synth(Path(program), font)
    for each in fonts:
        if each.is_file():
            return Synth(Path(program), each)
    raise SoundError(f"{PROGRAM} has no sound font here: name one (.sf2, General MIDI)")


def render(synth: Synth, midi: Path, out: Path, length: Seconds) -> None:
    """Write `midi` as a WAV file (16 bits, one channel) of exactly `length` seconds.

    Raises:
        SoundError: the synthesizer fails.
    """
    mono = played(synth, midi).astype(np.int32).sum(axis=1) // 2
    fitted = np.zeros(round(length * RATE), "<i2")
    count = min(len(mono), len(fitted))
    fitted[:count] = mono[:count]
    with wave.open(str(out), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(fitted.tobytes())


def played(synth: Synth, midi: Path, gain: float = GAIN) -> NDArray[np.int16]:
    """What `midi` sounds like, of shape (frames, 2), at `RATE`.

    Args:
        gain: 1 is as loud as the audition's files.

    Raises:
        SoundError: the synthesizer fails.
    """
    with tempfile.TemporaryDirectory(prefix="live_improv-") as folder:
        raw = Path(folder) / "stereo.wav"
        command = [
            *(str(synth.program), "-n", "-i", "-q", "-g", str(gain), "-r", str(RATE)),
            *("-T", "wav", "-O", "s16", "-F", str(raw), str(synth.font), str(midi.resolve())),
        ]
        try:
            ran = subprocess.run(
                command, capture_output=True, timeout=LONGEST_RENDERING, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SoundError(f"{PROGRAM}: {error}") from None
        if ran.returncode or not raw.is_file():
            said = ran.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise SoundError(f"{PROGRAM} made nothing of {midi}: {said[-1]}")
        try:
            with wave.open(str(raw), "rb") as file:
                channels = file.getnchannels()
                data = file.readframes(file.getnframes())
        except (wave.Error, EOFError) as error:
            raise SoundError(f"{PROGRAM} wrote no sound: {error}") from None
    frames = np.frombuffer(data, "<i2").reshape(-1, channels)
    return frames if channels == 2 else np.repeat(frames[:, :1], 2, axis=1)
