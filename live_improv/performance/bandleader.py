"""The bandleader: who of ours plans what they play next, what comes too late, where the end is.

It gives the soloist their turns and takes them, has the more urgent of soloist and band plan a
note or a beat ahead, leaves out what there is no time for, lets all rest up to a bar line, and
knows when all is over.
"""

from __future__ import annotations

from live_improv.music.events import Timed
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.ensemble import Ensemble
from live_improv.performance.harmony import Harmony
from live_improv.performance.soloist import Soloist
from live_improv.performance.timekeeper import Timekeeper
from live_improv.performance.turns import Mode, Turns

LATE = Seconds(0.06)
"""A note that would begin later than this after its time is left out: people hear it as a stumble,
and several at once as a burst. What ends is never left out."""

STALL = Seconds(1.0)
"""What is later than this is left out: the machine slept, or somebody stopped the program."""

_LONG_AGO = Ticks(-(1 << 62))


class Bandleader:
    """Leads soloist and band through a performance.

    Args:
        soloist: who is given turns.
        ensemble: everybody of ours, the soloist as well.
        turns: who plays when.
        harmony: over what.
        time: when, and how fast.
        end: of what is played from bar 1; None without an end.

    Attributes:
        end: of what is played now.
    """

    def __init__(
        self,
        soloist: Soloist,
        ensemble: Ensemble,
        turns: Turns,
        harmony: Harmony,
        time: Timekeeper,
        end: Ticks | None,
    ) -> None:
        self.end = self._length = end
        self._soloist = soloist
        self._ensemble = ensemble
        self._turns = turns
        self._harmony = harmony
        self._time = time
        self._resumes_at = _LONG_AGO

    # Who plays when

    def switch(self, mode: Mode, tick: Ticks) -> None:
        """Play in another mode from `tick` on."""
        self._soloist.give_way()
        self._turns.switch(mode, tick)

    def trade(self, bars: int) -> None:
        """A turn is so many bars when trading."""
        self._soloist.give_way()
        self._turns.bars = bars

    def rest_until(self, tick: Ticks) -> None:
        """All play on from `tick`; silence first."""
        self._resumes_at = tick
        self._ensemble.rest_until(tick)

    def relocate(self, left: Ticks, to: Ticks, *, led: bool) -> None:
        """What was to be at `left` is at `to`; silence first.

        Args:
            led: by a clock that may begin anywhere; as much is played from there as was to be.
        """
        self._resumes_at = _LONG_AGO
        self._soloist.begin = to
        if led and self._length is not None:
            self._end_at(Ticks(to + self._length))
        self._ensemble.relocate(left, to)
        self._turns.relocate(to)

    # Where the end is

    def play_on(self) -> None:
        """There is no end any more."""
        self._length = None
        self._end_at(None)

    def is_over(self, now: Seconds) -> bool:
        """Whether all that was to be played has been."""
        ends = self.end is not None and self._time.tick(now) >= self.end
        return ends and not self._ensemble.has_more()

    def _end_at(self, end: Ticks | None) -> None:
        self.end = end
        self._ensemble.ends(end)

    # What is due

    def next_at(self, now: Seconds) -> Seconds | None:
        """When something is to be sent, or all is over; None where that is not known."""
        tick, end = self._ensemble.next_tick(), self.end
        if end is not None and (end > self._time.tick(now) or not self._ensemble.has_more()):
            tick = end if tick is None else min(tick, end)
        return None if tick is None else self._time.due_at(tick)

    def due(self, now: Seconds) -> list[Timed] | None:
        """What is to be sent by `now`, in order; None where nothing is.

        After a stall that is the end of what sounds, and all go on from now.
        """
        tick, owed = self._time.tick(now), self._ensemble.first_owed()
        if owed is None or owed > tick:
            return None
        if now - self._time.due_at(owed) > STALL:
            offs = self._ensemble.silence(tick, now)
            self._ensemble.skip_to(tick)
            return offs
        return self._ensemble.due(tick, now, self._too_late(tick, now)) or None

    def _too_late(self, tick: Ticks, now: Seconds) -> Ticks | None:
        """A note that should have begun before this is left out; None where the music has just
        begun, of which we may hear only when its first notes should have been sent."""
        begin = self._soloist.begin
        if begin <= tick <= begin + self._time.grace(tick):
            return None
        return self._time.tick(Seconds(now - LATE))

    # What is planned

    def plan_at(self, now: Seconds) -> Seconds | None:
        """When there is something to be planned; None for nothing."""
        plans = (self._line_at(self._time.tick(now)), self._ensemble.band_plans_at())
        tick = min((each for each in plans if each is not None), default=None)
        return None if tick is None else self._time.due_at(tick)

    def plan(self, now: Seconds, *, room: bool) -> None:
        """Have the one thing planned that is most pressing.

        Args:
            room: whether the player leaves room for a pickup.
        """
        tick = self._time.tick(now)
        line_at, band_at = self._line_at(tick), self._ensemble.band_plans_at()
        if band_at is not None and (line_at is None or band_at < line_at):
            self._ensemble.plan_band(self._time.tempo.bpm_at(tick))
        else:
            self._plan_line(tick, now, room=room)

    def _plan_line(self, tick: Ticks, now: Seconds, *, room: bool) -> None:
        """Have the soloist take their turn, leave it, or plan the next note of it."""
        soloist, changes = self._soloist, self._harmony.changes
        bpm, turn = self._time.tempo.bpm_at(tick), self._turns.turn(tick, changes)
        if soloist.turn is None and turn is not None:
            soloist.over(changes, bpm)
            at = max(tick, self._resumes_at)
            soloist.take(turn, at, room=room, grace=self._time.grace(tick))
        elif soloist.turn != turn:
            soloist.leave()
        else:
            soloist.over(changes, bpm)
            onset, too_late = soloist.next_onset(), self._too_late(tick, now)
            if onset is not None and too_late is not None and onset < too_late:
                # As far behind as it is now it may be again.
                soloist.skip_to(Ticks(2 * tick - onset))
            else:
                soloist.plan(bpm, changes.style)

    def _line_at(self, tick: Ticks) -> Ticks | None:
        """When there is a note to be planned, or a turn to be taken or left, as seen at `tick`."""
        turn = self._turns.turn(tick, self._harmony.changes)
        soloist = self._soloist
        if soloist.turn is not None:
            if soloist.turn != turn:
                return tick
            plan_at = soloist.plan_at()
            return turn.end if plan_at is None else plan_at
        if turn is None or (self.end is not None and turn.start >= self.end):
            return None
        return Ticks(max(soloist.comes_in(turn), self._resumes_at) - soloist.horizon)
