"""The process of the speakers with a metronome for a synthesizer: a note-on is one sample.

    python -m tests.runtime.click_speakers BACKEND

BACKEND may also be `idle`: a device that is unplugged before it asks for its first block.

What is heard tells exactly which note sounded when: in the left channel the sample is the velocity
of a note-on over 128, in the right the pitch of a note-off over 128. A note of pitch 0 breaks the
synthesizer.
"""

from __future__ import annotations

import sys
import types

import numpy as np

from live_improv.music.events import Event, NoteOff, NoteOn
from live_improv.runtime import speaker_process
from live_improv.runtime.speaker_stream import Frames


class Clicks:
    """An instrument whose notes are one sample long."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._coming: list[tuple[int, int, float]] = []

    def handle(self, event: Event, after: int = 0) -> None:
        """Click `after` frames from here."""
        if isinstance(event, NoteOn):
            if event.pitch == 0:
                raise ValueError("no such note")
            self._coming.append((after, 0, event.velocity / 128))
        elif isinstance(event, NoteOff):
            self._coming.append((after, 1, event.pitch / 128))

    def render(self, frames: int) -> Frames:
        """The next frames."""
        sound = np.zeros((frames, 2), np.float32)
        for after, side, level in self._coming:
            sound[after, side] = level
        self._coming.clear()
        return sound

    def prepare(self) -> bool:
        """There is nothing to make."""
        return False


class Idle:
    """A device that asks for nothing."""

    backend = "Idle"

    def start(self, blocks: object) -> None:
        """It is started."""

    def close(self) -> None:
        """It has nothing to close."""


def open_device(wanted: str) -> object:
    """The device of miniaudio, or that one."""
    return Idle() if wanted == "idle" else OPEN(wanted)


OPEN = speaker_process._open

if __name__ == "__main__":
    speaker_process._open = open_device
    synth = types.ModuleType("live_improv.sound.synth")
    synth.Synth = Clicks  # type: ignore[attr-defined]
    sys.modules[synth.__name__] = synth
    raise SystemExit(speaker_process.main(sys.argv[1:]))
