"""The same line in two solos: found in any key, at any tempo and under any title.

A line is known by its groups of 12 intervals in a row. Of the groups of an unseen human solo 0.4 %
stand in all the others (Weimar Jazz Database); of two transcriptions of one solo by two people it
is 7 to 90 % (Parker's of the Omnibook, the database and Impro-Visor); the most that two different
solos of one player have in common is 12 % (`Merry-Go-Round` and `Passport`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from live_improv.music.solos import Solo

GROUP = 12
"""Intervals of a group."""

SAME = 0.6
"""From this share of the groups of the shorter solo on, it is the same line."""

RELATED = 0.1
"""From this share on, there is so much of one in the other that they belong together."""

_SAME_RHYTHM = 0.7  # of the gaps of the groups that two solos share
_FEWEST = 3  # groups that two solos share
_FEW_INTERVALS = 3  # fewer different ones in a group are a scale, a trill or a repeated note
_COMMON = 50  # a group that more solos have says little about two of them
_CLASSES = 2  # of the ratio of two gaps to either side of even, in octaves


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two solos have in common.

    Attributes:
        first, second: their indices, the lower first.
        share: of the groups of the shorter one, 0..1.
        semitones: how much higher the second is.
        same_rhythm: whether the rhythm is the same as well, at whatever tempo.
    """

    first: int
    second: int
    share: float
    semitones: int
    same_rhythm: bool

    @property
    def is_copy(self) -> bool:
        """Whether it is one solo twice."""
        return self.share >= SAME and self.same_rhythm


def overlaps(solos: Sequence[Solo]) -> list[Overlap]:
    """The pairs of solos that belong together, those that share most first."""
    groups = [_groups(solo) for solo in solos]
    having: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, own in enumerate(groups):
        for group in own:
            having[group].append(index)
    shared: Counter[tuple[int, int]] = Counter()
    for indices in having.values():
        # What so many have says little of any two of them; but many copies of one solo are found
        # as copies of the first and of the next.
        few = len(indices) <= _COMMON
        shared.update(combinations(indices, 2) if few else _star(indices))
    found = []
    for (first, second), count in shared.items():
        shorter = min(len(groups[first]), len(groups[second]))
        if count / shorter >= RELATED and count >= min(_FEWEST, shorter):
            found.append(_overlap(solos, groups, first, second, count / shorter))
    return sorted(found, key=lambda each: (-each.share, each.first, each.second))


def shape(solo: Solo) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What solos have in common that are the same from the first note to the last: the intervals,
    and the rhythm in classes."""
    steps = tuple(b.pitch - a.pitch for a, b in pairwise(solo.notes))
    return steps, tuple(_ratios(solo, 0, len(steps)))


def _star(indices: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each with the first and with the next: far fewer pairs than there are."""
    yield from pairwise(indices)
    yield from ((indices[0], other) for other in indices[2:])


def _groups(solo: Solo) -> dict[tuple[int, ...], int]:
    """The groups of a solo, and the note that each begins with; a short solo is one group."""
    pitches = [note.pitch for note in solo.notes]
    steps = [b - a for a, b in pairwise(pitches)]
    found: dict[tuple[int, ...], int] = {}
    for i in range(len(steps) - GROUP + 1):
        group = tuple(steps[i : i + GROUP])
        if len(set(group)) >= _FEW_INTERVALS:
            found.setdefault(group, i)
    return found or {(len(steps), *steps, *_ratios(solo, 0, len(steps))): 0}


def _ratios(solo: Solo, start: int, intervals: int) -> list[int]:
    """How much longer each gap is than the one before it, in classes of octaves."""
    onsets = [note.onset for note in solo.notes[start : start + intervals + 1]]
    gaps = [b - a for a, b in pairwise(onsets)]
    octaves = (round(math.log2(after / before)) for before, after in pairwise(gaps))
    return [min(max(each, -_CLASSES), _CLASSES) for each in octaves]


def _overlap(
    solos: Sequence[Solo],
    groups: Sequence[dict[tuple[int, ...], int]],
    first: int,
    second: int,
    share: float,
) -> Overlap:
    higher: Counter[int] = Counter()
    same = total = 0
    for group, i in groups[first].items():
        j = groups[second].get(group)
        if j is None:
            continue
        higher[solos[second].notes[j].pitch - solos[first].notes[i].pitch] += 1
        length = min(GROUP, len(solos[first].notes) - 1)
        mine, theirs = _ratios(solos[first], i, length), _ratios(solos[second], j, length)
        same += sum(a == b for a, b in zip(mine, theirs, strict=True))
        total += len(mine)
    return Overlap(
        first,
        second,
        share,
        semitones=higher.most_common(1)[0][0],
        same_rhythm=same >= _SAME_RHYTHM * total,
    )
