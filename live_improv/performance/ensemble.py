"""The ensemble: everybody of ours who sounds, as one.

The soloist, the band, the clicks of a count-in and the pulses for those who follow us. What is due
comes out in order of time, and is remembered on its way: by the echo guard, which knows it when it
comes back, and by the take.
"""

from __future__ import annotations

from collections.abc import Iterable

from live_improv.listening.echo import EchoGuard
from live_improv.music.changes import Changes
from live_improv.music.events import ControlChange, NoteOn, Timed
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.band import Band
from live_improv.performance.clicks import Clicks, Pulses
from live_improv.performance.controls import Knobs
from live_improv.performance.soloist import Soloist
from live_improv.performance.take import Take

SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF = 64, 120, 123
"""Controllers and channel mode messages of MIDI 1.0."""

PANIC = ((SUSTAIN, 0), (ALL_NOTES_OFF, 0), (ALL_SOUND_OFF, 0))
REPLUGGED = ((SUSTAIN, 0), (ALL_NOTES_OFF, 0))


class Ensemble:
    """Who sounds.

    Args:
        clicks: of the count-in.
        pulses: of our clock, where we lead.
        take: where the players are kept, or None.

    Attributes:
        echo: knows our own notes when they come back.
    """

    def __init__(
        self,
        soloist: Soloist,
        band: Band | None,
        clicks: Clicks,
        pulses: Pulses | None,
        take: Take | None,
    ) -> None:
        self.echo = EchoGuard()
        self._soloist = soloist
        self._band = band
        self._clicks = clicks
        self._pulses = pulses
        self._take = take

    def turn_knobs(self, knobs: Knobs) -> None:
        """Play by these knobs from the next note on that is planned."""
        self._soloist.turn_knobs(knobs)
        if self._band is not None:
            self._band.turn_knobs(knobs)

    def over(self, changes: Changes) -> None:
        """Other chords hold; the soloist is told when it plans its next note."""
        if self._band is not None:
            self._band.over(changes)

    def ends(self, end: Ticks | None) -> None:
        """The performance ends there, or not at all."""
        self._soloist.end = end
        if self._band is not None:
            self._band.end = end

    @property
    def last(self) -> Ticks | None:
        """When everybody has ended; None without an end."""
        ends = self._soloist.end
        return ends if self._band is None or ends is None else max(ends, self._band.last or ends)

    def heard(self, tick: Ticks) -> None:
        """The player begins a note: the band leaves room."""
        if self._band is not None:
            self._band.heard(tick)

    # When

    def next_tick(self) -> Ticks | None:
        """When the next event is due."""
        ticks = [self._soloist.next_tick(), self._clicks.next_tick()]
        if self._band is not None:
            ticks.append(self._band.next_tick())
        if self._pulses is not None:
            ticks.append(self._pulses.next_tick())
        return min((tick for tick in ticks if tick is not None), default=None)

    def first_owed(self) -> Ticks | None:
        """The first tick at which something is due or should be, though nobody has planned it."""
        ticks = [self.next_tick(), self._soloist.next_onset()]
        if self._band is not None:
            ticks.append(self._band.next_onset())
        return min((tick for tick in ticks if tick is not None), default=None)

    def band_plans_at(self) -> Ticks | None:
        """When the band has a beat to be planned; None without one."""
        return None if self._band is None else self._band.plan_at()

    def plan_band(self, bpm: float) -> None:
        """Plan the next beat of the band."""
        assert self._band is not None, "there is a band to plan for"
        self._band.plan(bpm)

    def has_more(self) -> bool:
        """Whether somebody has a note to plan or to end."""
        return self._soloist.has_more() or (self._band is not None and self._band.has_more())

    # What

    @property
    def dropped(self) -> int:
        """How many notes were left out because they would have come too late."""
        return self._soloist.dropped + (0 if self._band is None else self._band.dropped)

    def due(self, tick: Ticks, now: Seconds, since: Ticks | None = None) -> list[Timed]:
        """The events due up to and including `tick`, in order.

        Args:
            since: a player's note that should have begun before this is left out, with its off.
        """
        due = [] if self._pulses is None else self._pulses.due(tick)
        due += self._handed_out(self._clicks.due(tick), now, kept=False)
        line = self._soloist.due(tick, since)
        due += self._handed_out(line, now)
        if self._band is not None:
            for timed in line:
                if isinstance(timed.event, NoteOn):
                    self._band.heard(timed.tick)
            due += self._handed_out(self._band.due(tick, since), now)
        due.sort(key=lambda timed: timed.tick)
        return due

    def silence(self, tick: Ticks, now: Seconds) -> list[Timed]:
        """End everything that sounds, and forget what was to come."""
        players = self._soloist.silence(tick)
        if self._band is not None:
            players += self._band.silence(tick)
        return [
            *self._handed_out(players, now),
            *self._handed_out(self._clicks.silence(tick), now, kept=False),
        ]

    def controls(
        self, numbers: Iterable[tuple[int, int]], tick: Ticks, now: Seconds
    ) -> list[Timed]:
        """Controllers with these values on every channel of the players', for those who sound.

        A take has none of them: it would begin with them, a bar before the music.
        """
        channels = [self._soloist.channel, *(self._band.channels if self._band else ())]
        found = [
            Timed(tick, ControlChange(number, value, channel))
            for channel in channels
            for number, value in numbers
        ]
        return self._handed_out(found, now, kept=False)

    # The transport

    def relocate(self, left: Ticks, to: Ticks) -> None:
        """What was to be at `left` is at `to`; silence first."""
        self._soloist.relocate(left, to)
        if self._band is not None:
            self._band.relocate(left, to)
        if self._pulses is not None:
            self._pulses.relocate(to)

    def skip_to(self, tick: Ticks) -> None:
        """Leave out what there was no time for."""
        self.rest_until(tick)
        if self._pulses is not None:
            self._pulses.relocate(tick)

    def rest_until(self, tick: Ticks) -> None:
        """The band plays nothing before `tick`, or before the end where that is nearer."""
        band = self._band
        if band is not None and band.next_onset() is not None:
            until = tick if band.end is None else Ticks(min(tick, band.end))
            band.relocate(until, until)

    def stop_followers(self, tick: Ticks) -> list[Timed]:
        """Stop those who follow our clock."""
        return [] if self._pulses is None else self._pulses.stop(tick)

    def place_followers(self) -> None:
        """Those who follow our clock have come anew, and know nothing."""
        if self._pulses is not None:
            self._pulses.place_again()

    def _handed_out(self, events: list[Timed], now: Seconds, *, kept: bool = True) -> list[Timed]:
        for timed in events:
            self.echo.sent(timed.event, now)
            if kept and self._take is not None:
                self._take.played(timed)
        return events
