"""How lines are played, beside how they are written: swing, lag, articulation, loudness.

Figures of people come from solos of which it is known how they were played, ours from what the
program sends; both are measured alike, against the line as written, with swung pairs as even
eighths (`rendition`).

    swing          of two eighths with a beat to themselves and a note on the next beat, the time
                   from the first onset to the second over the time from the second to the third;
                   the median of all pairs at tempos from one of `TEMPOS` up to the next
    articulation   of the time to the next onset the share that sounds, of notes before no rest
    late           onset as played minus as written, in beats; swung off-beats do not count
    unevenness     half the distance within which 68 % of those lie
    loudness       the standard deviation of the velocities

All but swing are figures of a solo, with quartiles over solos: what half of the people do. Of
shares it is the median, of lateness the mean of the middle 80 %: some corpora have it in 48ths of
a beat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from live_improv.corpus import Played, Solo
from live_improv.grammar.abstraction import sounding_steps, straighten
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, PPQ
from live_improv.performance.feel import is_even

TEMPOS = (40.0, 80.0, 120.0, 160.0, 200.0, 240.0, 280.0, 320.0)
"""Quarters a minute at which the bins of tempo begin; the last ends where it begins."""

NEAR_RATIO = 0.1
"""How near to the median of people a swing ratio is to be."""

FEWEST_PAIRS, FEWEST_NOTES = 100, 30
"""With fewer, a bin or a solo says nothing: quartiles of ratios lie 0.6 apart, so the median of a
hundred is known to about 0.06, and that of thirty not to `NEAR_RATIO`."""

_LOST = PPQ // 2  # what is further from its place was not meant for it


@dataclass(frozen=True, slots=True)
class Rendition:
    """One line, as written and as played.

    Attributes:
        notes: as written, in order, swung pairs as even eighths; ends may be as played.
        played: how each of them was played, None where that is not known.
        bpm: quarters a minute.
        even: whether its eighths are meant to be even.
    """

    notes: tuple[Note, ...]
    played: tuple[Played | None, ...]
    bpm: float
    even: bool = False


def rendition(solo: Solo) -> Rendition:
    """How somebody played a solo; without notes where that is not known."""
    notes = straighten(solo.notes) if solo.played else ()
    return Rendition(notes, solo.played, solo.bpm, is_even(solo.feel))


def played_by_us(
    written: Sequence[Note], sent: Sequence[Note], bpm: float, style: str
) -> Rendition:
    """What we sent for a line that we wrote, note by note."""
    played = tuple(Played(note.onset, note.length, note.velocity) for note in sent)
    if len(written) != len(played):
        raise ValueError(f"{len(written)} notes written, and {len(played)} played")
    even = straighten(written)
    return Rendition(even, played, bpm, is_even(style))


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Where half of a number of things lie; NaN where there are none."""

    low: float
    middle: float
    high: float
    count: int

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Quartiles:
        """The quartiles of some numbers."""
        if not len(numbers):
            return cls(*(float("nan"),) * 3, 0)
        low, middle, high = np.quantile(numbers, (0.25, 0.5, 0.75)).tolist()
        return cls(low, middle, high, len(numbers))


@dataclass(frozen=True, slots=True)
class Playing:
    """How a number of lines are played; definitions are the module's.

    Attributes:
        swing: the ratios of the pairs at each tempo of `TEMPOS`.
        articulation, late, unevenness, loudness: over the solos.
    """

    swing: tuple[Quartiles, ...]
    articulation: Quartiles
    late: Quartiles
    unevenness: Quartiles
    loudness: Quartiles


OVER_SOLOS = ("articulation", "late", "unevenness", "loudness")
WITHOUT_GOAL = ("unevenness",)
"""Beats of solos are tapped, and a tap that is early or late makes a whole beat of notes late or
early. That is in the figure of people, and is no playing."""


def playing(lines: Iterable[Rendition]) -> Playing:
    """How these lines are played."""
    lines = list(lines)
    bins: list[list[float]] = [[] for _ in TEMPOS]
    for line in lines:
        at = int(np.searchsorted(TEMPOS, line.bpm, "right")) - 1
        if not line.even and at >= 0:
            bins[at] += swing_ratios(line)
    counted = (_ARTICULATION, _LATE, _UNEVENNESS, _LOUDNESS)
    over = [
        [figure(found) for found in map(of, lines) if len(found) >= FEWEST_NOTES]
        for of, figure in counted
    ]
    return Playing(tuple(map(Quartiles.of, bins)), *map(Quartiles.of, over))


def swing_ratios(line: Rendition) -> list[float]:
    """Of each pair of eighths the ratio of the first to the second."""
    by_beat: dict[int, list[int]] = {}
    for i, note in enumerate(line.notes):
        by_beat.setdefault(note.onset // PPQ, []).append(i)
    found = []
    for beat, inside in by_beat.items():
        places = [line.notes[i].onset - beat * PPQ for i in inside]
        next_beat = by_beat.get(beat + 1)
        if places != [0, PPQ // 2] or next_beat is None:
            continue
        third = next_beat[0]
        if line.notes[third].onset != (beat + 1) * PPQ:
            continue
        one, two, three = (line.played[i] for i in (*inside, third))
        if one is not None and two is not None and three is not None:
            first, second = two.onset - one.onset, three.onset - two.onset
            if first > 0 < second:
                found.append(first / second)
    return found


def shares_sounding(line: Rendition) -> list[float]:
    """Of the time to the next onset the share that sounds, of notes before no rest."""
    found = []
    places = zip(line.notes, line.played, strict=True)
    for (note, here), (following, after) in pairwise(places):
        gap = (following.onset - note.onset) // GRID_TICKS
        if here is None or after is None or after.onset <= here.onset:
            continue
        if sounding_steps(note, gap) == gap:
            found.append(min(here.length / (after.onset - here.onset), 1.0))
    return found


def lateness(line: Rendition) -> list[float]:
    """How late notes come, in beats; swung off-beats are left out."""
    onsets = [None, *(note.onset for note in line.notes), None]
    found = []
    for note, here, before, after in zip(line.notes, line.played, onsets, onsets[2:], strict=False):
        beat = note.onset // PPQ * PPQ
        alone = (before is None or before <= beat) and (after is None or after >= beat + PPQ)
        swung = note.onset - beat == PPQ // 2 and alone
        if here is not None and not swung and abs(here.onset - note.onset) < _LOST:
            found.append((here.onset - note.onset) / PPQ)
    return found


def velocities(line: Rendition) -> list[float]:
    """The velocities that are known."""
    return [float(here.velocity) for here in line.played if here is not None and here.velocity]


def _half_width(numbers: Sequence[float]) -> float:
    low, high = np.quantile(numbers, (0.16, 0.84)).tolist()
    return float(high - low) / 2


def _middle(numbers: Sequence[float]) -> float:
    return float(np.median(numbers))


def _middle_mean(numbers: Sequence[float]) -> float:
    edge = len(numbers) // 10
    return float(np.mean(sorted(numbers)[edge : len(numbers) - edge]))


def _deviation(numbers: Sequence[float]) -> float:
    return float(np.std(numbers))


_Counted = tuple[Callable[[Rendition], list[float]], Callable[[Sequence[float]], float]]
_ARTICULATION: _Counted = (shares_sounding, _middle)
_LATE: _Counted = (lateness, _middle_mean)
_UNEVENNESS: _Counted = (lateness, _half_width)
_LOUDNESS: _Counted = (velocities, _deviation)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: a figure of people, and ours.

    Attributes:
        name: such as `swing 120-160` or `late`.
        human: of `train`, all pairs or all solos.
        ours: the same of ours.
        reached: whether ours is where it is to be: a swing ratio within `NEAR_RATIO` of people's
            median, anything else within their quartiles; None where too little is known, or where
            there is no goal.
    """

    name: str
    human: Quartiles
    ours: Quartiles
    reached: bool | None

    def __str__(self) -> str:
        verdict = {True: "reached", False: "NOT REACHED", None: ""}[self.reached]
        people, us = (
            f"{each.middle:6.3f} [{each.low:6.3f} {each.high:6.3f}] {each.count:6}"
            for each in (self.human, self.ours)
        )
        return f"{self.name:16} {people}   {us}   {verdict}"


def verdicts(human: Playing, ours: Playing) -> list[Verdict]:
    """Rows 9 and 10: each figure of ours beside that of people."""
    found = []
    for i, (people, us) in enumerate(zip(human.swing, ours.swing, strict=True)):
        end = f"{TEMPOS[i + 1]:g}" if i + 1 < len(TEMPOS) else ""
        known = min(people.count, us.count) >= FEWEST_PAIRS
        near = abs(us.middle - people.middle) <= NEAR_RATIO
        found.append(Verdict(f"swing {TEMPOS[i]:g}-{end}", people, us, near if known else None))
    for name in OVER_SOLOS:
        people, us = getattr(human, name), getattr(ours, name)
        judged = us.count > 0 and name not in WITHOUT_GOAL
        within = people.low <= us.middle <= people.high
        found.append(Verdict(name, people, us, within if judged else None))
    return found
