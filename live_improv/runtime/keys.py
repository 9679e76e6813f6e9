"""Single key presses from the terminal while a performance runs.

The terminal is put into a mode where a key counts as it is pressed and is not shown; Ctrl-C still
interrupts. However the block is left, the terminal is as it was before. Where there is no terminal,
or it belongs to another program because we run in the background, nothing happens.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

if sys.platform == "win32":
    import msvcrt
else:
    import select
    import termios

JOIN_SECONDS = 1.0
"""How long leaving waits for the function that is called with a key."""

_POLL_SECONDS = 0.05  # on Windows, whose consoles cannot be waited for together with a stop
_CHUNK = 256

# What arrow, function and Alt keys send (ECMA-48, 5.4): none of them is a key of ours, and their
# letters must not be taken for some. An escape alone is the key itself.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|O.?|[^\[O])", re.DOTALL)


@contextmanager
def key_presses(receive: Callable[[str], None], terminal: TextIO | None = None) -> Iterator[bool]:
    """Within the block, call `receive` with each character typed, in a thread of its own.

    Args:
        receive: must only put the character away; it is called one key at a time.
        terminal: what is typed on, instead of standard input.

    Yields:
        Whether keys are read at all.
    """
    number = _terminal_number(sys.stdin if terminal is None else terminal)
    if number is None:
        yield False
    elif sys.platform == "win32":
        stop = threading.Event()
        with _running(lambda: _read_console(receive, stop), stop.set):
            yield True
    else:
        with _single_keys(number):
            wake, waker = os.pipe()
            with _running(lambda: _read_terminal(number, wake, receive), lambda: os.close(waker)):
                yield True


def _terminal_number(terminal: TextIO | None) -> int | None:
    """The file descriptor of a terminal that is ours to read, or None."""
    try:
        number = -1 if terminal is None else terminal.fileno()
        if not os.isatty(number):
            return None
    except (OSError, ValueError):  # closed, or no file at all
        return None
    if sys.platform != "win32":
        try:
            # Changing the terminal from the background would stop the whole program.
            if os.tcgetpgrp(number) != os.getpgrp():
                return None
        except OSError:
            pass  # a terminal, but not the one that controls us: it has no background
    return number


@contextmanager
def _running(work: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    """Within the block, `work` runs in a thread; then `stop` asks it to end."""
    thread = threading.Thread(target=work, name="keys", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join(JOIN_SECONDS)


if sys.platform == "win32":

    def _read_console(receive: Callable[[str], None], stop: threading.Event) -> None:
        while not stop.wait(_POLL_SECONDS):
            while msvcrt.kbhit():
                char = msvcrt.getwch()
                if char in "\0\xe0":
                    msvcrt.getwch()  # the second half of an arrow or function key
                else:
                    receive(char)

else:

    @contextmanager
    def _single_keys(number: int) -> Iterator[None]:
        """Within the block, the terminal hands over each key at once and does not show it."""
        before = termios.tcgetattr(number)
        single = termios.tcgetattr(number)
        single[3] &= ~(termios.ICANON | termios.ECHO)
        single[6][termios.VMIN], single[6][termios.VTIME] = 1, 0
        try:
            termios.tcsetattr(number, termios.TCSANOW, single)
            yield
        finally:
            with suppress(termios.error):  # the terminal has gone
                # What was typed for us is not for whoever reads the terminal next.
                termios.tcflush(number, termios.TCIFLUSH)
                termios.tcsetattr(number, termios.TCSANOW, before)

    def _read_terminal(number: int, wake: int, receive: Callable[[str], None]) -> None:
        """Hand over what is typed until the other end of `wake` is closed or the terminal is."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
        try:
            while wake not in (ready := select.select([number, wake], [], [])[0]):
                data = os.read(number, _CHUNK) if ready else b""
                if not data:
                    return
                for char in _SEQUENCE.sub("", decoder.decode(data)):
                    receive(char)
        except OSError:
            return  # the terminal has gone
        finally:
            os.close(wake)
