"""What is said while the music plays: one line when something has changed.

The loop prints nothing. A thread looks at it a few times a second, and the loop never waits for a
terminal.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from live_improv.music.timing import Seconds
from live_improv.performance.controls import CONTROLS, Kind
from live_improv.performance.session import Session, State

EVERY = 0.25
"""Seconds between two looks."""


_NEEDS_INPUT = ("mode", "clock")


class Status:
    """What has changed since the last look, in words.

    Args:
        session: what is looked at.
        now: the session's clock.
        say: takes one line.
        hears: whether any input is open.
    """

    def __init__(
        self,
        session: Session,
        now: Callable[[], Seconds],
        say: Callable[[str], None],
        *,
        hears: bool = True,
    ) -> None:
        self._session = session
        self._now = now
        self._hears = hears
        self._say = say
        self._news: deque[str] = deque()
        self._knobs = session.knobs
        self._state = session.state
        self._learning = session.learning
        self._lost = self._looped = False

    def tell(self, line: str) -> None:
        """Say this at the next look; any thread may ask for it."""
        self._news.append(line)

    def look(self) -> None:
        """Say what is new."""
        while self._news:
            self._say(self._news.popleft())
        session = self._session
        knobs, before = session.knobs, self._knobs
        self._knobs = knobs
        for name, row in CONTROLS.items():
            if row.kind is not Kind.TRIGGER and knobs.value(name) != before.value(name):
                if name in _NEEDS_INPUT and knobs.value(name) != row.default and not self._hears:
                    self._say("nothing is listened to: start with --in NAME")
                self._say(f"{name.replace('_', ' ')}: {row.shown(knobs.value(name))}")
        if (learning := session.learning) is not self._learning:
            self._learning = learning
            self._say(str(learning))
        if (state := session.state) is not self._state:
            self._state = state
            if state is not State.ENDED:
                self._say(f"{state.value} at {session.place(self._now())}")
        if session.clock_lost(self._now()) != self._lost:
            self._lost = not self._lost
            self._say("clock lost, playing on" if self._lost else "clock is back")
        if session.echo.looped and not self._looped:
            self._looped = True
            self._say("our own notes come back to the input: they are not taken for yours")

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look every now and then within the block, and once more at its end."""
        ended = threading.Event()

        def look_on() -> None:
            while not ended.wait(EVERY):
                self.look()

        thread = threading.Thread(target=look_on, name="status", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(1.0)
            self.look()
