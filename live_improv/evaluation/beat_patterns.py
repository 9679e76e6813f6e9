"""How beats are filled with notes, and how what is written is played: learned from solos.

A pattern is where in a beat its notes are written. Which patterns are usual depends on the tempo
and on the beat before. How far from its place a note is played depends on the pattern: a note that
has its half of the beat to itself may come anywhere in it, one among sixteenths may not.

Conventions
    Steps are those of the grid, 12 to the beat. Swung pairs are written as even eighths
    (`grammar.abstraction.straighten`); an off-beat that may be swung is a note at step 6 of a beat
    with no other note, or none but one on the beat. A pattern is a row of bits, bit n for step n.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from live_improv.corpus import Solo
from live_improv.evaluation.witten_bell import Floats, Ints, WittenBell
from live_improv.grammar.abstraction import straighten
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS

OFF_BEAT = GRID_PER_BEAT // 2
SWUNG = frozenset({1 << OFF_BEAT, 1 | 1 << OFF_BEAT})
"""The patterns whose off-beat may be swung."""

_TEMPO_ENDS = (100.0, 140.0, 180.0, 220.0, 270.0)
_RAREST = 2  # a pattern that was found once is an accident
_ENOUGH = 20  # notes that say how a place of a pattern is played
_QUARTILES_APART = 1.349  # standard deviations, of a normal distribution
_NARROWEST = 0.2  # steps


@dataclass(frozen=True, slots=True)
class Manner:
    """How one player plays what is written, in steps.

    Attributes:
        lag: how late notes come.
        swing: how much later than that an off-beat comes that may be swung.
        spread: how far notes lie from there, 1 as people's in the mean and 0 not at all.
    """

    lag: float
    swing: float
    spread: float = 1.0


@dataclass(frozen=True, slots=True)
class BeatPatterns:
    """What is known of the patterns, in the order of `patterns`, the empty one first.

    Attributes:
        patterns: `(patterns,)`.
        order: what follows a tempo and the index of a pattern.
        late: how much later than its manner says the note at each step comes, in the mean,
            `(patterns, 12)`; spread: and how far about that, one standard deviation.
        usual: the manner at each class of tempo.
    """

    patterns: tuple[int, ...]
    order: WittenBell
    late: Floats
    spread: Floats
    usual: tuple[Manner, ...]

    def following(self, bpm: float) -> Floats:
        """The logarithm of how likely each pattern is after each other, `(before, after)`."""
        contexts = np.array([(_tempo(bpm), before) for before in range(len(self.patterns))])
        odds: Floats = np.log(self.order.probabilities(contexts))
        return odds

    def manner(self, bpm: float) -> Manner:
        """How lines are usually played at a tempo."""
        return self.usual[_tempo(bpm)]

    def places(self, count: int) -> tuple[Ints, Ints]:
        """The indices of the patterns of so many notes, and the steps of each, in order."""
        found = [i for i, pattern in enumerate(self.patterns) if pattern.bit_count() == count]
        steps = [steps_of(self.patterns[i]) for i in found]
        return np.array(found, np.int64), np.array(steps, np.int64).reshape(len(found), count)


@dataclass(frozen=True, slots=True)
class Beats:
    """A solo's notes by beat: of each note its beat, its step in it and its beat's pattern."""

    beats: Ints
    steps: Ints
    patterns: Ints

    @property
    def swung(self) -> NDArray[np.bool_]:
        """Which notes are off-beats that may be swung."""
        found: NDArray[np.bool_] = np.isin(self.patterns, list(SWUNG)) & (self.steps == OFF_BEAT)
        return found


def beats_of(steps: Ints) -> Beats:
    """A line's notes, at least one, given in order by their steps from the beginning, by beat."""
    beats, within = np.divmod(steps, GRID_PER_BEAT)
    first = np.flatnonzero(np.diff(beats, prepend=np.inf))
    patterns = np.bitwise_or.reduceat(1 << within, first)
    return Beats(beats, within, np.repeat(patterns, np.diff([*first, len(beats)])))


def steps_of(pattern: int) -> list[int]:
    """The steps of a pattern, in order."""
    return [step for step in range(GRID_PER_BEAT) if pattern >> step & 1]


def learn_patterns(solos: Sequence[Solo]) -> BeatPatterns:
    """What solos say; of some of them it must be known how they were played."""
    known = [(solo, _written(solo)) for solo in solos if solo.notes]
    rows = [_row(beats) for _, beats in known]
    counts: Counter[int] = Counter(pattern for row in rows for pattern in row)
    # Whatever is played, as many notes can be read from a beat as the grid has places.
    least = {sum(1 << i * GRID_PER_BEAT // n for i in range(n)) for n in range(GRID_PER_BEAT + 1)}
    found = {pattern for pattern, count in counts.items() if count >= _RAREST}
    patterns = tuple(sorted(found | least))
    index = {pattern: i for i, pattern in enumerate(patterns)}
    contexts, symbols = [], []
    for (solo, _), row in zip(known, rows, strict=True):
        for before, pattern in zip((0, *row), row, strict=False):
            if pattern in index:
                contexts.append((_tempo(solo.bpm), index.get(before, 0)))
                symbols.append(index[pattern])
    order = WittenBell.learn(
        np.array(contexts, np.int64), np.array(symbols, np.int64), len(patterns)
    )
    heard = [(solo, beats) for solo, beats in known if any(solo.played)]
    late, spread = _offsets(heard, index)
    return BeatPatterns(patterns, order, late, spread, _usual(heard))


def manner_of(late: Floats, swung: NDArray[np.bool_], usual: Manner, doubt: float = 8.0) -> Manner:
    """The lag and the swing of notes that came so many steps late; few are taken with doubt."""
    lag = _weighed(late[~swung], usual.lag, doubt)
    return Manner(lag, _weighed(late[swung] - lag, usual.swing, doubt))


def _written(solo: Solo) -> Beats:
    return beats_of(np.array([note.onset // GRID_TICKS for note in straighten(solo.notes)]))


def _row(beats: Beats) -> list[int]:
    """The patterns of all beats from the first note to the last."""
    row = [0] * int(beats.beats[-1] - beats.beats[0] + 1)
    for beat, pattern in zip(beats.beats.tolist(), beats.patterns.tolist(), strict=True):
        row[beat - int(beats.beats[0])] = pattern
    return row


def _late(solo: Solo, beats: Beats) -> tuple[Floats, NDArray[np.bool_]]:
    """How many steps late each note was played, and of which that is known."""
    played = [each.onset / GRID_TICKS if each else np.nan for each in solo.played]
    late: Floats = np.array(played, np.float64) - beats.beats * GRID_PER_BEAT - beats.steps
    return late, np.isfinite(late)


def _offsets(heard: Iterable[tuple[Solo, Beats]], index: dict[int, int]) -> tuple[Floats, Floats]:
    """How late the notes of each pattern come, and their spread; see `BeatPatterns`.

    Of a place that is seldom heard, as in all beats of as many notes.
    """
    parts = []
    for solo, beats in heard:
        late, known = _late(solo, beats)
        own = manner_of(late[known], beats.swung[known], Manner(0.0, 0.0), doubt=0.0)
        off = late - own.lag - own.swing * beats.swung
        known &= np.abs(off) < GRID_PER_BEAT
        parts.append((beats.patterns[known], beats.steps[known], off[known]))
    of = np.concatenate([patterns for patterns, _, _ in parts])
    steps = np.concatenate([steps for _, steps, _ in parts])
    offs = np.concatenate([off for _, _, off in parts])
    counts = np.array([pattern.bit_count() for pattern in of.tolist()])
    shifts, spreads = np.zeros((len(index), GRID_PER_BEAT)), np.ones((len(index), GRID_PER_BEAT))
    for count in range(1, GRID_PER_BEAT + 1):
        of_count = counts == count
        here = [pattern for pattern in index if pattern.bit_count() == count]
        for pattern in here:
            of_pattern = np.flatnonzero(of_count)[of[of_count] == pattern]
            for step in steps_of(pattern):
                values = offs[of_pattern[steps[of_pattern] == step]]
                values = values if len(values) >= _ENOUGH else offs[of_count]
                if len(values) >= _ENOUGH:
                    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
                    shifts[index[pattern], step] = middle
                    spread = (high - low) / _QUARTILES_APART
                    spreads[index[pattern], step] = max(spread, _NARROWEST)
    return shifts, spreads


def _usual(heard: Iterable[tuple[Solo, Beats]]) -> tuple[Manner, ...]:
    """The median manner of the solos at each class of tempo; of all, where there are none."""
    by_tempo: list[list[Manner]] = [[] for _ in range(len(_TEMPO_ENDS) + 1)]
    for solo, beats in heard:
        late, known = _late(solo, beats)
        own = manner_of(late[known], beats.swung[known], Manner(0.0, 0.0), doubt=0.0)
        by_tempo[_tempo(solo.bpm)].append(own)
    everyone = [each for group in by_tempo for each in group] or [Manner(0.0, 0.0)]
    return tuple(
        Manner(
            float(np.median([each.lag for each in group or everyone])),
            float(np.median([each.swing for each in group or everyone])),
        )
        for group in by_tempo
    )


def _weighed(values: Floats, usual: float, doubt: float) -> float:
    """The median of the values, and of `doubt` more that are as usual: nearly."""
    if not len(values):
        return usual
    return float((np.median(values) * len(values) + usual * doubt) / (len(values) + doubt))


def _tempo(bpm: float) -> int:
    return bisect_left(_TEMPO_ENDS, bpm)
