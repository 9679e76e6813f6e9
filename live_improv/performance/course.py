"""The course of a line: where it has lately been, and what is asked of it because of that.

The notes of a turn are kept as they are planned and forgotten as they are taken back, so what is
asked depends on the line alone and not on when it was asked. Density and register are pulled
towards the plan by a share of how far the line is off: what the net has made of the last bars is
mostly left alone, and never gets away.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from math import log2

from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.form import Aim, Form, human_density
from live_improv.performance.taste import MAX_DENSITY, Taste

WINDOW, PRIOR = 32 * 4, 4 * 4
"""Beats over which a line is measured, and of a line that is as it should be put before it."""

DENSITY_OF_DOUBLING = 1.2
"""`Taste.density` that makes twice as many notes; a little less below 0.5."""

PACE_OF_DOUBLING = 2.0
"""The same of `Taste.pace`, which leaves phrases as long as they are."""

LIFT_A_SEMITONE = 0.15
"""`Taste.lift` that moves the line up by a semitone."""


@dataclass(frozen=True, slots=True)
class Played:
    """A note of the line.

    Attributes:
        onset: as written.
        began: the onset of the first note of its phrase.
        rested: whether a rest follows.
    """

    onset: Ticks
    pitch: int
    began: Ticks
    rested: bool


class Course:
    """The notes of the turn so far, the last `WINDOW` of them."""

    def __init__(self) -> None:
        self._notes: deque[Played] = deque()
        self._since = Ticks(0)

    def begin(self, tick: Ticks) -> None:
        """Measure from here on: a turn begins, or something else is asked for."""
        self._notes.clear()
        self._since = tick

    def add(self, onset: Ticks, pitch: int, *, rested: bool) -> None:
        """A note has been planned."""
        last = self._notes[-1] if self._notes else None
        goes_on = last is not None and not last.rested
        began = last.began if last is not None and goes_on else onset
        self._notes.append(Played(onset, pitch, began, rested))
        while self._notes[0].onset < onset - 2 * WINDOW * PPQ:
            self._notes.popleft()

    def take_back(self, tick: Ticks) -> None:
        """Forget what was planned at or after `tick`."""
        while self._notes and self._notes[-1].onset >= tick:
            self._notes.pop()

    def blown(self, tick: Ticks, bpm: float) -> Seconds:
        """How long the phrase has been going at `tick`; 0 where none has."""
        last = self._notes[-1] if self._notes else None
        if last is None or last.rested:
            return Seconds(0.0)
        return Seconds((tick - last.began) / PPQ * 60.0 / bpm)

    def bent(
        self, taste: Taste, form: Form, tick: Ticks, bpm: float, *, following: bool = False
    ) -> Taste:
        """What is asked for, bent to the plan and to where the line has been.

        Args:
            following: the register is another player's.
        """
        held = taste.constraints
        own = form.own().times(held.arc)
        lean = form.at(tick).times(held.arc)
        if held.steady:
            # What was asked of what has been played: the arc where the window has its middle.
            was = form.at(Ticks(tick - WINDOW * PPQ // 2)).times(held.arc).plus(own)
            back = self.off(tick, bpm, taste, was).times(-held.steady)
            lean = lean.plus(own).plus(replace(back, register=0.0) if following else back)
        pace = lean.density * PACE_OF_DOUBLING
        lift = taste.lift + lean.register * LIFT_A_SEMITONE
        return replace(
            taste,
            pace=min(max(pace, -MAX_DENSITY), MAX_DENSITY),
            lift=min(max(lift, -1.0), 1.0),
        )

    def off(self, tick: Ticks, bpm: float, asked: Taste, aim: Aim) -> Aim:
        """How far the line has been above what it was to be over the last `WINDOW`.

        Args:
            asked: what the player of the instrument has set.
            aim: what the plan adds to it and to what is usual at this tempo in this register.
        """
        begin = max(self._since, tick - WINDOW * PPQ)
        pitches = [note.pitch for note in self._notes if note.onset >= begin]
        usual = human_density(bpm) * 2.0 ** (aim.density + asked.density / DENSITY_OF_DOUBLING)
        middle = asked.middle + aim.register + asked.lift / LIFT_A_SEMITONE
        notes = len(pitches) + PRIOR * usual
        density = notes / (max(tick - begin, 0) / PPQ + PRIOR)
        return Aim(log2(density / usual), (sum(pitches) + PRIOR * usual * middle) / notes - middle)
