"""The tempo map of a take: the few tempi that stand for all that a clock said.

A clock that is followed revises its line with every pulse. A file of that would be unreadable in a
DAW, and one of its tempi alone, added up, would drift away from what was played. So we draw the
longest straight lines that stay within `TOLERANCE` of when the ticks really were, each from where
the one before ended: nothing adds up. (The method is the swinging door of process recording;
E. H. Bristol, 1990.) A MIDI file has whole microseconds to the quarter, and so have the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor

from live_improv.music.timing import PPQ, Seconds, TempoChange, TempoMap, Ticks

TOLERANCE = Seconds(0.001)
"""How far from when it was played a tick may be in the file."""

_STEP = Ticks(PPQ // 8)
"""Where two lines of the clock do not meet, the file gets from one to the other in this time."""

_LONGEST = Ticks(64 * PPQ)
"""At least this often a line is compared: the rounding to microseconds would add up."""

_FASTEST, _SLOWEST = 60_000, 6_000_000
"""Microseconds to the quarter: 1000 and 10 quarters a minute."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """That `tick` was at `at` seconds, when the clock said `tempo` microseconds to the quarter."""

    tick: Ticks
    at: Seconds
    tempo: int


def anchors(changes: Iterable[TempoChange], begin: Ticks, end: Ticks) -> list[Anchor]:
    """When the ticks from `begin` to `end` were, by changes in the order they became known.

    Each change holds from its tick on until the next; the first one also before. Of two changes
    the later known one counts.
    """
    lines: list[TempoChange] = []
    for change in changes:
        while lines and lines[-1].tick >= change.tick:
            lines.pop()
        lines.append(change)
    found: dict[Ticks, Anchor] = {}
    for i, line in enumerate(lines):
        first = begin if not i else max(line.tick, begin)
        last = end if i + 1 == len(lines) else min(lines[i + 1].tick - _STEP, end)
        for tick in (*range(first, max(last, first + 1), _LONGEST), max(last, first)):
            if begin <= tick <= end:
                at = Seconds(line.at + (tick - line.tick) / line.ticks_per_second)
                found[Ticks(tick)] = Anchor(Ticks(tick), at, round(60e6 / line.bpm))
    return [found[tick] for tick in sorted(found)]


def fitted(points: Sequence[Anchor]) -> list[tuple[Ticks, int]]:
    """From which tick on which tempo holds, in microseconds to the quarter: near every point."""
    if not points:
        return []
    near = TOLERANCE * 1e6
    tempi: list[tuple[Ticks, int]] = []
    here, at = 0, points[0].at * 1e6
    while here + 1 < len(points):
        start, ahead = points[here], here + 1
        low, high = _FASTEST, _SLOWEST
        while ahead < len(points):
            quarters = (points[ahead].tick - start.tick) / PPQ
            away = points[ahead].at * 1e6 - at
            least = max(low, ceil((away - near) / quarters))
            most = min(high, floor((away + near) / quarters))
            if least > most:
                break
            low, high = least, most
            ahead += 1
        if ahead == here + 1:
            # A jump that no tempo can follow: as near as it goes.
            tempo = min(max(round(away / quarters), _FASTEST), _SLOWEST)
        else:
            ahead -= 1
            # What the clock said itself, if that is near enough.
            tempo = start.tempo if low <= start.tempo <= high else (low + high) // 2
        tempi.append((start.tick, tempo))
        at += tempo * (points[ahead].tick - start.tick) / PPQ
        here = ahead
    return tempi or [(points[0].tick, points[0].tempo)]


def tempo_map(tempi: Iterable[tuple[Ticks, int]]) -> TempoMap:
    """The map of tempi in microseconds to the quarter; the first one at tick 0 and 0 seconds.

    Of two tempi at one tick the later holds.
    """
    changes: list[TempoChange] = []
    for tick, tempo in dict(tempi).items():
        at = TempoMap((changes[-1],)).seconds_at(tick) if changes else Seconds(0.0)
        bpm = 60e6 / tempo
        if not changes or changes[-1].bpm != bpm:
            changes.append(TempoChange(tick, at, bpm))
    return TempoMap(tuple(changes))
