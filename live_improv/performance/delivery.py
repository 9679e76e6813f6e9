"""The delivery: written notes go in, and what is to be sent comes out when it is due.

How a note is played depends on the one after it: what is repeated is short, what leaps is shorter,
the lowest note of a turn is soft and comes late. So a note waits here until the next one is
written, or until it can wait no longer; then the feel plays it, and the scheduler has it.
"""

from __future__ import annotations

from dataclasses import dataclass

from live_improv.music.events import Timed
from live_improv.music.timing import Ticks
from live_improv.performance.feel import Feel, Written
from live_improv.performance.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A note that is written and not yet played, and how it is to be; see `Feel.played`."""

    written: Written
    feel: Feel
    since: Ticks | None
    until: Ticks | None

    @property
    def latest(self) -> Ticks:
        """Until when it can wait: it may be due from then on."""
        return Ticks(self.written.note.onset - self.feel.early)


class Delivery:
    """The notes of one line on one channel, on their way to being heard."""

    def __init__(self, channel: int = 0) -> None:
        self._scheduler = Scheduler(channel)
        self._waiting: _Waiting | None = None

    def add(
        self,
        written: Written,
        feel: Feel,
        since: Ticks | None = None,
        until: Ticks | None = None,
    ) -> None:
        """Take the next note of the line, which is not due yet.

        Args:
            feel: how it is played.
            since: it does not come before this.
            until: it comes before this, and has ended then.
        """
        self._play(written)
        self._waiting = _Waiting(written, feel, since, until)

    def waits_until(self) -> Ticks | None:
        """When the note that waits can wait no longer; None if none does."""
        return None if self._waiting is None else self._waiting.latest

    def next_tick(self, *, held: bool = False) -> Ticks | None:
        """When there is something to do next, or None.

        Args:
            held: the note that waits does so until the next one is added, see `due`.
        """
        ticks = (self._scheduler.next_tick(), None if held else self.waits_until())
        return min((tick for tick in ticks if tick is not None), default=None)

    @property
    def dropped(self) -> int:
        """How many notes were left out because they would have come too late."""
        return self._scheduler.dropped

    def due(self, tick: Ticks, since: Ticks | None = None, *, held: bool = False) -> list[Timed]:
        """Take out the events due up to and including `tick`, in order of time.

        Args:
            since: a note that should have begun before this is left out, and so is its off.
            held: the next note is added before the one that waits can wait no longer, so that one
                waits for it, whenever it is that somebody comes to ask.
        """
        if not held and self._waiting is not None and self._waiting.latest <= tick:
            self._play(None)
        return self._scheduler.due(tick, since)

    def cancel(self) -> Ticks | None:
        """Forget every note that has not started; what sounds ends as planned.

        Returns:
            The onset, as written, of the first note that was forgotten.
        """
        waiting, self._waiting = self._waiting, None
        first = self._scheduler.cancel()
        if first is not None or waiting is None:
            return first
        return waiting.written.note.onset

    def all_off(self, tick: Ticks) -> list[Timed]:
        """End everything that sounds at `tick`, and forget all that was to come."""
        self._waiting = None
        return self._scheduler.all_off(tick)

    def _play(self, following: Written | None) -> None:
        """Have the note that waits played, now that it is known what follows or that nothing is."""
        if self._waiting is None:
            return
        waiting, self._waiting = self._waiting, None
        written, until = waiting.written, waiting.until
        if following is not None and following.note.onset <= written.note.onset:
            following = None  # the line has begun anew
        note = waiting.feel.played(written, following, waiting.since, until)
        self._scheduler.add(note, written.note.onset)
