"""A score: a performance as it is put into a file, on one time line that begins at bar 1.

Conventions
    All ticks count from the beginning of the file, which is a bar line, and are 0 and more. In
    the functions ticks are those of the tune, which goes round (`music.changes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.events import ControlChange, NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.form_marks import FormMark
from live_improv.music.timing import TempoMap, Ticks

Pace = Callable[[], object]
"""Called every now and then by what takes long, so that it can give way to the music."""

BREATH = 64
"""So many events are worked on between two calls of a `Pace`."""

IMPROVISER, PLAYER, CHORDS = "Improviser", "Player", "Chords"
"""The names of the tracks of a take."""

BAND = ("Bass", "Piano", "Drums", "Click")
"""The names of the tracks of those who accompany."""

Item = TypeVar("Item")

ChannelEvent = NoteOn | NoteOff | ControlChange | ProgramChange
"""What belongs to a part; the other events are those of the transport."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one of the players did, by tick, and within a tick in the order it was played."""

    name: str
    events: tuple[Timed, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What a file of a performance holds.

    Attributes:
        length: the file ends there or after its last event.
        tempo: its first change is at tick 0.
        meters: the bars at which the meter changes; the first one is at tick 0.
        chords: by start, without overlap; there may be gaps.
        chord_track: whether the chords are also held, on a track of their own.
        marks: where the choruses and sections begin.
        words: texts at the beginning, for whoever reads the file.
    """

    length: Ticks
    tempo: TempoMap
    meters: tuple[Bar, ...]
    chords: tuple[ChordSpan, ...]
    parts: tuple[Part, ...]
    title: str = ""
    key: str = ""
    chord_track: bool = False
    marks: tuple[FormMark, ...] = ()
    words: tuple[str, ...] = ()


def meters_between(changes: Changes, start: Ticks, end: Ticks) -> Iterator[Bar]:
    """The bar that `start` begins, and the later ones before `end` at which the meter changes."""
    meter = None
    while start < end:
        bar = changes.bar_at(start)
        if bar.meter != meter:
            meter = bar.meter
            yield Bar(start, meter)
        start = Ticks(bar.start + bar.meter.bar_ticks)


def chords_between(changes: Changes, start: Ticks, end: Ticks) -> Iterator[ChordSpan]:
    """The chords from `start` up to `end`, the first and the last cut there."""
    while start < end:
        span = changes.chords[changes.span_index(start)]
        left = span.end - start % changes.length
        stop = Ticks(min(start + left, end))
        yield ChordSpan(start, stop, span.chord)
        start = stop


def paced(items: Iterable[Item], pace: Pace | None) -> Iterator[Item]:
    """The items, with a call of `pace` before each `BREATH` of them."""
    if pace is None:
        yield from items
        return
    for number, item in enumerate(items):
        if not number % BREATH:
            pace()
        yield item
