"""What an orchestra is led by: the clicks of a count-in, and the pulses of a MIDI clock."""

from __future__ import annotations

from live_improv.music.changes import Changes
from live_improv.music.events import (
    Continue,
    Event,
    Note,
    Pulse,
    SongPosition,
    Start,
    Stop,
    Timed,
)
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.scheduler import Scheduler

CLICK_CHANNEL = 9
"""General MIDI's drums."""

HIGH_CLICK, LOW_CLICK = 76, 77
"""General MIDI's wood blocks."""

PULSE_TICKS = Ticks(PPQ // 24)
_SIXTEENTH = PPQ // 4
_SONG = 1 << 14  # sixteenths that a song position can say
_CLICK_TICKS = Ticks(PPQ // 8)
_LOUD, _SOFT = 100, 80


class Clicks:
    """One click a beat, from the first bar line of the count-in up to bar 1.

    Args:
        changes: whose last bars the count-in has the meter of.
        start: its first tick; nothing is counted in from 0 on.
    """

    def __init__(self, changes: Changes, start: Ticks) -> None:
        self._scheduler = Scheduler(CLICK_CHANNEL)
        tick = start
        while tick < 0:
            bar = changes.bar_at(tick)
            beat = PPQ * 4 // bar.meter.denominator
            for at in range(bar.start, bar.start + bar.meter.bar_ticks, beat):
                first = at == bar.start
                pitch, loud = (HIGH_CLICK, _LOUD) if first else (LOW_CLICK, _SOFT)
                self._scheduler.add(Note(Ticks(at), _CLICK_TICKS, pitch, loud))
            tick = Ticks(bar.start + bar.meter.bar_ticks)

    def next_tick(self) -> Ticks | None:
        """When the next click is due."""
        return self._scheduler.next_tick()

    def due(self, tick: Ticks) -> list[Timed]:
        """The clicks due up to and including `tick`."""
        return self._scheduler.due(tick)

    def silence(self, tick: Ticks) -> list[Timed]:
        """End what sounds, and count no more."""
        return self._scheduler.all_off(tick)


class Pulses:
    """A MIDI clock: 24 pulses to the quarter, and where the music is.

    Pulses also run through a count-in, so that whoever follows knows the tempo. Followers are
    placed right before a pulse that is a whole sixteenth, the only places that MIDI can say.
    """

    def __init__(self, start: Ticks) -> None:
        self._next = _at_pulse(start)
        self._playing = False
        self._placed = False

    def next_tick(self) -> Ticks:
        """When the next pulse is due."""
        return self._next

    def due(self, tick: Ticks) -> list[Timed]:
        """The messages due up to and including `tick`; a pulse that was missed is not lost."""
        found: list[Timed] = []
        while self._next <= tick:
            if not self._placed and self._next >= 0 and self._next % _SIXTEENTH == 0:
                found += [Timed(self._next, event) for event in self._place()]
            found.append(Timed(self._next, Pulse()))
            self._next = Ticks(self._next + PULSE_TICKS)
        return found

    def relocate(self, to: Ticks) -> None:
        """The music goes on at `to`."""
        self._next = _at_pulse(to)
        self._placed = False

    def place_again(self) -> None:
        """Who follows has come anew, and knows nothing."""
        self._playing = self._placed = False

    def stop(self, tick: Ticks) -> list[Timed]:
        """Stop the followers."""
        was, self._playing, self._placed = self._playing, False, False
        return [Timed(tick, Stop())] if was else []

    def _place(self) -> list[Event]:
        """Tell the followers that the next pulse is at the next tick."""
        was, self._playing, self._placed = self._playing, True, True
        if self._next == 0:
            return [Start()]
        place = SongPosition(self._next // _SIXTEENTH % _SONG)
        return [place] if was else [place, Continue()]


def _at_pulse(tick: Ticks) -> Ticks:
    """The first pulse that is not before `tick`."""
    return Ticks(-(-tick // PULSE_TICKS) * PULSE_TICKS)
