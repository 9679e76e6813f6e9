"""Choosing a note: from what the net says of it to one value, one pitch and one time.

A value is drawn from the net's probabilities, realized as a pitch inside what the value allows,
and given the time to the next note, part of which may rest. On the way to each draw the odds are
bent by what is asked of the line, mixed with what another player has done, and held to what the
language has promised.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import numpy as np

from live_improv.grammar.context import LONGEST_GAP, Past
from live_improv.grammar.quoting import Quotes
from live_improv.grammar.realization import Last, candidates
from live_improv.grammar.values import (
    MAX_STEPS,
    REACH,
    GrammarValue,
    Kind,
    Window,
    settled_kind,
)
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.model import Array, PitchLogits
from live_improv.music.chords import Chord
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, Ticks
from live_improv.performance.chance import pick
from live_improv.performance.line import Moment
from live_improv.performance.memory import Memory
from live_improv.performance.quoting import unquoted
from live_improv.performance.taste import (
    Place,
    Taste,
    first_shape,
    mixed,
    pitch_shape,
    sounding_shape,
    time_shape,
    towards,
)
from live_improv.prediction import Predictor


@dataclass(frozen=True, slots=True)
class Choice:
    """One note that is to be chosen, and all that it is chosen by.

    Attributes:
        predictor: what the net's numbers mean, over which changes.
        moment: of the note.
        taste: what is asked of it.
        memory: of another player's motifs, which `taste.follow` mixes with the net.
        quotes: what the net learned from, or None where that is not known.
    """

    predictor: Predictor
    moment: Moment
    taste: Taste
    memory: Memory
    quotes: Quotes | None = None

    def pitch(self, logits: PitchLogits, chance: Random) -> tuple[int, Kind, Window | None]:
        """A value's kind and window, and the pitch that realizes it.

        The window is drawn evenly from those that hold a pitch drawn from the net, and the pitch
        is then drawn anew, from the net, among those the value allows. So values and pitches are
        two views of one distribution: the pitch that is played has the net's own probability.
        """
        heeded = logits.recall * np.float32(self.taste.constraints.recall)
        logits = logits._replace(recall=heeded)
        tick, past = self.moment.tick, self.moment.past
        register = self.taste.register
        odds = self._unquoted(self._pitch_odds(logits)) if past.pitches else self._opening_odds()
        first = register.low + pick(odds, chance)
        kind, resolve = self._kind(logits, first, chance)
        if not past.pitches:
            return first, kind, None
        centre = first - past.pitches[-1] + chance.randint(-REACH, REACH)
        window = Window.around(min(max(centre, -MAX_INTERVAL), MAX_INTERVAL))
        offered = candidates(
            GrammarValue(kind, 1, window),
            self._chord_at(tick),
            self._last(),
            self._last_chord(),
            register,
        )
        inside = odds[np.array(offered, np.intp) - register.low] if offered else odds[:0]
        if resolve is not None:
            # Among tones outside the scale, what a pitch is worth depends on how likely it is to
            # resolve, or not to.
            chances = [self.predictor.approach_chance(logits, tick, p, register) for p in offered]
            likely = [(c or 0.0) if resolve else 1.0 - (c or 0.0) for c in chances]
            inside = inside + np.log(np.array(likely, np.float32) + 1e-30)
        if not len(inside) or not np.isfinite(inside.max()):
            return first, kind, window
        return offered[pick(inside, chance)], kind, window

    def time(
        self, logits: PitchLogits, pitch: int, kind: Kind, longest: int, chance: Random
    ) -> tuple[int, int]:
        """The grid steps to the next onset, and how many of them sound.

        Args:
            longest: the most steps, but for a note that has to wait for its resolution.
        """
        tick, past = self.moment.tick, self.moment.past
        time = self.predictor.time_logits(logits, tick, past, pitch, kind)
        heeded = time.recall * np.float32(self.taste.constraints.rhythm)
        time = time._replace(recall=heeded)
        gaps = self.predictor.gap_logits(time, tick, past, pitch, kind, self.taste.register)
        within = gaps[:longest]
        if not np.isfinite(within.max()):
            within = gaps[:LONGEST_GAP]
        place = self._place()
        odds = within / np.float32(self.taste.temperature)
        odds += time_shape(self.taste, odds, place, pitch)
        if self.taste.follow > 0.0 and len(self.memory):
            interval = pitch - past.pitches[-1] if past.pitches else None
            step = tick // GRID_TICKS % GRID_PER_BEAT
            said = self.memory.gap_weights(past, interval, step, len(within))
            odds = mixed(odds, said, self._share())
        gap = 1 + pick(odds, chance)
        likely = self.predictor.sounding_logits(time, gap)
        likely += sounding_shape(self.taste, len(likely), gap, place, pitch)
        sounding = pick(likely, chance)
        return gap, min(sounding or gap, MAX_STEPS)

    def _pitch_odds(self, logits: PitchLogits) -> Array:
        """The logits of the register's pitches at the player's temperature and taste."""
        moment, taste = self.moment, self.taste
        register, past = taste.register, moment.past
        # The register may leave no way to keep the last note's promise, other chords may have come
        # between, or it was moved by more than the widest interval: the line begins anew from here.
        for assumed in (past, replace(past, kind=Kind.CHORD), Past()):
            odds = self.predictor.pitch_logits(logits, moment.tick, assumed, register)
            if np.isfinite(odds.max()):
                break
        cooled: Array = odds / np.float32(taste.pitch_temperature)
        cooled += pitch_shape(taste, past.pitches, self._place())
        centre = self.memory.centre()
        if taste.follow == 0.0 or centre is None:
            return cooled
        cooled += towards(centre, taste)
        pitches = range(register.low, register.high + 1)
        chord = self._chord_at(moment.tick)
        said = self.memory.pitch_weights(
            past, pitches, [settled_kind(pitch, chord) for pitch in pitches]
        )
        # A motif goes through the changes: of the pitches that could be meant, those that the
        # net likes are likelier.
        likes = np.exp(0.5 * (cooled - cooled.max()))
        return mixed(cooled, said * likes, self._share())

    def _unquoted(self, odds: Array) -> Array:
        """The logits without the pitches that would quote too much of what was learned from."""
        moment, taste = self.moment, self.taste
        most = int(taste.constraints.quotes)
        if self.quotes is None or not most:
            return odds
        chord = self._chord_at(moment.tick)
        return unquoted(odds, self.quotes, most, moment.past, moment.tick, taste.register, chord)

    def _share(self) -> float:
        """How much of a choice is the memory's. By the square the middle of the range is where
        a human stays as close to their own last bars (`benchmarks/follow.py`)."""
        return self.taste.follow**2 * self.memory.confidence()

    def _opening_odds(self) -> Array:
        return first_shape(self.taste, self._chord_at(self.moment.tick))

    def _kind(self, logits: PitchLogits, pitch: int, chance: Random) -> tuple[Kind, bool | None]:
        """The kind of `pitch`, and whether it is to resolve where that is to be decided."""
        tick, register = self.moment.tick, self.taste.register
        settled = settled_kind(pitch, self._chord_at(tick))
        if settled is not None:
            return settled, None
        likely = self.predictor.approach_chance(logits, tick, pitch, register) or 0.0
        resolve = chance.random() < likely
        return (Kind.APPROACH if resolve else Kind.OTHER), resolve

    def _place(self) -> Place:
        moment = self.moment
        return Place(moment.tick, self.predictor.context.changes, begins=moment.past.phrase == 0)

    def _last(self) -> Last | None:
        past = self.moment.past
        if past.kind is None:
            return None
        return Last(past.pitches[-1], past.kind)

    def _last_chord(self) -> Chord:
        past, tick = self.moment.past, self.moment.tick
        return self._chord_at(Ticks(tick - past.gaps[-1] * GRID_TICKS))

    def _chord_at(self, tick: Ticks) -> Chord:
        return self.predictor.context.changes.chord_at(tick)
