"""A guardian of a port of a MIDI system that is none; each message goes into a file, a line each.

python -m tests.runtime.telling_guardian FILE NAME
"""

from __future__ import annotations

import os
import sys

from tests.fake_rtmidi import ALSA, FakeDevice, FakeRtMidi

FILE = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)


class Told(FakeRtMidi):
    """A MIDI system whose ports tell what they are sent."""

    def MidiOut(self, api: int, name: str) -> FakeDevice:
        """A client."""
        device = super().MidiOut(api, name)
        tells = lambda data: os.write(FILE, f"{bytes(data).hex()}\n".encode())  # noqa: E731
        device.send_message = tells  # type: ignore[method-assign,assignment]
        return device

    MidiIn = MidiOut


if __name__ == "__main__":
    sys.modules["rtmidi"] = Told([ALSA], [ALSA], ["Synth", "Busy"])  # type: ignore[assignment]
    sys.modules["rtmidi"].busy = {"Busy"}  # type: ignore[attr-defined]
    from live_improv.runtime.guardian_process import main

    raise SystemExit(main(sys.argv[2:]))
