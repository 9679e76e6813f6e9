"""A process that plays live in real time over a MIDI system that is none, and tells what it sent.

    python -m tests.faults.child [OPTIONS OF PLAY]

It goes through the command line as anybody's playing does. Each message that is sent is one line
on standard output: the moment, in seconds of the performance counter, and the bytes in hexadecimal.
Before them come `begun`, the moment at which the process began to run, `threads`, how many threads
no Python has started, as linear algebra does, and `cpu`, how many seconds it had computed by then.
"""

from __future__ import annotations

import time

BEGUN = time.perf_counter()

import os  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402

from tests.fake_rtmidi import ALSA, FakeDevice, FakeRtMidi  # noqa: E402


class Told(FakeRtMidi):
    """A MIDI system whose ports tell what they are sent."""

    def MidiOut(self, api: int, name: str) -> FakeDevice:
        """A client; by then all that plays has been loaded."""
        if not self.devices and os.path.isdir("/proc/self/task"):
            others = len(os.listdir("/proc/self/task")) - threading.active_count()
            os.write(1, f"threads {others}\n".encode())
        self.devices.append(Telling(self, api))
        return self.devices[-1]

    MidiIn = MidiOut


class Telling(FakeDevice):
    """A client of that."""

    def send_message(self, data: list[int]) -> None:
        """Tell it at once, and before the first one how long this process has computed."""
        if not self.rtmidi.heard and not self.sent:
            os.write(1, f"cpu {time.process_time():.6f}\n".encode())
        self.sent.append(data)
        os.write(1, f"{time.perf_counter():.6f} {bytes(data).hex()}\n".encode())


def main() -> int:
    """Play."""
    sys.modules["rtmidi"] = Told([ALSA], [ALSA], ["Synth"])  # type: ignore[assignment]
    os.write(1, f"begun {BEGUN:.6f}\n".encode())
    from live_improv.cli import main as play

    # A guardian would look for a real MIDI system.
    return play(["--port", "Synth", "--no-guardian", *sys.argv[1:]])


if __name__ == "__main__":
    raise SystemExit(main())
