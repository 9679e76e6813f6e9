"""The output port in a process of its own, which survives us and silences what we leave sounding.

A note that has been sent sounds until its off is sent, and who is killed sends none. So the port
belongs to a guardian, `runtime.guardian_process`: the engine writes each message into a pipe, the
guardian hands it to the MIDI system and knows what sounds. The pipe ends with the engine, however
that ends, and then the guardian sends the offs, lets them leave, and ends.

Why it owns the port rather than a second one
    A virtual port dies with its owner, and so do the connections to it. Over JACK even a port
    beside ours does not help: when a client is killed, jackd does not run those it played to until
    it has missed it (measured: 0.6 s, with -S 4 to 10 s), and what others send them meanwhile is
    lost. What it costs is one more process to wake for each note: 0.16 ms at the median and 0.25 at
    the 99th percentile until JACK has it, measured on two busy cores.

Nothing of the MIDI system can stop the engine that way either, neither `send` nor `close`: rtmidi
holds the interpreter of the guardian alone. A guardian that hangs ends itself, one that dies is
replaced, and that is news of the port like any other: it has gone, it is back.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from live_improv.midi import port_names
from live_improv.midi.codec import encode
from live_improv.midi.port_names import PortError
from live_improv.music.events import Event, NoteOn
from live_improv.music.timing import Seconds
from live_improv.runtime import children
from live_improv.runtime.hot_plug import PortNews

PATIENCE = Seconds(10.0)
"""How long a port may take to open; it takes a tenth of a second."""

CLOSING = Seconds(0.9)
"""How long the end is waited for; the offs leave within a tenth of it."""

AGAIN = Seconds(0.5)
"""Between the death of a guardian and the next attempt to have another."""

RECORD_BYTES = 4
"""A message in the pipe: how many bytes it has, and three bytes of which so many count."""

_MOST_WAITING = 4096 * RECORD_BYTES
"""With so much waiting here no more note-ons are taken. The pipe holds four times as much."""


class GuardedOutput:
    """An output that takes every event at once, whatever becomes of the port or of us.

    Args:
        wanted: the port's name, as `midi.ports.open_output` takes it.
        command: what is run instead of `guardian_process`.
    """

    def __init__(self, wanted: str, command: tuple[str, ...] | None = None) -> None:
        self.wanted = wanted
        self.name = wanted
        self.virtual = False
        self._command = command or children.command("runtime.guardian_process", wanted)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._pipe = -1
        self._waiting = bytearray()
        self._news: deque[PortNews] = deque()
        self._tell: Callable[[PortNews], None] = self._news.append
        self._error: PortError | None = None
        self._opened = False
        self._settled = threading.Event()  # it is known whether the port opens
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="guardian", daemon=True)

    @property
    def pid(self) -> int | None:
        """The guardian that there is now."""
        return self._processes[-1].pid if self._processes else None

    def start(self) -> None:
        """Have the port opened; returns at once."""
        self._begin()
        self._thread.start()

    def ready(self, patience: Seconds = PATIENCE) -> None:
        """Wait until the port is open.

        Raises:
            PortError: in one of its kinds; it does not open.
        """
        if not self._settled.wait(patience):
            raise PortError(f"MIDI port {self.wanted!r} has not opened in {patience:g} s")
        if self._error is not None:
            raise self._error

    def listen(self, tell: Callable[[PortNews], None]) -> None:
        """Have news told from now on, in a thread of its own; and what has come before."""
        self._tell = tell
        while self._news:
            tell(self._news.popleft())

    def send(self, event: Event) -> None:
        """Send one event; returns at once.

        Raises:
            ValueError: the event has a number that MIDI cannot say.
        """
        message = bytes(encode(event))
        record = bytes((len(message),)) + message.ljust(RECORD_BYTES - 1, b"\0")
        if self._waiting or not self._write(record):
            if len(self._waiting) < _MOST_WAITING or not isinstance(event, NoteOn):
                self._waiting += record
            self._write_waiting()

    def close(self) -> None:
        """Let what was sent leave, silence what still sounds, and close the port, within a second.

        A second call does nothing.
        """
        if self._closing.is_set():
            return
        self._closing.set()
        self._pipe = -1
        self._end()
        if self._thread.ident is not None:
            self._thread.join(CLOSING)
            self._end()  # one that was begun just now

    def _end(self) -> None:
        """End every guardian there has been."""
        for process in tuple(self._processes):
            assert process.stdin is not None
            with suppress(OSError):
                process.stdin.close()
            try:
                process.wait(CLOSING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _begin(self) -> None:
        """Start a guardian."""
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=children.environment(),
            # Neither Ctrl-C nor a terminal that closes is meant for it.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert process.stdin is not None
        with suppress(AttributeError, OSError):
            # Windows knows no such pipes before Python 3.12; there a write waits if it is full.
            os.set_blocking(process.stdin.fileno(), False)
        self._processes.append(process)

    def _look_after(self) -> None:
        """Hear what the guardian says; when it dies, replace it."""
        while True:
            self._hear()
            if self._closing.is_set() or not self._opened:
                break
            self._lost()
            if not self._replaced():
                break
        if not self._opened and self._error is None:
            self._error = PortError("the process of the MIDI port ended at its start")
        self._settled.set()

    def _replaced(self) -> bool:
        """Start another guardian as soon as that is possible; False where we close."""
        while not self._closing.wait(AGAIN):
            with suppress(OSError):
                self._begin()
                return True
        return False

    def _hear(self) -> None:
        """Hear one guardian to its end."""
        process = self._processes[-1]
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                word, _, rest = line.decode(errors="replace").rstrip("\n").partition(" ")
                match word:
                    case "ready" if not self._closing.is_set():
                        virtual, _, self.name = rest.partition(" ")
                        self.virtual = virtual == "virtual"
                        self._waiting.clear()
                        with suppress(ValueError):  # it has been closed just now
                            self._pipe = process.stdin.fileno()
                        if self._opened:
                            self._tell(self._now(back=True))
                        self._opened = True
                        self._settled.set()
                    case "error":
                        kind, _, text = rest.partition(" ")
                        self._error = getattr(port_names, kind, PortError)(text)
                    case "gone" | "back":
                        self.name = rest
                        self._tell(self._now(back=word == "back"))
        process.wait()
        if not process.stdin.closed and self._pipe != process.stdin.fileno():
            # `send` never had it.
            process.stdin.close()

    def _lost(self) -> None:
        """The guardian has died under us.

        Its pipe is closed at the end: `send` may be about to write, and the number of a pipe that
        is closed is the next file's that is opened.
        """
        was, self._pipe = self._pipe, -1
        if was != -1:  # else it is known already
            self._tell(self._now(back=False))

    def _now(self, *, back: bool) -> PortNews:
        return PortNews(self.wanted, self.name, output=True, back=back)

    def _write(self, record: bytes) -> bool:
        """Whether the record is taken care of.

        A record goes as a whole or not at all, but on Windows, where Python writes half of what a
        full pipe does not take: then the rest goes first.
        """
        try:
            gone = os.write(self._pipe, record)
        except BlockingIOError:
            return False
        except OSError:  # nobody is there now: time goes on in silence
            return True
        self._waiting += record[gone:]
        return True

    def _write_waiting(self) -> None:
        try:
            # A copy: a new guardian's thread may empty it meanwhile.
            del self._waiting[: os.write(self._pipe, bytes(self._waiting))]
        except BlockingIOError:
            return
        except OSError:
            self._waiting.clear()


@contextmanager
def guarded_output(wanted: str, command: tuple[str, ...] | None = None) -> Iterator[GuardedOutput]:
    """An output port with a guardian, within the block.

    Returns at once, while the process starts and opens the port; call `ready` before the first
    note.
    """
    output = GuardedOutput(wanted, command)
    output.start()
    try:
        yield output
    finally:
        output.close()
