"""The improviser: the net and the language, note after note.

Each note is one step of the net, in one `Moment`, a value. Which note it is `choosing` draws from
what the net says; here the notes become a line, which can be heard into, taken back and moved.

The line is one, whoever plays it. A note that is heard from another player goes through the same
net at its onset as if it had been chosen, so what is played next has heard it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import numpy as np

from live_improv.grammar.context import Context, Past
from live_improv.grammar.quoting import Quotes
from live_improv.grammar.values import GrammarValue, Kind, resolves, rests, settled_kind
from live_improv.model import Weights, initial_state
from live_improv.music.chords import Chord
from live_improv.music.events import Note
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, Ticks
from live_improv.performance.careful import CarefulPredictor, Faults
from live_improv.performance.chance import pick, stream
from live_improv.performance.choosing import Choice
from live_improv.performance.feel import Written
from live_improv.performance.line import Line, Moment, Step
from live_improv.performance.memory import Memory
from live_improv.performance.taste import Taste, gap_shape

PART = "line"

MAX_SILENCE = 8 * GRID_PER_BEAT
"""The longest time from onset to onset, in grid steps, that the improviser plans by itself."""


@dataclass(frozen=True, slots=True)
class Idea:
    """One note and the silence after it, as values and as written."""

    values: tuple[GrammarValue, ...]
    written: Written


class Improviser:
    """A soloist over changes, who plans one note after the other, and hears.

    Args:
        weights: the net.
        context: the changes and the tempo it improvises over.
        taste: register, temperature and seed.
        start: the onset of the first note.
        quotes: what the net learned from, which `taste.constraints.quotes` needs; None where
            that is not known.

    Attributes:
        taste: may be replaced at any time.
        memory: of another player's motifs, which `taste.follow` mixes with the net.
        faults: counts how often the net said what is no number.
    """

    def __init__(
        self,
        weights: Weights,
        context: Context,
        taste: Taste,
        start: Ticks,
        quotes: Quotes | None = None,
    ) -> None:
        self._weights = weights
        self._quotes = quotes
        self.faults = Faults()
        self._predictor = CarefulPredictor(weights, context, self.faults)
        self._line = Line(Moment(start, initial_state(weights), Past()))
        self.memory = Memory()
        self.taste = taste

    @property
    def moment(self) -> Moment:
        """The moment of the next note. After notes were heard, `enter` says when that is."""
        return self._line.moment

    @moment.setter
    def moment(self, moment: Moment) -> None:
        self._line.moment = moment

    @property
    def context(self) -> Context:
        """The changes and the tempo it improvises over."""
        return self._predictor.context

    @context.setter
    def context(self, context: Context) -> None:
        if context is not self._predictor.context:
            self._predictor = CarefulPredictor(self._weights, context, self.faults)

    def extend(self, until: Ticks) -> list[Idea]:
        """Plan every note that starts before `until` and has not been planned."""
        ideas = []
        while self.moment.tick < until:
            ideas.append(self.plan())
        return ideas

    def plan(self, longest: int = MAX_SILENCE) -> Idea:
        """Plan the next note, and that the one after it comes within `longest` grid steps.

        A note that has to wait for its resolution may wait for longer.
        """
        moment = self.moment
        tick, past = moment.tick, moment.past
        chance = self._chance(PART, tick)
        logits, state = self._predictor.step(moment.state, tick, past)
        choice = Choice(self._predictor, moment, self.taste, self.memory, self._quotes)
        pitch, kind, window = choice.pitch(logits, chance)
        gap, steps = choice.time(logits, pitch, kind, longest, chance)
        value = GrammarValue(kind, steps, window)
        after = Ticks(tick + gap * GRID_TICKS)
        before = Ticks(tick - past.gaps[-1] * GRID_TICKS) if past.gaps else None
        end = Ticks(tick + steps * GRID_TICKS)
        settled = settled_kind(pitch, self._chord_at(tick))
        self._line.plan(
            Step(moment, logits, state, pitch, settled, kind, end),
            Moment(after, state, past.then(pitch, kind, gap, rested=steps < gap)),
        )
        return Idea(
            (value, *rests(gap - steps)),
            Written(
                Note(tick, Ticks(steps * GRID_TICKS), pitch),
                before=before,
                after=after,
                bar=self.context.changes.bar_at(tick),
                rested=steps < gap,
                starts_phrase=past.phrase == 0,
                interval=pitch - past.pitches[-1] if past.pitches else None,
                phrase=past.phrase,
            ),
        )

    def hear(self, pitch: int, onset: Ticks) -> None:
        """Take a note of another player into the line, in place of all planned from there on.

        Args:
            onset: on the grid. What was planned or heard at or after it is forgotten.
        """
        self.take_back(onset)
        before = self._line.after_last(onset, self._kind_before(pitch, onset))
        logits, after = self._predictor.step(before.state, onset, before.past)
        self._line.hear(before, logits, after, pitch, settled_kind(pitch, self._chord_at(onset)))

    def remember(self, pitch: int, onset: Ticks) -> None:
        """Keep a note of another player in the memory, whether the line has heard it or not."""
        self.memory.hear(pitch, onset, settled_kind(pitch, self._chord_at(onset)))

    def released(self, end: Ticks) -> None:
        """The player's note, if it is the line's last one, ended at `end`."""
        self._line.released(end)

    def take_back(self, tick: Ticks) -> None:
        """Forget all that was planned or heard at or after `tick`."""
        self._line.take_back(tick)

    def enter(self, earliest: Ticks, latest: Ticks) -> None:
        """Decide when the line goes on, not before `earliest` nor after `latest`.

        The net decides, given how long the last note has been over by then.

        Args:
            earliest: on the grid; a note of the line there or later must have been taken back.
            latest: not before it.
        """
        last = self._line.last
        if last is None:
            self.moment = replace(self.moment, tick=earliest)
            return
        first, most = ((each - last.onset) // GRID_TICKS for each in (earliest, latest))
        first = max(first, 1)
        kind = last.planned or last.settled or Kind.OTHER
        time = self._predictor.time_logits(
            last.logits, last.onset, last.before.past, last.pitch, kind
        )
        logits = self._predictor.entry_logits(
            time, last.onset, last.before.past, first, max(most, first)
        )
        odds = logits / np.float32(self.taste.temperature)
        odds += gap_shape(self.taste, first + len(odds) - 1)[first - 1 :]
        gap = first + pick(odds, self._chance("entry", earliest))
        tick = Ticks(last.onset + gap * GRID_TICKS)
        self.moment = self._line.after_last(tick, self._kind_so_far(tick))

    def relocate(self, tick: Ticks, to: Ticks) -> None:
        """Music that was at `tick` is at `to` from now on, to the nearest place of the grid."""
        self._line.relocate(tick, to)
        self.memory.relocate()

    def _chance(self, part: str, tick: Ticks) -> Random:
        # A place that is played again, in a loop, is played otherwise.
        return stream(self.taste.seed, f"{part}{self._line.lap or ''}", tick)

    def _kind_before(self, pitch: int, onset: Ticks) -> Kind | None:
        """The kind of the last note, now that `pitch` has followed; None where there is none."""
        last = self._line.last
        if last is None or last.settled is not None:
            return None if last is None else last.settled
        found = resolves(last.pitch, pitch, self._chord_at(onset))
        return Kind.APPROACH if found else Kind.OTHER

    def _kind_so_far(self, tick: Ticks) -> Kind | None:
        """The kind of the last note, as far as can be told when the next one comes at `tick`.

        One that only the next note can tell is what it was meant to be, or else is drawn as the
        net says, unless it cannot resolve there.
        """
        last = self._line.last
        if last is None or last.settled is not None:
            return None if last is None else last.settled
        register, chord = self.taste.register, self._chord_at(tick)
        near = [pitch for pitch in (last.pitch - 1, last.pitch + 1) if pitch in register]
        if not any(resolves(last.pitch, pitch, chord) for pitch in near):
            return Kind.OTHER
        if last.planned is not None:
            return last.planned
        likely = self._predictor.approach_chance(last.logits, last.onset, last.pitch, register)
        found = self._chance("kind", tick).random() < (likely or 0.0)
        return Kind.APPROACH if found else Kind.OTHER

    def _chord_at(self, tick: Ticks) -> Chord:
        return self.context.changes.chord_at(tick)
