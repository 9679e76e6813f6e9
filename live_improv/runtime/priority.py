"""Asking the system to wake us first while we play."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_LEVEL = 5
"""Of 1 to 99: above ordinary programs, far below the kernel's and the sound servers' own work."""


@contextmanager
def realtime() -> Iterator[None]:
    """Within the block, run before ordinary programs where the system allows it.

    Without it a note waits for whatever else runs to use up its slice, which on Linux is some
    milliseconds. We run for a fraction of a millisecond at a time and take nothing from others. It
    is a wish: systems without it, and users who may not, play at ordinary priority.
    """
    try:
        before, level = os.sched_getscheduler(0), os.sched_getparam(0)
    except (AttributeError, OSError):
        yield
        return
    if not ask_realtime():
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, level)


def ask_realtime() -> bool:
    """The same for the rest of the calling thread, as for one that a library has started."""
    try:
        # What we start is not meant to inherit it.
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(_LEVEL))
    except (AttributeError, OSError):
        return False
    return True
