"""A session: what has been heard goes in, what is due comes out.

It never waits, opens or prints. `receive` takes an event, `advance` is told the time and returns
what is due; between two events, when there is time for it, it plans the next note. A note is
planned at most one horizon before it sounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from live_improv.music.events import Continue, Event, Start, Stop, Timed
from live_improv.music.timing import PPQ, Seconds, TempoMap, Ticks
from live_improv.performance.feel import Feel
from live_improv.performance.improviser import Improviser
from live_improv.performance.scheduler import Scheduler

COMMIT_HORIZON = Ticks(PPQ)
"""How long before it sounds a note is committed."""

NEAR = Seconds(0.003)
"""Nothing is planned when the next event is nearer than this; a step takes a tenth of it."""


class Mode(Enum):
    """What a session is doing."""

    PLAYING = "playing"
    STOPPED = "stopped"
    ENDED = "ended"


# From a state, what a transport event leads to; any other event changes nothing.
TRANSITIONS: dict[tuple[Mode, type[Event]], Mode] = {
    (Mode.PLAYING, Stop): Mode.STOPPED,
    (Mode.STOPPED, Start): Mode.PLAYING,
    (Mode.STOPPED, Continue): Mode.PLAYING,
}


@dataclass(frozen=True, slots=True)
class Span:
    """From which tick a session plays, and until which, or without end."""

    start: Ticks
    end: Ticks | None


class Session:
    """One soloist playing over a tempo map, mode `solo`.

    Args:
        improviser: who plays.
        feel: how the line is played.
        tempo: when each tick is.
        span: what is played.
        channel: MIDI channel, 0..15.
    """

    def __init__(
        self,
        improviser: Improviser,
        feel: Feel,
        tempo: TempoMap,
        span: Span,
        channel: int = 0,
    ) -> None:
        self.mode = Mode.PLAYING
        self.tempo = tempo
        self._improviser = improviser
        self._feel = feel
        self._span = span
        self._scheduler = Scheduler(channel)
        self._stopped_at = Seconds(0.0)

    def receive(self, event: Event, now: Seconds) -> list[Timed]:
        """Take a transport event; returns what must be sent at once.

        After a stop the music goes on from where it was: the time in between does not count.
        """
        before, self.mode = self.mode, TRANSITIONS.get((self.mode, type(event)), self.mode)
        match before, self.mode:
            case Mode.PLAYING, Mode.STOPPED:
                self._stopped_at = now
                return self.silence(now)
            case Mode.STOPPED, Mode.PLAYING:
                self.tempo = self.tempo.delayed(Seconds(now - self._stopped_at))
        return []

    def advance(self, now: Seconds) -> list[Timed]:
        """What is due at `now`, in order. Where nothing is, a note may be planned instead."""
        if self.mode is not Mode.PLAYING:
            return []
        due = self._scheduler.due(self.tempo.tick_at(now))
        if due:
            return due
        if not self._has_more():
            if self._scheduler.next_tick() is None:
                self.mode = Mode.ENDED
        elif self.wake_at(now) == now:
            self._plan()
        return []

    def wake_at(self, now: Seconds) -> Seconds | None:
        """When `advance` has something to do, not before `now`; None if it never will."""
        if self.mode is not Mode.PLAYING:
            return None
        following = self._scheduler.next_tick()
        event_at = None if following is None else self.tempo.seconds_at(following)
        if not self._has_more():
            return now if event_at is None else max(event_at, now)
        committed = Ticks(self._improviser.moment.tick - COMMIT_HORIZON)
        plan_at = max(self.tempo.seconds_at(committed), now)
        return plan_at if event_at is None or event_at - plan_at > NEAR else max(event_at, now)

    def silence(self, now: Seconds) -> list[Timed]:
        """The offs of all that sounds; what was planned is forgotten."""
        return self._scheduler.all_off(self.tempo.tick_at(now))

    def _has_more(self) -> bool:
        end = self._span.end
        return end is None or self._improviser.moment.tick < end

    def _plan(self) -> None:
        note = self._feel.played(self._improviser.plan().written)
        end = self._span.end
        if end is not None and note.end > end:
            note = replace(note, length=Ticks(max(end - note.onset, 1)))
        self._scheduler.add(note)
