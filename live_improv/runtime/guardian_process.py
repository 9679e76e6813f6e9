"""The process that owns the output port: messages come in on standard input and are sent at once.

    python -m live_improv.runtime.guardian_process NAME

It is started by `runtime.guardian`, which says why. It knows what sounds, and when standard input
ends, however that came about, it sends the offs, lets them leave, closes the port and ends. While
it runs it looks after the port as `runtime.hot_plug` does.

What it says, on standard output, a line each:

    ready virtual|real NAME    the port is open
    error KIND TEXT            it does not open, by an error of `midi.port_names`; the process ends
    gone NAME, back NAME       it has been unplugged, plugged in again

A call into a MIDI system that has died may never return and holds the interpreter. So a watchdog
of C, which needs none, ends the process when no thread of it has run for `HUNG` seconds.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import sys
import threading
import time
from contextlib import suppress

from live_improv.midi.codec import decode
from live_improv.midi.port_names import PortError
from live_improv.music.events import Event, NoteOff, NoteOn
from live_improv.runtime.guardian import RECORD_BYTES
from live_improv.runtime.hot_plug import PortNews, PortWatch, SteadyOutput, open_steady_output

HUNG = 3.0
"""Seconds after which a process whose threads do not run ends."""

LEAVING = 0.8
"""Seconds that the end may take."""

LEVEL = 5
"""As `runtime.priority` asks for."""

REPEATS = (0.05,) * 20
"""Seconds between the offs and the same offs again, where the engine has died. Over JACK the
clients that it was connected with, also by an input, are not run until the server has missed it
(0.6 s; with -S up to 10 s, too long to wait for), and what is sent to them meanwhile is lost."""

_EVERY = 0.5
"""Seconds between two proofs of life."""

_PIECE = 1 << 16


class Messages:
    """Reads messages from a stream of bytes that comes in pieces of any size."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> list[Event]:
        """The events that are complete with these bytes, in the order they were sent."""
        data = self._left + data
        whole = len(data) // RECORD_BYTES * RECORD_BYTES
        self._left = data[whole:]
        found = (decode(data[at + 1 : at + 1 + data[at]]) for at in range(0, whole, RECORD_BYTES))
        return [event for event in found if event is not None]


class Sounding:
    """What sounds, by what was sent."""

    def __init__(self) -> None:
        self._notes: dict[tuple[int, int], None] = {}

    def sent(self, event: Event) -> None:
        """Take note of what is sent."""
        if isinstance(event, NoteOn):
            self._notes[event.channel, event.pitch] = None
        elif isinstance(event, NoteOff):
            self._notes.pop((event.channel, event.pitch), None)

    def offs(self) -> list[NoteOff]:
        """What ends all that sounds, in the order it began."""
        return [NoteOff(pitch, channel) for channel, pitch in self._notes]


class Watchdog:
    """Ends the process when it hangs, by a thread of C that needs no interpreter."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leaving = False

    def start(self) -> None:
        """Begin: from now on some thread has to run every `HUNG` seconds."""
        threading.Thread(target=self._prove_life, name="watchdog", daemon=True).start()

    def last(self, seconds: float) -> None:
        """The process ends within so many seconds, whatever happens."""
        with self._lock:
            self._leaving = True
            self._arm(seconds)

    def _prove_life(self) -> None:
        while True:
            with self._lock:
                if self._leaving:
                    return
                self._arm(HUNG)
            time.sleep(_EVERY)

    def _arm(self, seconds: float) -> None:
        faulthandler.dump_traceback_later(seconds, exit=True, file=2)


def main(arguments: list[str]) -> int:
    """Play what standard input says until it ends; the exit code."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        # They are for the engine, which ends our input: then there is silencing to be done.
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, signal.SIG_IGN)
    try:
        port = open_steady_output(arguments[0])
    except PortError as error:
        tell(f"error {type(error).__name__} {error}")
        return 1
    tell(f"ready {'virtual' if port.virtual else 'real'} {port.name}")
    _realtime_throughout()
    watch = PortWatch([port], lambda news: tell(_line(news)))
    watch.start()
    watchdog = Watchdog()
    watchdog.start()
    gc.collect()
    gc.freeze()
    gc.disable()
    play(port, watchdog)
    watch.close()
    port.close()
    # What is left, such as a thread that waits for the MIDI system, is not waited for.
    os._exit(0)


def play(port: SteadyOutput, watchdog: Watchdog) -> None:
    """Send what standard input says, and when it ends the offs of what sounds."""
    messages, sounding, engine = Messages(), Sounding(), os.getppid()
    while data := os.read(0, _PIECE):
        for event in messages.feed(data):
            sounding.sent(event)
            port.send(event)
    offs = sounding.offs()
    watchdog.last(LEAVING + (sum(REPEATS) if offs else 0.0))
    for off in offs:
        port.send(off)
    for pause in REPEATS if offs else ():
        time.sleep(pause)
        if os.getppid() == engine:  # it lives, and has only left this to us
            return
        for off in offs:
            port.send(off)


def _realtime_throughout() -> None:
    """Ask the system to run every thread of ours first, also those that are started from now on.

    Whoever holds the interpreter holds the music: a thread that looks at the ports and is put off
    by other programs while it does would let notes wait for it.
    """
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(LEVEL))


def tell(line: str) -> None:
    """Say one line to the engine, if it is still there."""
    with suppress(OSError):
        os.write(1, f"{' '.join(line.split())}\n".encode(errors="replace"))


def _line(news: PortNews) -> str:
    return f"{'back' if news.back else 'gone'} {news.name}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
