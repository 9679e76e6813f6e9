"""A guardian whose MIDI system never returns from a call, and holds the interpreter in it.

python -m tests.faults.hung_guardian CALL NAME
"""

from __future__ import annotations

import ctypes
import sys

from tests.fake_rtmidi import ALSA, FakeDevice, FakeRtMidi


class Hung(FakeRtMidi):
    """A MIDI system that hangs in one call."""

    def MidiOut(self, api: int, name: str) -> FakeDevice:
        """A client."""
        device = super().MidiOut(api, name)
        setattr(device, sys.argv[1], lambda *_: ctypes.PyDLL(None).pause())
        return device

    MidiIn = MidiOut


if __name__ == "__main__":
    sys.modules["rtmidi"] = Hung([ALSA], [ALSA], ["Synth"])  # type: ignore[assignment]
    from live_improv.runtime.guardian_process import main

    raise SystemExit(main(sys.argv[2:]))
