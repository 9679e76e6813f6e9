"""The improviser: the net and the language, note after note.

Each note is one step of the net: a value is drawn from the net's probabilities, realized as a
pitch inside what the value allows, and given the time to the next note, part of which may rest.
All that is carried from note to note is one `Moment`, a value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import numpy as np

from live_improv.grammar.context import LONGEST_GAP, Context, Past
from live_improv.grammar.realization import Last, Register, candidates
from live_improv.grammar.values import (
    MAX_STEPS,
    REACH,
    GrammarValue,
    Kind,
    Window,
    rests,
    settled_kind,
)
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.model import Array, PitchLogits, State, Weights, initial_state
from live_improv.music.chords import Chord
from live_improv.music.events import Note
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, Ticks
from live_improv.performance.chance import pick, stream
from live_improv.performance.feel import Written
from live_improv.prediction import Predictor

PART = "line"

PITCH_FOCUS = 0.92
"""Pitches are drawn at this share of the temperature, rhythms at all of it: so at temperature 1
chord tones are as frequent as in human solos (47.9 %), and so are notes in a bar."""

REPEATS, REPEAT_LOSS = 2, 1.0
"""After this many repetitions of a note another one has its logit lowered by this much."""

EDGE, EDGE_PULL = 5, 0.15
"""Over this many semitones from either end of the register a pitch's logit falls by this much a
semitone: without it a line that would leave the register stays at its edge."""

OPENING_SPREAD = 4.0
"""Semitones from the middle of the register over which a first note gets e times less likely."""

MAX_SILENCE = 8 * GRID_PER_BEAT
"""The longest time from onset to onset, in grid steps, that the improviser plans by itself."""


class TasteError(ValueError):
    """A setting that cannot be played."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What the player of the instrument may set.

    Attributes:
        register: the lowest and the highest pitch.
        temperature: above 0; below 1 the likely becomes likelier, above 1 less so.
        seed: of every draw.

    Raises:
        TasteError: the temperature is outside 0.05..4.
    """

    register: Register = field(default_factory=lambda: Register(55, 84))
    temperature: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.05 <= self.temperature <= 4.0:
            raise TasteError(f"temperature {self.temperature:g}: expected 0.05 to 4")


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
class Idea:
    """One note and the silence after it, as values and as written."""

    values: tuple[GrammarValue, ...]
    written: Written


class Improviser:
    """A soloist over changes, who plans one note after the other.

    Args:
        weights: the net.
        context: the changes and the tempo it improvises over.
        taste: register, temperature and seed.
        start: the onset of the first note.
    """

    def __init__(self, weights: Weights, context: Context, taste: Taste, start: Ticks) -> None:
        self._predictor = Predictor(weights, context)
        self._changes = context.changes
        self.taste = taste
        self.moment = Moment(start, initial_state(weights), Past())

    def extend(self, until: Ticks) -> list[Idea]:
        """Plan every note that starts before `until` and has not been planned."""
        ideas = []
        while self.moment.tick < until:
            ideas.append(self.plan())
        return ideas

    def plan(self) -> Idea:
        """Plan the next note."""
        tick, _, past = self.moment.tick, self.moment.state, self.moment.past
        chance = stream(self.taste.seed, PART, tick)
        logits, state = self._predictor.step(self.moment.state, tick, past)
        pitch, kind, window = self._pitch(logits, chance)
        gap, steps = self._time(logits, pitch, kind, chance)
        value = GrammarValue(kind, steps, window)
        after = Ticks(tick + gap * GRID_TICKS)
        before = Ticks(tick - past.gaps[-1] * GRID_TICKS) if past.gaps else None
        self.moment = Moment(after, state, past.then(pitch, kind, gap, rested=steps < gap))
        return Idea(
            (value, *rests(gap - steps)),
            Written(
                Note(tick, Ticks(steps * GRID_TICKS), pitch),
                before=before,
                after=after,
                bar=self._changes.bar_at(tick),
                rested=steps < gap,
                starts_phrase=past.phrase == 0,
            ),
        )

    def _pitch(self, logits: PitchLogits, chance: Random) -> tuple[int, Kind, Window | None]:
        """A value's kind and window, and the pitch that realizes it.

        The window is drawn evenly from those that hold a pitch drawn from the net, and the pitch
        is then drawn anew, from the net, among those the value allows. So values and pitches are
        two views of one distribution: the pitch that is played has the net's own probability.
        """
        tick, past = self.moment.tick, self.moment.past
        register = self.taste.register
        odds = self._pitch_odds(logits) if past.pitches else self._opening_odds()
        first = register.low + pick(odds, chance)
        kind, resolve = self._kind(logits, first, chance)
        if not past.pitches:
            return first, kind, None
        centre = first - past.pitches[-1] + chance.randint(-REACH, REACH)
        window = Window.around(min(max(centre, -MAX_INTERVAL), MAX_INTERVAL))
        last = self._last()
        offered = candidates(
            GrammarValue(kind, 1, window),
            self._changes.chord_at(tick),
            last,
            self._last_chord(),
            register,
        )
        inside = odds[np.array(offered, np.intp) - register.low] if offered else odds[:0]
        if resolve is not None:
            # Among tones outside the scale, what a pitch is worth depends on how likely it is to
            # resolve, or not to.
            chances = [self._predictor.approach_chance(logits, tick, p, register) for p in offered]
            likely = [(c or 0.0) if resolve else 1.0 - (c or 0.0) for c in chances]
            inside = inside + np.log(np.array(likely, np.float32) + 1e-30)
        if not len(inside) or not np.isfinite(inside.max()):
            return first, kind, window
        return offered[pick(inside, chance)], kind, window

    def _pitch_odds(self, logits: PitchLogits) -> Array:
        """The logits of the register's pitches at the player's temperature."""
        moment, register = self.moment, self.taste.register
        odds = self._predictor.pitch_logits(logits, moment.tick, moment.past, register)
        if not np.isfinite(odds.max()):
            # The register leaves no way to keep the last note's promise, or it was moved by more
            # than the widest interval: begin the line anew from here.
            odds = self._predictor.pitch_logits(logits, moment.tick, Past(), register)
        cooled: Array = odds / np.float32(self.taste.temperature * PITCH_FOCUS)
        cooled -= self._monotony()
        return cooled

    def _monotony(self) -> Array:
        """What the register's pitches lose: a note struck again and again, and its outer edges.

        The mean of repeated notes is as in human solos without this; their longest runs are not.
        """
        register, pitches = self.taste.register, self.moment.past.pitches
        each = np.arange(register.low, register.high + 1)
        edge = np.minimum(each - register.low, register.high - each)
        loss: Array = EDGE_PULL * np.maximum(EDGE - edge, 0).astype(np.float32)
        if len(pitches) > REPEATS and len(set(pitches[-1 - REPEATS :])) == 1:
            loss[each == pitches[-1]] += REPEAT_LOSS
        return loss

    def _opening_odds(self) -> Array:
        """The logits of the very first pitch, which the net is never taught.

        A chord tone, where the register has one, and likelier the nearer its middle.
        """
        register = self.taste.register
        pitches = np.arange(register.low, register.high + 1)
        tones = self._changes.chord_at(self.moment.tick).chord_tones
        inside = np.isin(pitches % 12, list(tones))
        middle = (register.low + register.high) / 2
        odds = -np.abs(pitches - middle) / OPENING_SPREAD
        return np.where(inside | ~inside.any(), odds, -np.inf).astype(np.float32)

    def _kind(self, logits: PitchLogits, pitch: int, chance: Random) -> tuple[Kind, bool | None]:
        """The kind of `pitch`, and whether it is to resolve where that is to be decided."""
        tick, register = self.moment.tick, self.taste.register
        settled = settled_kind(pitch, self._changes.chord_at(tick))
        if settled is not None:
            return settled, None
        likely = self._predictor.approach_chance(logits, tick, pitch, register) or 0.0
        resolve = chance.random() < likely
        return (Kind.APPROACH if resolve else Kind.OTHER), resolve

    def _time(self, logits: PitchLogits, pitch: int, kind: Kind, chance: Random) -> tuple[int, int]:
        """The grid steps to the next onset, and how many of them sound."""
        tick, past = self.moment.tick, self.moment.past
        time = self._predictor.time_logits(logits, tick, past, pitch, kind)
        gaps = self._predictor.gap_logits(time, tick, pitch, kind, self.taste.register)
        within = gaps[:MAX_SILENCE]
        if not np.isfinite(within.max()):
            within = gaps[:LONGEST_GAP]
        gap = 1 + pick(within / np.float32(self.taste.temperature), chance)
        sounding = pick(self._predictor.sounding_logits(time, gap), chance)
        return gap, min(sounding or gap, MAX_STEPS)

    def _last(self) -> Last | None:
        past = self.moment.past
        if past.kind is None:
            return None
        return Last(past.pitches[-1], past.kind)

    def _last_chord(self) -> Chord:
        past, tick = self.moment.past, self.moment.tick
        return self._changes.chord_at(Ticks(tick - past.gaps[-1] * GRID_TICKS))
