"""Every polite way to be stopped ends a performance like Ctrl-C does.

A terminal that closes and a system that shuts down send other signals than Ctrl-C; each becomes a
`KeyboardInterrupt`, so one path silences what sounds. A closing terminal often asks twice: only the
first request counts, so the second cannot interrupt the silencing.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# SIGHUP does not exist on Windows, where closing the console sends SIGBREAK.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


@contextmanager
def stopping_as_interrupt() -> Iterator[None]:
    """Within the block, signals that ask the program to end raise `KeyboardInterrupt`."""
    before = {
        number: signal.signal(number, _interrupt)
        for name in _NAMES
        if (number := getattr(signal, name, None)) is not None
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for name in _NAMES:
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
