"""Taste: what the player of the instrument asks of the line, and what that does to its odds.

Everything here makes some notes likelier than the net has them. Nothing makes a note possible
that the language's promises rule out: what is minus infinity stays so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from live_improv.grammar.abstraction import MIN_SILENCE
from live_improv.grammar.realization import Register
from live_improv.model import Array
from live_improv.music.changes import Changes
from live_improv.music.chords import Chord
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, Seconds, Ticks
from live_improv.performance.constraints import Constraints
from live_improv.performance.edges import Ending, first_odds
from live_improv.performance.form import MIDDLE
from live_improv.performance.instruments import breath_shape

REPEATS = 2
"""After this many repetitions of a note another one costs `Constraints.repeats`."""

OCTAVE = 12
"""The widest interval inside a phrase that costs nothing; `Constraints.leaps` for each more."""

EDGE = 5
"""Over this many semitones from either end of the register each costs `Constraints.edges`."""

LONG = 3 * GRID_PER_BEAT // 2
"""Grid steps that have to fit: a note of a beat and a half is heard against its chord."""

OPENING_SPREAD = 4.0
"""Semitones from the middle of the register over which a first note gets e times less likely."""

MIN_REST = MIN_SILENCE // GRID_TICKS

DENSITY_PULL = 0.6
"""At density 1 a gap twice as long is 2 to this power less likely, at -1 as much likelier; which
makes 1.8 times as many notes, or half as many."""

MAX_DENSITY = 2.0

LIFT_PULL = 0.1
"""At lift 1 a pitch's logit rises by this much a semitone."""

FOLLOWED_SPREAD = 7.0
"""Semitones from where the other player moves over which a followed pitch gets e times less
likely, at follow 1."""


class TasteError(ValueError):
    """A setting that cannot be played."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a note is chosen.

    Attributes:
        onset: on the grid.
        changes: that it is heard over.
        begins: whether a phrase begins with it.
    """

    onset: Ticks
    changes: Changes
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Taste:
    """What the player of the instrument may set, and what a plan asks for at the moment.

    Attributes:
        register: the lowest and the highest pitch.
        temperature: above 0; below 1 the likely becomes likelier, above 1 less so.
        seed: of every draw.
        density: -1 for few notes, 1 for many, 0 as learned; up to twice that.
        lift: -1 for the low end of the register, 1 for the high one, 0 as learned.
        follow: from 0, which leaves the other player aside, to 1, which develops their motifs.
        pace: as density, but inside phrases: how often the line rests it leaves alone.
        constraints: what the line is held to.
        breath: of the instrument; None where nobody has to breathe.
        blown: for how long the phrase has been going.
        ending: that the line is to come to, or None.

    Raises:
        TasteError: a number is outside its range.
    """

    register: Register = field(default_factory=lambda: Register(55, 84))
    temperature: float = 1.0
    seed: int = 0
    density: float = 0.0
    lift: float = 0.0
    follow: float = 0.5
    pace: float = 0.0
    constraints: Constraints = Constraints()  # noqa: RUF009
    breath: Seconds | None = None
    blown: Seconds = Seconds(0.0)  # noqa: RUF009
    ending: Ending | None = None

    @property
    def pitch_temperature(self) -> float:
        """The temperature pitches are drawn at."""
        return self.temperature / (1.0 + self.constraints.focus)

    @property
    def middle(self) -> float:
        """The usual mean pitch in this register."""
        return self.register.low + MIDDLE * (self.register.high - self.register.low)

    def __post_init__(self) -> None:
        for name, low, high in (
            ("temperature", 0.05, 4.0),
            ("density", -MAX_DENSITY, MAX_DENSITY),
            ("lift", -1.0, 1.0),
            ("follow", 0.0, 1.0),
            ("pace", -MAX_DENSITY, MAX_DENSITY),
        ):
            number = getattr(self, name)
            if not low <= number <= high:
                raise TasteError(f"{name} {number:g}: expected {low:g} to {high:g}")


def pitch_shape(taste: Taste, past_pitches: Sequence[int], place: Place | None = None) -> Array:
    """What is added to the logits of the register's pitches, lowest first.

    Args:
        place: of the note; where it is not known, it is no leap and no end.
    """
    register, held = taste.register, taste.constraints
    each = np.arange(register.low, register.high + 1)
    edge = np.minimum(each - register.low, register.high - each)
    gain: Array = -held.edges * np.maximum(EDGE - edge, 0).astype(np.float32)
    if len(past_pitches) > REPEATS and len(set(past_pitches[-1 - REPEATS :])) == 1:
        gain[each == past_pitches[-1]] -= held.repeats
    if past_pitches and place is not None and not place.begins:
        gain -= held.leaps * np.maximum(np.abs(each - past_pitches[-1]) - OCTAVE, 0)
    if held.harmony and place is not None:
        tones = np.zeros(12, np.float32)
        tones[list(place.changes.chord_at(place.onset).chord_tones)] = held.harmony
        gain += tones[each % 12]
    if taste.lift:
        gain += np.float32(LIFT_PULL * taste.lift) * (each - (register.low + register.high) / 2)
    if taste.ending is not None and place is not None:
        gain += taste.ending.pitch_gain(each, place.onset, place.changes)
    return gain.astype(np.float32, copy=False)


def towards(centre: float, taste: Taste) -> Array:
    """What is added for following another player's register, as for `pitch_shape`."""
    register = taste.register
    each = np.arange(register.low, register.high + 1)
    # Where the player is out of our range, its nearer end is as near as we get.
    reachable = min(max(centre, register.low + EDGE), register.high - EDGE)
    apart = np.abs(each - reachable) / FOLLOWED_SPREAD
    gain: Array = (-taste.follow * apart).astype(np.float32)
    return gain


def first_shape(taste: Taste, chord: Chord) -> Array:
    """The logits of the very first pitch, which the net is never taught, lowest first.

    As first notes of humans are; unconstrained, see `opening_odds`.
    """
    if not taste.constraints.opening:
        return opening_odds(taste, chord.chord_tones)
    return first_odds(taste.register, taste.middle, chord)


def opening_odds(taste: Taste, chord_tones: frozenset[int]) -> Array:
    """The logits of a first pitch that is a chord tone, where the register has one, and likelier
    the nearer it is to the register's middle."""
    register = taste.register
    pitches = np.arange(register.low, register.high + 1)
    inside = np.isin(pitches % 12, list(chord_tones))
    middle = (register.low + register.high) / 2
    odds = -np.abs(pitches - middle) / OPENING_SPREAD
    return np.where(inside | ~inside.any(), odds, -np.inf).astype(np.float32)


def gap_shape(taste: Taste, gaps: int) -> Array:
    """What is added to the logits of the gaps from 1 to `gaps` grid steps, wherever they are."""
    steps = np.arange(1, gaps + 1, dtype=np.float32)
    gain: Array = np.float32(-DENSITY_PULL * taste.density) * np.log(steps)
    return gain


def time_shape(taste: Taste, logits: Array, place: Place, pitch: int) -> Array:
    """What is added to the logits of the gaps from 1 grid step on, shape (gaps,), after `pitch`."""
    gain = gap_shape(taste, len(logits)) + _pace_shape(taste, logits)
    gain[:MIN_REST] -= _breathless(taste)
    if taste.ending is None:
        return gain
    last = taste.ending.gap_gain(logits + gain, place.onset, pitch, place.changes)
    return gain if last is None else gain + last


def _pace_shape(taste: Taste, logits: Array) -> Array:
    """What pace adds: as density to gaps of up to a beat, to longer ones what keeps their part.

    So it neither begins nor ends a phrase.
    """
    gain: Array = np.zeros(len(logits), np.float32)
    short = logits[:GRID_PER_BEAT]
    if not taste.pace or not np.isfinite(short.max()):
        return gain
    gain[: len(short)] = gap_shape(replace(taste, density=taste.pace), len(short))
    before = np.exp(short - short.max())
    after = before * np.exp(gain[: len(short)])
    gain[len(short) :] = np.log(after.sum() / before.sum())
    return gain


def sounding_shape(taste: Taste, outcomes: int, gap: int, place: Place, pitch: int) -> Array:
    """What is added to the logits of how much of a gap sounds: 0 is all, n is n grid steps."""
    lengths = np.arange(outcomes)
    lengths[0] = gap
    gain: Array = np.zeros(outcomes, np.float32)
    if gap > MIN_REST:
        gain[0] -= _breathless(taste)
    if taste.constraints.clashes and gap >= LONG:
        clash = _clash_after(pitch, place, gap)
        gain[(lengths >= LONG) & (lengths > clash)] -= taste.constraints.clashes
    return gain


def _breathless(taste: Taste) -> float:
    """What the need to breathe takes off going on without a rest."""
    return taste.constraints.breath * breath_shape(taste.blown, taste.breath)


def _clash_after(pitch: int, place: Place, steps: int) -> int:
    """After how many grid steps a note clashes with the chord; `steps` where it does not."""
    at, end = place.onset, place.onset + steps * GRID_TICKS
    while at < end:
        chord = place.changes.chord_at(at)
        if chord.root is not None and pitch % 12 not in chord.chord_tones | chord.colour_tones:
            return -(-(at - place.onset) // GRID_TICKS)
        at = place.changes.next_chord(at)[0]
    return steps


def mixed(logits: Array, weights: Array, share: float) -> Array:
    """The logits of a mixture: `weights` (not negative) with `share`, the logits with the rest.

    What is impossible by the logits has no part in it; where the weights speak for nothing that
    is possible, the logits stay.
    """
    possible = np.isfinite(logits)
    said = np.where(possible, weights, 0.0)
    total = float(said.sum())
    if total <= 0.0 or share <= 0.0:
        return logits
    odds = np.exp(logits - logits[possible].max())
    odds = (1.0 - share) * odds / odds.sum() + share * said / total
    with np.errstate(divide="ignore"):
        both: Array = np.log(odds).astype(np.float32)
    return both
