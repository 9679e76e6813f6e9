"""The line: the notes so far, whoever played them, and the moment of the next one.

The moments of the last notes are kept, so what was planned and then not played is taken back to
the exact state before it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from live_improv.grammar.abstraction import MIN_SILENCE
from live_improv.grammar.context import LONGEST_GAP, Past
from live_improv.grammar.values import Kind
from live_improv.model import PitchLogits, State
from live_improv.music.timing import GRID_TICKS, Ticks

KEPT = 64
"""How many of the last notes can be taken back."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that decides what comes next.

    Attributes:
        tick: the onset of the next note.
        state: of the net, before that note.
        past: the line so far.
    """

    tick: Ticks
    state: State
    past: Past


@dataclass(frozen=True, slots=True)
class Step:
    """One note of the line.

    Attributes:
        before: the moment it was chosen in, or heard in.
        logits: what the net said in it.
        after: the state after it.
        settled: its kind as the chord of that moment tells it, None where the next note does.
        planned: the kind it was meant to have; None for a heard note.
        end: where it ends, as far as is known.
    """

    before: Moment
    logits: PitchLogits
    after: State
    pitch: int
    settled: Kind | None
    planned: Kind | None
    end: Ticks

    @property
    def onset(self) -> Ticks:
        """Where it begins."""
        return self.before.tick


class Line:
    """The line so far.

    Attributes:
        moment: the next note's. After a note was heard it is stale until it is set.
        lap: how often the music has gone back to an earlier place.
    """

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.lap = 0
        self._steps: deque[Step] = deque(maxlen=KEPT)

    @property
    def last(self) -> Step | None:
        """The last note, if it is known."""
        return self._steps[-1] if self._steps else None

    def plan(self, step: Step, following: Moment) -> None:
        """Add a note that is to be played, and the moment after it."""
        self._steps.append(step)
        self.moment = following

    def hear(
        self, before: Moment, logits: PitchLogits, after: State, pitch: int, settled: Kind | None
    ) -> None:
        """Add a note that another player has just begun."""
        end = Ticks(before.tick + LONGEST_GAP * GRID_TICKS)
        self._steps.append(Step(before, logits, after, pitch, settled, None, end))

    def released(self, end: Ticks) -> None:
        """The player's note, if it is the last one, ended at `end`."""
        last = self.last
        if last is not None and last.planned is None:
            self._steps[-1] = replace(last, end=Ticks(max(end, last.onset + 1)))

    def take_back(self, tick: Ticks) -> None:
        """Forget all that was planned or heard at or after `tick`."""
        while self._steps and self._steps[-1].onset >= tick:
            self.moment = self._steps.pop().before

    def after_last(self, tick: Ticks, kind: Kind | None) -> Moment:
        """The moment of a note at `tick` after the last one, which had that kind after all.

        Where there is no last one, it is the present moment, moved.
        """
        last = self.last
        if last is None or kind is None:
            return replace(self.moment, tick=tick)
        gap = max((tick - last.onset) // GRID_TICKS, 1)
        rested = tick - last.end >= MIN_SILENCE
        past = last.before.past.then(last.pitch, kind, gap, rested=rested)
        return Moment(tick, last.after, past)

    def relocate(self, tick: Ticks, to: Ticks) -> None:
        """Music that was at `tick` is at `to` from now on, to the nearest place of the grid."""
        by = round((to - tick) / GRID_TICKS) * GRID_TICKS
        if self.last is not None and self.last.onset < tick:
            # What is played at `to` is to come after what was played just before the jump.
            place = round(to / GRID_TICKS) * GRID_TICKS
            by = min(by, place - GRID_TICKS - self.last.onset)
        self.lap += by < 0

        def moved(moment: Moment) -> Moment:
            return replace(moment, tick=Ticks(moment.tick + by))

        steps = (
            replace(step, before=moved(step.before), end=Ticks(step.end + by))
            for step in self._steps
        )
        self._steps = deque(steps, maxlen=KEPT)
        self.moment = moved(self.moment)
