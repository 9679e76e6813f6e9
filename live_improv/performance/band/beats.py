"""Beats: how a bar of any meter is counted.

Conventions
    A beat is what a foot taps: a quarter, in meters of three, six, nine and twelve eighths three of
    them, in the other meters of eighths two and, where one is left over, three. Beats stand in
    groups of two to four, for which rhythms are written; a bar of five beats is three and two.
    Places inside a beat are counted in twelfths of it. A round is a chorus, or as many of a short
    form, such as a vamp, as make something of a length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from live_improv.music.changes import Bar, Changes
from live_improv.music.timing import PPQ, Meter, Ticks

TWELFTHS = 12

_ROUND = 32 * PPQ
"""A round is at least that long."""

_GROUPS: dict[int, tuple[int, ...]] = {
    1: (1,),
    2: (2,),
    3: (3,),
    4: (4,),
    5: (3, 2),
    6: (3, 3),
    7: (4, 3),
    9: (3, 3, 3),
    10: (3, 2, 3, 2),
}
"""The groups of a bar by its number of beats; other numbers begin with a group of four."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """A beat of a meter: ticks from the bar line, and where in its group it is."""

    offset: Ticks
    length: Ticks
    group: int
    place: int


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat in musical time.

    Attributes:
        index: of its bar, from 0.
        count: how many beats its bar has.
        group: how many beats its group has.
        place: where in its group it is, from 0.
        number: of its bar in the round, from 0.
        round: how many rounds came before.
    """

    start: Ticks
    end: Ticks
    index: int
    count: int
    group: int
    place: int
    bar: Bar
    number: int
    round: int

    @property
    def length(self) -> Ticks:
        """How long it is."""
        return Ticks(self.end - self.start)

    @property
    def bar_end(self) -> Ticks:
        """Where its bar ends."""
        return Ticks(self.bar.start + self.bar.meter.bar_ticks)

    @property
    def compound(self) -> bool:
        """Whether it is divided in three as written."""
        return self.length == 3 * PPQ // 2

    def at(self, twelfths: int) -> Ticks:
        """The tick so many twelfths into it."""
        return Ticks(self.start + self.length * twelfths // TWELFTHS)


def beat_at(changes: Changes, tick: Ticks) -> Beat:
    """The beat that `tick` falls in."""
    bar = changes.bar_at(tick)
    shapes = _shapes(bar.meter)
    into = tick - bar.start
    index = next(i for i, shape in enumerate(shapes) if into < shape.offset + shape.length)
    shape = shapes[index]
    start = Ticks(bar.start + shape.offset)
    number, within = divmod(changes.chorus_of(tick), round_ticks(changes) // changes.length)
    return Beat(
        start=start,
        end=Ticks(start + shape.length),
        index=index,
        count=len(shapes),
        group=shape.group,
        place=shape.place,
        bar=bar,
        number=changes.bar_index(tick) + len(changes.bars) * within,
        round=number,
    )


def round_ticks(changes: Changes) -> Ticks:
    """The ticks of a round: of so many choruses that something can happen in them, mostly one."""
    return Ticks(changes.length * -(-_ROUND // changes.length))


@lru_cache(maxsize=64)
def _shapes(meter: Meter) -> tuple[_Shape, ...]:
    """The beats of a meter; they fill its bar."""
    lengths = _lengths(meter)
    places = [(group, place) for group in _groups(len(lengths)) for place in range(group)]
    found, offset = [], 0
    for length, (group, place) in zip(lengths, places, strict=True):
        found.append(_Shape(Ticks(offset), Ticks(length), group, place))
        offset += length
    return tuple(found)


def _lengths(meter: Meter) -> list[int]:
    """The ticks of each beat of a bar."""
    top, unit = meter.numerator, 4 * PPQ // meter.denominator
    if meter.denominator == 8 and top % 3 == 0:
        return [3 * unit] * (top // 3)
    if meter.denominator == 8 and top % 2 and top > 1:
        # 5/8 is three and two as 5/4 is; a longer odd bar ends with its three.
        return [3 * unit, 2 * unit] if top == 5 else [2 * unit] * (top // 2 - 1) + [3 * unit]
    whole, rest = divmod(top * unit, PPQ)
    return [PPQ] * whole + [rest] * (rest > 0)


def _groups(count: int) -> list[int]:
    """How so many beats are grouped."""
    found = []
    while count not in _GROUPS:
        found.append(4)
        count -= 4
    return [*found, *_GROUPS[count]]
