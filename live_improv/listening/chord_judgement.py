"""What keys may mean: every chord weighed against what is sounded and what came before.

Bayes' rule over the shapes of `chord_shapes` on every root: how likely hands that mean this chord
are to sound just these pitch classes with this one lowest, how likely the chord is after the one
before, and how likely where the chart has a chord of its own.

Conventions
    Pitches are MIDI notes; of them count the pitch classes and the lowest. Weights are natural
    logarithms of probabilities. A belief is an array (12 x kinds,) that sums to 1: how probable
    each root and kind is to be the chord before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from live_improv.listening.chord_shapes import (
    PROGRESSIONS,
    SHAPES,
    Kind,
    QualityFamily,
    Shape,
    family_of,
    kind_of,
)
from live_improv.music.chords import Chord

Array = npt.NDArray[Any]

_FAMILIES = tuple(QualityFamily)
_KINDS = tuple(Kind)
_NEEDED = 4
_MUDDY = 1.5  # semitones in which a voicing without its root turns muddy


@dataclass(frozen=True, slots=True)
class Voicing:
    """How hands play a shape, with its root or without it.

    Attributes:
        share: how much of all voicings are like this.
        tones: probability that a tone is sounded that is foreign, rare, standing, usual, needed.
        lowest: relative probability that such a tone is the lowest.
        root_lowest: relative probability that the root is the lowest.
    """

    share: float
    tones: tuple[float, float, float, float, float]
    lowest: tuple[float, float, float, float, float]
    root_lowest: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What the evidence counts for; the defaults were set on voicings of training chords.

    Attributes:
        rooted, rootless: the two ways to play a shape.
        rootless_from: lowest pitch above which a voicing without its root does not sound muddy.
        context: exponent of the probability that a chord has after the one before it; below 1,
            as what came before is not independent of how it was heard.
        unseen: share of progressions that are as if the chord before said nothing.
        stays: probability that the chord is the one before again.
        agrees: log odds for the root and family that the chart has.
        anticipates: the same for the chord that comes next in the chart.
    """

    rooted: Voicing = Voicing(
        0.8, (0.005, 0.1, 0.2, 0.75, 0.985), (0.003, 0.02, 0.02, 0.12, 0.12), 0.5
    )
    rootless: Voicing = Voicing(
        0.2, (0.005, 0.1, 0.75, 0.75, 0.985), (0.003, 0.04, 0.04, 0.04, 0.44)
    )
    rootless_from: float = 45.0
    context: float = 0.8
    unseen: float = 0.1
    stays: float = 0.1
    agrees: float = 4.0
    anticipates: float = 2.5


AS_PLAYED = Weights()
"""The weights of a left hand that knows its voicings."""


@dataclass(frozen=True)
class Rows:
    """Every shape on every root, once with the root and once without; a row for each.

    Arrays of shape (rows,) or (rows, 12) where nothing else is said; pitch classes are absolute.
    """

    shapes: tuple[Shape, ...]
    root: Array
    family: Array
    place: Array  # in a belief: 12 roots x kinds
    rooted: Array
    share: Array  # of its kind, log
    sounds: Array  # log probability that a tone is sounded, minus that it is not
    silent: Array  # log probability that none is sounded
    lowest: Array  # log probability that a tone is the lowest
    needed: Array
    foreign: Array
    after: Array  # (place before, place): probability of the next chord
    alone: Array  # (place,): probability of a chord after nothing


@cache
def _rows(weights: Weights) -> Rows:
    ways = [
        (shape, way, root)
        for root in range(12)
        for shape in SHAPES
        for way in (weights.rooted, weights.rootless)
        if way is weights.rooted or 0 not in shape.needed
    ]
    of_kind = np.zeros(len(_KINDS))
    for shape in SHAPES:
        of_kind[_KINDS.index(shape.kind)] += shape.share
    kind = np.array([_KINDS.index(shape.kind) for shape, _, _ in ways])
    mark = np.stack([_marks(shape, root) for shape, _, root in ways])
    root = np.array([root for _, _, root in ways])
    rooted = np.array([way is weights.rooted for _, way, _ in ways])
    # With the root, it is as needed as the third; without, it must not be there.
    mark[np.arange(len(ways)), root] = np.where(rooted, _NEEDED, 0)
    tones = np.array([way.tones for _, way, _ in ways])
    lows = np.array([way.lowest for _, way, _ in ways])
    sounded = np.take_along_axis(tones, mark, axis=1)
    lowest = np.take_along_axis(lows, mark, axis=1)
    lowest[rooted, root[rooted]] = weights.rooted.root_lowest
    share = [shape.share * (1.0 if 0 in shape.needed else way.share) for shape, way, _ in ways]
    return Rows(
        shapes=tuple(shape for shape, _, _ in ways),
        root=root,
        family=np.array([_FAMILIES.index(shape.family) for shape, _, _ in ways]),
        place=root * len(_KINDS) + kind,
        rooted=rooted,
        share=np.log(share / of_kind[kind]),
        sounds=np.log(sounded) - np.log1p(-sounded),
        silent=np.log1p(-sounded).sum(axis=1),
        lowest=np.log(lowest),
        needed=mark == _NEEDED,
        foreign=mark == 0,
        after=_progressions(weights, of_kind / of_kind.sum() / 12),
        alone=np.tile(of_kind / of_kind.sum() / 12, 12),
    )


def _marks(shape: Shape, root: int) -> Array:
    """For each pitch class: 4 needed, 3 usual, 2 standing for the root, 1 rare, 0 foreign."""
    marks = np.zeros(12, dtype=int)
    kinds = (shape.rare, shape.standing, shape.usual, shape.needed)
    for value, tones in enumerate(kinds, 1):
        marks[[(root + tone) % 12 for tone in tones]] = value
    return marks


def _progressions(weights: Weights, alone: Array) -> Array:
    """How probable each place of a belief is after each other one."""
    counted = np.zeros((len(_KINDS), 12, len(_KINDS)))
    for row in PROGRESSIONS:
        counted[_KINDS.index(row.before), :, _KINDS.index(row.after)] = row.shares
    known = counted / counted.sum(axis=(1, 2), keepdims=True)
    change = (1 - weights.unseen) * known + weights.unseen * alone
    after = np.stack([np.roll(change, root, axis=1) for root in range(12)])
    size = 12 * len(_KINDS)
    square = after.reshape(size, size)
    return np.asarray((1 - weights.stays) * square + weights.stays * np.kron(np.eye(12), _again()))


def _again() -> Array:
    """How probable each kind is where the chord is the one before: a minor chord may have lost or
    got its seventh, as Cm7 and Cm6 take turns over one bass."""
    again = np.eye(len(_KINDS))
    minor = [_KINDS.index(kind) for kind in (Kind.MINOR_SEVENTH, Kind.TONIC_MINOR)]
    again[np.ix_(minor, minor)] = [[0.75, 0.25], [0.25, 0.75]]
    return again


@dataclass(frozen=True)
class Judgement:
    """What a set of keys may mean: a weight for each row, and which rows it can mean at all."""

    rows: Rows
    weight: Array
    possible: Array

    def best(self) -> int | None:
        """The likeliest row, None where no shape fits."""
        if not self.possible.any():
            return None
        return int(np.where(self.possible, self.weight, -np.inf).argmax())

    def belief(self) -> Array:
        """How probable each chord is; for a judgement that finds something possible."""
        weight = np.where(self.possible, self.weight, -np.inf)
        likely = np.exp(weight - weight.max())
        found = np.bincount(self.rows.place, likely, minlength=12 * len(_KINDS))
        return np.asarray(found / found.sum())

    def weight_of(self, chord: Chord | None) -> float:
        """The weight of the likeliest row with the root and the family of `chord`."""
        family = None if chord is None else family_of(chord)
        if chord is None or family is None:
            return -np.inf
        same = (self.rows.root == chord.root) & (self.rows.family == _FAMILIES.index(family))
        return float(self.weight[same].max(initial=-np.inf))


def judge(
    pitches: Collection[int],
    weights: Weights,
    belief: Array | None,
    expected: Chord | None = None,
    following: Chord | None = None,
) -> Judgement:
    """Weigh every row against at least one pitch.

    `belief` is None where nothing came before; `expected` and `following` are what the chart has
    here and next.
    """
    rows = _rows(weights)
    lowest = min(pitches)
    heard = np.zeros(12, dtype=bool)
    heard[[pitch % 12 for pitch in pitches]] = True
    voiced = rows.silent + rows.sounds @ heard + rows.lowest[:, lowest % 12]
    muddy = np.logaddexp(0.0, (weights.rootless_from - lowest) / _MUDDY)
    voiced = np.where(rows.rooted, voiced, voiced - muddy)
    before = rows.alone if belief is None else belief @ rows.after
    context = rows.share + weights.context * np.log(before)[rows.place]
    chart = np.zeros(len(rows.shapes))
    for chord, odds in ((following, weights.anticipates), (expected, weights.agrees)):
        if chord is not None and (family := family_of(chord)) is not None:
            same = (rows.root == chord.root) & (rows.family == _FAMILIES.index(family))
            chart[same] = np.maximum(chart[same], odds)
    missing = (rows.needed & ~heard).sum(axis=1)
    foreign = (rows.foreign & heard).sum(axis=1)
    return Judgement(
        rows=rows,
        weight=voiced + chart + context,
        possible=missing + foreign <= 1,
    )


def certain(chord: Chord | None) -> Array | None:
    """The belief in one chord."""
    kind = None if chord is None else kind_of(chord)
    if chord is None or chord.root is None or kind is None:
        return None
    belief = np.zeros(12 * len(_KINDS))
    belief[chord.root * len(_KINDS) + _KINDS.index(kind)] = 1.0
    return belief
