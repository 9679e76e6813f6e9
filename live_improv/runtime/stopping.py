"""Every polite way to be stopped ends a performance like Ctrl-C does.

A terminal that closes and a system that shuts down send other signals than Ctrl-C; each becomes a
`KeyboardInterrupt`, so one path silences what sounds. A closing terminal often asks twice: only the
first request counts, so the second cannot interrupt the silencing.

A MIDI system that has died may never return from a call, and rtmidi holds the interpreter in each:
no signal and no thread of Python comes through then. So the last steps are timed by a thread of C.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

CLOSING = 1.0
"""Seconds that closing the ports may take; it takes a fifth of it."""

CONSOLE_SECONDS = 4.5
"""How long a console of Windows that is closed waits for us; Windows itself waits for five."""

# SIGHUP does not exist on Windows, where closing the console sends SIGBREAK.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


@contextmanager
def stopping_as_interrupt() -> Iterator[None]:
    """Within the block, signals that ask the program to end raise `KeyboardInterrupt`."""
    # What is ignored from the start, as under nohup, is none of our business.
    before = {
        number: signal.signal(number, _interrupt)
        for number in _numbers()
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        with _console_waiting():
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def ending_in_time(seconds: float = CLOSING) -> Iterator[Callable[[], None]]:
    """Within the block, after what it gives has been called, only so many seconds are left.

    A process that has not left the block by then is ended, with exit code 1, even where a call
    holds the interpreter and does not return. What must not be lost is done before.
    """
    with open(os.devnull, "w") as nowhere:
        try:
            yield lambda: faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        finally:
            faulthandler.cancel_dump_traceback_later()


@contextmanager
def ending_in_peace() -> Iterator[Callable[[], None]]:
    """Within the block, after what it gives has been called, nobody is interrupted any more.

    For what is to be taken down whole once the music has ended.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None  # only the main thread is interrupted
        return
    before = {number: signal.getsignal(number) for number in _numbers()}
    try:
        yield _ignore
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _numbers() -> list[int]:
    found = (getattr(signal, name, None) for name in _NAMES)
    return [number for number in found if number is not None]


def _ignore() -> None:
    for number in _numbers():
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _ignore()
    raise KeyboardInterrupt


if sys.platform == "win32":
    import _thread
    import ctypes
    from ctypes import wintypes

    _ENDING = (2, 5, 6)
    """CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT of HandlerRoutine."""

    @contextmanager
    def _console_waiting() -> Iterator[None]:
        """Within the block, a console that is closed interrupts us and waits until we have left.

        Windows ends a process as soon as the handlers of its console have returned, and Python's
        own returns at once.
        """
        left = threading.Event()

        @ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)
        def handle(event: int) -> bool:
            if event not in _ENDING:
                return False
            _thread.interrupt_main(signal.SIGBREAK)
            left.wait(CONSOLE_SECONDS)
            return True

        kernel = ctypes.WinDLL("kernel32")
        kernel.SetConsoleCtrlHandler(handle, True)
        try:
            yield
        finally:
            left.set()
            kernel.SetConsoleCtrlHandler(handle, False)

else:

    @contextmanager
    def _console_waiting() -> Iterator[None]:
        """Elsewhere a terminal that is closed sends a signal, and nobody is waited for."""
        yield
