"""The process of the speakers: events come in on standard input, sound goes to the device.

    python -m live_improv.runtime.speaker_process [BACKEND]

It is started by `runtime.speakers` and has an interpreter of its own, so the engine and the sound
never wait for each other. The main thread reads events; the device's thread asks for blocks. Both
ask for real-time priority, as whoever holds the interpreter holds the sound. It ends when standard
input does, however that came about, with a short fade.

What it says, on standard output, a line each:

    ready RATE BACKEND    the device plays
    error TEXT            it cannot, or no longer can; the process ends
    late N                at the end: blocks that came when the device had run out

BACKEND is one of miniaudio's, `null` for a device that only keeps time, or `file:PATH` for the same
and all frames in a file: float32, two channels, no header. Beside it `PATH.times` has two float64
for each block: the moment at which it was asked for, and its first frame.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from live_improv.music.timing import Seconds
from live_improv.runtime.priority import ask_realtime
from live_improv.runtime.speaker_stream import FADE, Frames, Instrument, Stream
from live_improv.runtime.speaker_wire import Unpacker

if TYPE_CHECKING:
    import miniaudio

RATE = 48_000
BLOCK_MS = 5
"""240 frames, where the sound system lets us choose, as JACK does not; miniaudio counts whole
milliseconds."""
BLOCKS = 3
"""How many of them the device holds: with two, a block that is 5 ms late is heard. The null device
holds as many, but looks every 10 ms instead of every block, so it is granted one more."""

FILE = "file:"
NO_DEVICE = (
    "no sound device here: connect or switch on loudspeakers or headphones; without, play to a "
    "MIDI port (--port NAME) or into a sound file (--wav OUT)"
)

_BACKENDS = (
    *("wasapi", "dsound", "winmm", "coreaudio", "sndio", "audio4", "oss", "pulseaudio"),
    *("jack", "alsa"),
)
"""Those that make sound, in the order they are tried. JACK before ALSA: a JACK server that runs has
the card."""

GONE = Seconds(1.0)
"""A device that asks for nothing for so long has been unplugged."""

_PIECE = 1 << 16


class DeviceError(RuntimeError):
    """There is no sound; one line with what to do."""


def main(arguments: list[str]) -> int:
    """Play what standard input says until it ends; the exit code."""
    for name in ("SIGINT", "SIGHUP", "SIGBREAK"):  # for the engine, which ends our input
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, signal.SIG_IGN)
    try:
        play(arguments[0] if arguments else "", tell)
    except DeviceError as error:
        tell(f"error {error}")
        return 1
    except Exception as error:  # a fault of ours, which nobody would see otherwise
        tell(f"error {type(error).__name__}: {error}")
        raise
    return 0


def tell(line: str) -> None:
    """Say one line to the engine, if it is still there."""
    try:
        os.write(1, f"{' '.join(line.split())}\n".encode(errors="replace"))
    except OSError:
        return


def play(wanted: str, say: Callable[[str], None]) -> None:
    """Open the device, play, and close it when standard input ends.

    Raises:
        DeviceError: there is no device, or it cannot be opened.
    """
    with ExitStack() as stack:
        keep = None
        if wanted.startswith(FILE):
            keep = _kept(Path(wanted.removeprefix(FILE)), stack)
            wanted = "null"
        device = _open(wanted)
        stack.callback(device.close)
        stream = Stream(_instrument(), RATE, BLOCKS + (wanted == "null"))
        gc.collect()
        gc.freeze()
        gc.disable()
        faded = threading.Event()
        blocks = _blocks(stream, keep, faded, say)
        next(blocks)
        ask_realtime()
        _start(device, blocks)
        started = Seconds(time.perf_counter())
        say(f"ready {RATE} {device.backend}")
        unpacker = Unpacker()
        while data := os.read(0, _PIECE):
            stream.put(unpacker.feed(data))
            if _stands_still(stream, started):
                _give_up("the sound device has gone", say)
        stream.end()
        faded.wait(FADE + 0.2)
        if stream.late:
            say(f"late {stream.late}")


def _give_up(reason: str, say: Callable[[str], None]) -> NoReturn:
    """Say so and end at once: a device that has gone may take forever to close."""
    say(f"error {reason}")
    os._exit(1)


def _stands_still(stream: Stream, started: Seconds) -> bool:
    """Whether the device has stopped to ask for blocks, or never asked for one."""
    last = started if stream.done_at is None else stream.done_at
    if time.perf_counter() - last < GONE:
        return False
    before = stream.rendered
    time.sleep(0.1)  # or we have been stopped ourselves, as by Ctrl-Z, and are just back
    return stream.rendered == before


def _instrument() -> Instrument:
    from live_improv.sound.synth import Synth

    return Synth(RATE)


def _blocks(
    stream: Stream,
    keep: Callable[[Seconds, int, Frames], None] | None,
    faded: threading.Event,
    say: Callable[[str], None],
) -> Generator[Frames | bytes, int, None]:
    """What the device's thread runs: a block for each number of frames that is sent in."""
    frames = yield b""
    ask_realtime()
    while True:
        now = Seconds(time.perf_counter())
        first = stream.rendered
        try:
            sound = stream.block(frames, now)
            if keep is not None:
                keep(now, first, sound)
        except Exception as error:
            # Nobody else would notice: the device would go on in silence.
            _give_up(f"{type(error).__name__}: {error}", say)
        stream.finished(frames, Seconds(time.perf_counter()))
        if stream.faded:
            faded.set()
        frames = yield sound


def _kept(path: Path, stack: ExitStack) -> Callable[[Seconds, int, Frames], None]:
    """What writes blocks into a file, and their moments into another beside it."""
    try:
        sounds = stack.enter_context(path.open("wb", buffering=0))
        beside = path.with_name(f"{path.name}.times")
        times = stack.enter_context(beside.open("wb", buffering=0))
    except OSError as error:
        raise DeviceError(f"{path}: {error.strerror}") from None

    def keep(now: Seconds, first: int, sound: Frames) -> None:
        sounds.write(sound.tobytes())
        times.write(np.array([now, first], "<f8").tobytes())

    return keep


def _open(wanted: str) -> miniaudio.PlaybackDevice:
    """The first device that can be opened; of one backend if that is wanted.

    Each is tried by itself: miniaudio tries the next only where a system is missing, not where
    the system has no device; and at last it takes its null device, which nobody hears.
    """
    import miniaudio

    known = {backend.name.lower(): backend for backend in miniaudio.Backend}
    if wanted and wanted not in known:
        raise DeviceError(f"no sound system {wanted!r}: there are {', '.join(known)}")
    for name in (wanted,) if wanted else _BACKENDS:
        try:
            return miniaudio.PlaybackDevice(
                miniaudio.SampleFormat.FLOAT32,
                nchannels=2,
                sample_rate=RATE,
                buffersize_msec=BLOCK_MS,
                callback_periods=BLOCKS,
                backends=[known[name]],
                app_name="live_improv",
            )
        except miniaudio.MiniaudioError:
            continue
    raise DeviceError(NO_DEVICE)


def _start(device: miniaudio.PlaybackDevice, blocks: Generator[Frames | bytes, int, None]) -> None:
    import miniaudio

    try:
        device.start(blocks)
    except miniaudio.MiniaudioError as error:
        raise DeviceError(f"the sound device does not start: {error.args[0]}") from None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
