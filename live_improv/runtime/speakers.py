"""Sound without a DAW: a process that plays what the engine sends, and the pipe to it.

The engine only writes 12 bytes for an event, into a pipe and without waiting; the synthesizer and
the sound device live in `runtime.speaker_process`, with an interpreter of their own. An event
carries the moment at which it was sent, and sounds a constant time after it: three blocks of 5 ms
that the device holds, 1 ms for the way, and whatever the sound card adds. That needs a clock that
both processes share: `time.perf_counter` counts from the same moment in every process on Linux
(CLOCK_MONOTONIC), macOS (mach_absolute_time) and Windows (QueryPerformanceCounter).

Nothing of the process can stop the music. If it dies, one line says so and events go nowhere; if it
does not read, what does not fit into the pipe waits here, and note-offs are kept in any case. When
the engine ends, even by SIGKILL, the pipe ends with it, and the process fades out and ends.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec

from live_improv.music.events import Event, NoteOn
from live_improv.music.timing import Seconds
from live_improv.runtime import children
from live_improv.runtime.speaker_wire import RECORD_BYTES, pack

SETTING = "LIVE_IMPROV_SPEAKERS"
"""In the environment: another backend, as `speaker_process` has them; for tests and benchmarks, and
for who has several sound systems."""

PATIENCE = Seconds(10.0)
"""How long a sound device may take to open."""

_CLOSING = Seconds(0.9)
"""How long the end is waited for: the process fades out for a third of it."""

_MOST_WAITING = 4096 * RECORD_BYTES
"""With so much waiting here no more note-ons are taken. The pipe holds as much again."""


class SpeakerError(RuntimeError):
    """There is no sound; one line with what to do."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What plays: the sound system, and frames a second."""

    backend: str
    rate: int


class Speakers:
    """Loudspeakers, as a sink for events.

    Args:
        process: has a pipe for standard input and one for standard output.
        say: takes one line of news, from a thread of its own.
    """

    def __init__(self, process: subprocess.Popen[bytes], say: Callable[[str], None]) -> None:
        assert process.stdin is not None
        self._process = process
        self._pipe = process.stdin.fileno()
        self._say = say
        self._waiting = bytearray()
        self._opened: Opened | None = None
        self._error = ""
        self._late = 0
        self._settled = threading.Event()  # it is known whether there is sound
        self._gone = self._closing = self._used = False
        with suppress(AttributeError, OSError):
            # Windows knows no such pipes before Python 3.12; there a write waits if it is full.
            os.set_blocking(self._pipe, False)
        self._thread = threading.Thread(target=self._listen, name="speakers", daemon=True)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def start(self) -> None:
        """Begin to hear what the process says."""
        self._thread.start()

    def ready(self, patience: Seconds = PATIENCE) -> Opened:
        """Wait until the device plays; what it is.

        Raises:
            SpeakerError: there is none, or it takes too long.
        """
        if not self._settled.wait(patience):
            raise SpeakerError(f"the sound device has not started in {patience:g} s")
        if self._opened is None:
            raise SpeakerError(self._error or "the process of the sound ended at its start")
        return self._opened

    def send(self, event: Event) -> None:
        """Let an event sound; returns at once, whatever the process does."""
        if self._gone:
            return
        self._used = True
        record = pack(Seconds(time.perf_counter()), event)
        waiting = self._waiting
        if waiting or not self._write(record):
            if len(waiting) < _MOST_WAITING or not isinstance(event, NoteOn):
                waiting += record
            if waiting:
                self._write_waiting()

    def close(self) -> None:
        """End the sound with a short fade, and the process within a second."""
        self._closing = True
        if not self._used:  # as when a chart cannot be read: nothing sounds that could fade
            self._process.kill()
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_CLOSING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join(_CLOSING)
        assert self._process.stdout is not None
        self._process.stdout.close()
        if self._late:
            blocks = "1 block" if self._late == 1 else f"{self._late} blocks"
            self._say(f"speakers: {blocks} late")

    def _write(self, record: bytes) -> bool:
        """Whether the record is gone; what is shorter than a page goes as a whole or not at all."""
        try:
            os.write(self._pipe, record)
        except BlockingIOError:
            return False
        except OSError:
            self._gone = True
        return True

    def _write_waiting(self) -> None:
        try:
            del self._waiting[: os.write(self._pipe, self._waiting)]
        except BlockingIOError:
            return
        except OSError:
            self._gone = True

    def _listen(self) -> None:
        """Hear what the process says, until it ends."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            word, _, rest = line.decode(errors="replace").strip().partition(" ")
            if word == "ready":
                rate, backend = rest.split(" ", 1)
                self._opened = Opened(backend, int(rate))
                self._settled.set()
            elif word == "error":
                self._error = rest
            elif word == "late":
                self._late = int(rest)
        self._gone = True
        if self._opened is not None and not self._closing:
            reason = f" ({self._error})" if self._error else ""
            self._say(f"the speakers have gone{reason}; playing on")
        self._settled.set()


@contextmanager
def open_speakers(
    say: Callable[[str], None], backend: str | None = None, command: tuple[str, ...] | None = None
) -> Iterator[Speakers]:
    """Speakers that are on within the block.

    Returns at once, while the process starts; call `ready` before the first note.

    Args:
        say: takes one line of news at a time, from a thread of its own.
        backend: of `speaker_process`; None for the environment's, or whatever there is.
        command: what is run instead of `speaker_process`.

    Raises:
        SpeakerError: miniaudio is missing.
    """
    if find_spec("miniaudio") is None:
        raise SpeakerError("--speakers needs miniaudio: pip install -e '.[audio]'")
    wanted = os.environ.get(SETTING, "") if backend is None else backend
    process = subprocess.Popen(
        command or children.command("runtime.speaker_process", wanted),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where sound systems tell what they looked for in vain
        bufsize=0,
        env=children.environment(OPENBLAS_NUM_THREADS="1"),
    )
    speakers = Speakers(process, say)
    speakers.start()
    try:
        yield speakers
    finally:
        speakers.close()
