"""Feeding a session from Ableton Link, for as long as its clock is `link`.

Joining takes a second, so it is done in a thread: whoever turns the clock to `link` while playing
plays on by the old one until the shared beat is there, and then at the next bar line of both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.incoming import Incoming
from live_improv.performance.session import Session
from live_improv.performance.transport import Beat, ClockSource
from live_improv.runtime.link import LinkClock, LinkMissing

EVERY = 0.02
"""Seconds between two looks at the shared beat."""


class LinkFeed:
    """Joins and leaves the shared beat as the session's clock is turned.

    Args:
        session: whose clock it is.
        put: takes what the session is to receive.
        say: takes one line of news.
        now: the clock of the session.
        bar: the length of its bars.
    """

    def __init__(
        self,
        session: Session,
        put: Callable[[Incoming], None],
        say: Callable[[str], None],
        now: Callable[[], Seconds],
        bar: Ticks,
    ) -> None:
        self._session = session
        self._put = put
        self._say = say
        self._now = now
        self._bar = bar
        self._link: LinkClock | None = None

    def join(self) -> None:
        """Join, and tell the session where the music is.

        Raises:
            LinkMissing: the extra is not installed.
        """
        self._say("joining Ableton Link")
        bpm = self._session.tempo.bpm_at(self._session.tempo.tick_at(self._now()))
        self._link = link = LinkClock.join(self._bar, bpm=bpm)
        self._say(f"Ableton Link: {link.peers} others, {link.bpm:.1f} bpm")
        now = self._now()
        link.begin(now, self._session.next_bar(now))
        self.look()

    def look(self) -> None:
        """Tell the session about the shared beat, if it is kept."""
        if self._link is not None:
            self._put(Beat(self._link.tempo_map(self._now()), self._link.playing))

    def leave(self) -> None:
        """Leave it, if it was joined."""
        if self._link is not None:
            self._link.leave()
            self._link = None

    @contextmanager
    def feeding(self) -> Iterator[None]:
        """Follow the session's clock within the block."""
        ended = threading.Event()

        def feed() -> None:
            missing = False
            while not ended.wait(EVERY):
                wanted = self._session.knobs.clock == ClockSource.LINK
                if wanted and self._link is None and not missing:
                    try:
                        self.join()
                    except LinkMissing as error:
                        missing = True
                        self._say(str(error))
                elif not wanted:
                    self.leave()
                self.look()

        thread = threading.Thread(target=feed, name="link", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(2.0)
            self.leave()
