"""Sound and the page: none of it is needed to play into a MIDI port."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec

from live_improv.music.timing import Seconds
from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.speakers import SETTING, SpeakerError, open_speakers
from live_improv.sound.render import SoundError, find_synth

HERE = "127.0.0.1"
_DEVICE_PATIENCE = Seconds(8.0)
_PROGRAM_PATIENCE = 5.0


def speakers() -> Iterator[Finding]:
    """Whether a sound device opens; it is closed again before anything sounds."""
    if find_spec("miniaudio") is None:
        return  # as the packages say
    wanted = os.environ.get(SETTING)
    try:
        backend, rate = _opened(None)
    except SpeakerError as error:
        yield Finding(Level.NOTE, "speakers", f"{error}{_null_says()}")
        return
    asked = f" ({SETTING} is {wanted!r})" if wanted else ""
    if backend.lower() == "null":
        says = f"the null device opens, which nobody hears{asked}"
        yield Finding(Level.NOTE, "speakers", says, f"unset {SETTING}")
    else:
        yield Finding(Level.OK, "speakers", f"{backend} opens, {rate} Hz{asked}")


def fluidsynth() -> Iterator[Finding]:
    """Whether there is another synthesizer for sound files, and a sound font."""
    try:
        synth = find_synth()
    except SoundError as error:
        yield Finding(Level.INFO, "fluidsynth", f"{error}; only --soundfont needs it")
        return
    try:
        ran = subprocess.run(
            [str(synth.program), "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PROGRAM_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Finding(Level.NOTE, "fluidsynth", f"does not run: {error}", "install it again")
        return
    versions = [
        line for line in ran.stdout.decode(errors="replace").splitlines() if "ersion" in line
    ]
    said = versions[0] if versions else "it does not say its version"
    yield Finding(Level.OK, "fluidsynth", f"{said}; {synth.font}")


def page() -> Iterator[Finding]:
    """Whether the page could be served."""
    if None in map(find_spec, ("websockets", "segno")):
        return  # as the packages say
    try:
        with socket.socket() as listening:
            listening.bind((HERE, 0))
            listening.listen(1)
    except OSError as error:
        yield Finding(
            Level.NOTE,
            "page",
            f"no port of {HERE} can be opened: {error.strerror or error}",
            "allow it in the firewall, or play with --no-page",
        )
        return
    yield Finding(Level.OK, "page", f"a port of {HERE} can be opened")


def _opened(backend: str | None) -> tuple[str, int]:
    """What opens: the sound system, and frames a second."""
    with open_speakers(lambda _line: None, backend) as found:
        opened = found.ready(_DEVICE_PATIENCE)
    return opened.backend, opened.rate


def _null_says() -> str:
    """Whether it is for want of a device, or the sound does not work at all."""
    try:
        _opened("null")
    except SpeakerError as error:
        return f"; nor does the null device open ({error})"
    return "; the null device opens, so miniaudio works"
