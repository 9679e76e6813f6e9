"""Taste: what the player of the instrument asks of the line, and what that does to its odds.

Everything here makes some notes likelier than the net has them. Nothing makes a note possible
that the language's promises rule out: what is minus infinity stays so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from live_improv.grammar.realization import Register
from live_improv.model import Array

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
class Taste:
    """What the player of the instrument may set.

    Attributes:
        register: the lowest and the highest pitch.
        temperature: above 0; below 1 the likely becomes likelier, above 1 less so.
        seed: of every draw.
        density: -1 for few notes, 1 for many, 0 as learned; up to twice that.
        lift: -1 for the low end of the register, 1 for the high one, 0 as learned.
        follow: from 0, which leaves the other player aside, to 1, which develops their motifs.

    Raises:
        TasteError: a number is outside its range.
    """

    register: Register = field(default_factory=lambda: Register(55, 84))
    temperature: float = 1.0
    seed: int = 0
    density: float = 0.0
    lift: float = 0.0
    follow: float = 0.5

    def __post_init__(self) -> None:
        for name, low, high in (
            ("temperature", 0.05, 4.0),
            ("density", -MAX_DENSITY, MAX_DENSITY),
            ("lift", -1.0, 1.0),
            ("follow", 0.0, 1.0),
        ):
            number = getattr(self, name)
            if not low <= number <= high:
                raise TasteError(f"{name} {number:g}: expected {low:g} to {high:g}")


def pitch_shape(taste: Taste, past_pitches: Sequence[int]) -> Array:
    """What is added to the logits of the register's pitches, lowest first.

    The mean of repeated notes is as in human solos without this; their longest runs are not.
    """
    register = taste.register
    each = np.arange(register.low, register.high + 1)
    edge = np.minimum(each - register.low, register.high - each)
    gain: Array = -EDGE_PULL * np.maximum(EDGE - edge, 0).astype(np.float32)
    if len(past_pitches) > REPEATS and len(set(past_pitches[-1 - REPEATS :])) == 1:
        gain[each == past_pitches[-1]] -= REPEAT_LOSS
    if taste.lift:
        gain += np.float32(LIFT_PULL * taste.lift) * (each - (register.low + register.high) / 2)
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


def opening_odds(taste: Taste, chord_tones: frozenset[int]) -> Array:
    """The logits of the very first pitch, which the net is never taught.

    A chord tone, where the register has one, and likelier the nearer its middle.
    """
    register = taste.register
    pitches = np.arange(register.low, register.high + 1)
    inside = np.isin(pitches % 12, list(chord_tones))
    middle = (register.low + register.high) / 2
    odds = -np.abs(pitches - middle) / OPENING_SPREAD
    return np.where(inside | ~inside.any(), odds, -np.inf).astype(np.float32)


def gap_shape(taste: Taste, gaps: int) -> Array:
    """What is added to the logits of the gaps from 1 to `gaps` grid steps."""
    steps = np.arange(1, gaps + 1, dtype=np.float32)
    gain: Array = np.float32(-DENSITY_PULL * taste.density) * np.log(steps)
    return gain


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
