"""Reading played time back: the rhythm that a played line is meant to be.

A player lays back, swings, and is human. Of each beat the likeliest pattern is found (by
`beat_patterns`): how usual it is after the one before, and how far from its places the notes lie,
after the player's own lag and swing have been taken out. These are learned from the line itself: it
is read as if by anyone, then how late its notes came is looked at, and it is read again. A line
that lies on the grid is a machine's and means what it plays; one that is exact beside it, as with a
swing that never varies, is found to be so.

On solos of the Weimar Jazz Database that nothing was learned from, 81 % of the onsets are read as
its own quantiser notated them, and 42 % by taking the nearest place. The rhythm divergence of what
is read is 0.009 bits, that of the notation 0.005 and that of the nearest places 0.073.

Conventions
    Ticks are 480 to the beat; beats are where the tempo says. Steps are those of the grid, 12 to
    the beat. What is read is in the notation of `lines.written`: swung pairs are even.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from live_improv.evaluation.beat_patterns import (
    OFF_BEAT,
    SWUNG,
    BeatPatterns,
    Manner,
    beats_of,
    manner_of,
    steps_of,
)
from live_improv.evaluation.lines import written
from live_improv.evaluation.witten_bell import Floats, Ints
from live_improv.grammar.abstraction import monophonic
from live_improv.music.events import Note
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, Ticks

_ROUNDS = 3
_REACH = 4.5  # steps that a note may be played from the bar line or beat that it belongs behind
_AT_ONCE = GRID_TICKS // 4  # onsets nearer than this are one
_NARROWEST = 0.05  # of people's spread: what is more exact than that is exact
_EXACT, _NEARLY_ALL = 0.05, 0.9  # steps from the grid, and the share of notes: a machine
_DOUBT = 16.0  # notes after which a line's own spread counts half
_TRUST = 0.7  # how far notes may be from their places, of how far they are: found on `valid`
_TAILS = 4.0  # degrees of freedom of Student's distribution: single notes may be far off
_MIDDLE = 0.74  # half of the values of that distribution are nearer than this
_HOPELESS = 40.0  # nats behind the best, from which no way is expected to catch up
_NEVER = -1e9


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as written, and the manner that was taken out of it."""

    notes: tuple[Note, ...]
    manner: Manner


class RhythmReader:
    """Reads lines by what is known of beats."""

    def __init__(self, patterns: BeatPatterns) -> None:
        self.patterns = patterns
        self._swung = np.array([pattern in SWUNG for pattern in patterns.patterns])
        self._places = [patterns.places(count) for count in range(GRID_PER_BEAT + 1)]

    def read(self, played: Sequence[Note], bpm: float) -> Reading:
        """A line as it may have been written, each note where it is meant.

        Args:
            played: in ticks as played. Of notes that begin at once the highest is kept; of more
                than twelve in a beat those that find no place are left out.
            bpm: quarters a minute.
        """
        line = _apart(played)
        manner = self.patterns.manner(bpm)
        if not line:
            return Reading((), manner)
        onsets = _in_steps(line)
        if np.mean(np.abs(onsets - onsets.round()) <= _EXACT) >= _NEARLY_ALL:
            return Reading(written(line), Manner(0.0, 0.0, 0.0))
        order = self.patterns.following(bpm)
        while (steps := self._steps(onsets, order, manner)) is None:
            line = _thinned(line)
            onsets = _in_steps(line)
        for _ in range(_ROUNDS - 1):
            manner = self._manner(onsets, steps, bpm)
            again = self._steps(onsets, order, manner)
            if again is None or np.array_equal(again, steps):
                break
            steps = again
        notes = []
        for note, step in zip(line, steps, strict=True):
            onset, end = int(step) * GRID_TICKS, round(note.end - manner.lag * GRID_TICKS)
            notes.append(replace(note, onset=Ticks(onset), length=Ticks(max(end - onset, 1))))
        return Reading(written(notes), manner)

    def _steps(self, onsets: Floats, order: Floats, manner: Manner) -> Ints | None:
        """The likeliest steps of notes played at `onsets`, in steps; None if there are none.

        The likeliest row of patterns is found by Viterbi's method. Where one beat ends and the
        next begins is open too: notes near it may belong to either.
        """
        first = int((onsets[0] - manner.lag - _REACH) // GRID_PER_BEAT)
        last = int((onsets[-1] - manner.lag + _REACH) // GRID_PER_BEAT)
        start = np.full(len(order), _NEVER)
        start[0] = 0.0
        states = {0: start}
        ways: list[dict[int, _Ways]] = []
        for beat in range(first, last + 1):
            border = (beat + 1) * GRID_PER_BEAT + manner.lag
            cuts = range(
                int(np.searchsorted(onsets, border - _REACH)),
                int(np.searchsorted(onsets, border + _REACH)) + 1,
            )
            arrived: dict[int, _Ways] = {}
            worst = max(float(score.max()) for score in states.values()) - _HOPELESS
            for cut, score in states.items():
                alive = np.flatnonzero(score > worst)
                if not len(alive):
                    continue
                table = score[alive, None] + order[alive]
                best = table.argmax(0)
                top, before = table[best, np.arange(len(best))], alive[best]
                for until in cuts:
                    if 0 <= until - cut <= GRID_PER_BEAT:
                        among, said = self._said(onsets[cut:until] - beat * GRID_PER_BEAT, manner)
                        there = arrived.setdefault(until, _Ways.none(len(order)))
                        there.improve(among, top[among] + said, cut, before[among])
            if not arrived:
                return None
            ways.append(arrived)
            states = {cut: there.score for cut, there in arrived.items()}
        if len(onsets) not in states:
            return None
        return self._traced(ways, first, len(onsets))

    def _traced(self, ways: list[dict[int, _Ways]], first: int, count: int) -> Ints:
        """The steps of the notes along the best way that ends after all of them."""
        cut, pattern = count, int(ways[-1][count].score.argmax())
        steps = np.zeros(count, np.int64)
        for number in reversed(range(len(ways))):
            there = ways[number][cut]
            begin = int(there.cuts[pattern])
            within = np.array(steps_of(self.patterns.patterns[pattern]), np.int64)
            steps[begin:cut] = (first + number) * GRID_PER_BEAT + within
            cut, pattern = begin, int(there.before[pattern])
        return steps

    def _said(self, onsets: Floats, manner: Manner) -> tuple[Ints, Floats]:
        """The patterns of as many notes, and how likely each would be played so, in nats."""
        among, steps = self._places[len(onsets)]
        if not len(onsets):
            return among, np.zeros(len(among))
        late, spread = self._expected(among[:, None], steps, manner)
        spread = spread * _TRUST
        off = (onsets - steps - late) / spread
        said = -(_TAILS + 1) / 2 * np.log1p(off**2 / _TAILS) - np.log(spread)
        return among, said.sum(1)

    def _expected(self, patterns: Ints, steps: Ints, manner: Manner) -> tuple[Floats, Floats]:
        """How many steps late notes come, and how far they spread, by the indices of patterns."""
        swung = self._swung[patterns] & (steps == OFF_BEAT)
        # What is exact is also as late everywhere.
        late = self.patterns.late[patterns, steps] * min(manner.spread, 1.0)
        spread = self.patterns.spread[patterns, steps] * manner.spread
        return manner.lag + manner.swing * swung + late, spread

    def _manner(self, onsets: Floats, steps: Ints, bpm: float) -> Manner:
        """How notes were played that are meant for these steps."""
        beats = beats_of(steps)
        index = {pattern: i for i, pattern in enumerate(self.patterns.patterns)}
        patterns = np.array([index[pattern] for pattern in beats.patterns.tolist()])
        usual = self.patterns.manner(bpm)
        found = manner_of(onsets - steps, beats.swung, usual)
        late, spread = self._expected(patterns, beats.steps, found)
        off = float(np.median(np.abs(onsets - steps - late) / spread)) / _MIDDLE
        uneven = max(off, _NARROWEST) ** (len(steps) / (len(steps) + _DOUBT))
        # What was read wrongly draws the lag after it, the more, the more uneven the line is.
        firm = 1.0 / (1.0 + uneven**2)
        return Manner(
            usual.lag + firm * (found.lag - usual.lag),
            usual.swing + firm * (found.swing - usual.swing),
            uneven,
        )


@dataclass(slots=True)
class _Ways:
    """The best ways to a cut, by the pattern before it.

    Attributes:
        score: how likely they are, in nats, `(patterns,)`.
        cuts: where each pattern's notes begin.
        before: the pattern before each.
    """

    score: Floats
    cuts: Ints
    before: Ints

    @classmethod
    def none(cls, count: int) -> _Ways:
        """No way yet."""
        return cls(np.full(count, _NEVER), np.zeros(count, np.int64), np.zeros(count, np.int64))

    def improve(self, among: Ints, score: Floats, cut: int, before: Ints) -> None:
        """Keep, for the patterns `among`, the ways that are better."""
        better = score > self.score[among]
        chosen = among[better]
        self.score[chosen] = score[better]
        self.cuts[chosen] = cut
        self.before[chosen] = before[better]


def _in_steps(line: Sequence[Note]) -> Floats:
    return np.array([note.onset / GRID_TICKS for note in line])


def _apart(played: Sequence[Note]) -> tuple[Note, ...]:
    """One line in order, of notes that begin at once the highest."""
    kept: list[Note] = []
    for note in monophonic(played)[0]:
        if kept and note.onset - kept[-1].onset < _AT_ONCE:
            kept[-1] = max(kept[-1], note, key=lambda each: each.pitch)
        else:
            kept.append(note)
    return tuple(kept)


def _thinned(line: Sequence[Note]) -> tuple[Note, ...]:
    """The line without the note that follows its neighbour soonest."""
    gaps = [after.onset - note.onset for note, after in pairwise(line)]
    soonest = gaps.index(min(gaps)) + 1
    return (*line[:soonest], *line[soonest + 1 :])
