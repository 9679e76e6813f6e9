"""Where what is heard waits for the loop; the threads of ports and keys fill it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from live_improv.music.events import ControlChange, Heard, NoteOn
from live_improv.music.timing import Seconds
from live_improv.performance.incoming import Incoming

FULL = 4096
"""With so much waiting no more controllers are taken, with four times as much no more note-ons."""

MOST: dict[type, int] = {ControlChange: FULL, NoteOn: 4 * FULL}
"""Of what is dropped where nobody takes it, with how much waiting. What ends a note, beats time or
moves the transport never is; an off whose on was dropped is nobody's."""


class Inbox:
    """A queue between threads, as a source for the loop.

    Args:
        wake: called after something has been put in; it must return at once.
    """

    open = True

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._waiting: deque[Incoming] = deque()

    def put(self, incoming: Incoming) -> None:
        """Put one thing in; any thread may."""
        most = MOST.get(type(incoming.event)) if isinstance(incoming, Heard) else None
        if most is not None and len(self._waiting) >= most:
            return
        self._waiting.append(incoming)
        self._wake()

    def take(self, _now: Seconds) -> list[Incoming]:
        """All that has come and was not taken before, in the order it came."""
        found: list[Incoming] = []
        waiting = self._waiting
        while waiting:
            found.append(waiting.popleft())
        return found

    def next_at(self) -> Seconds | None:
        """Nobody knows."""
        return None
