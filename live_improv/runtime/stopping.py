"""Every polite way to be stopped ends a performance like Ctrl-C does.

A terminal that closes and a system that shuts down send other signals than Ctrl-C; each becomes a
`KeyboardInterrupt`, so one path silences what sounds. A closing terminal often asks twice: only the
first request counts, so the second cannot interrupt the silencing.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

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
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
