"""The stretches of a take between two jumps of the transport, and how they make one time line.

Conventions
    The file begins at bar 1 beat 1, or as many whole bars earlier as a count-in or pickup needs.
    Where the transport jumps, the file goes on: the bar that is jumped into is put at the first
    bar line of the file where nothing that was played is overtaken. This may be the line of the bar
    that is left (beat 3 to beat 3 takes no time) or the next one, which leaves a gap of less
    than a bar before it. Every bar of the file is whole, and a bar line is one of the song's.
    What was jumped over without a note leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.events import Event, NoteOff, NoteOn, Timed
from live_improv.music.form_marks import FormMark, marks_between
from live_improv.music.score import (
    IMPROVISER,
    PLAYER,
    ChannelEvent,
    Pace,
    Part,
    chords_between,
    meters_between,
    paced,
)
from live_improv.music.timing import PPQ, Seconds, TempoChange, Ticks
from live_improv.performance.take_entries import Ended
from live_improv.performance.timeline import anchors, fitted

_LEEWAY = Ticks(PPQ // 4)
"""A jump is known when it has happened: what went on so much longer does not cost a bar."""


@dataclass(slots=True)
class Stretch:
    """What was played between two jumps, in ticks of the song.

    Attributes:
        start: where the transport came in.
        before: the tempo where no other is known.
        changes: what is played over at the beginning.
        others: what is played over from a tick on.
        ended: where the tune ended, and on what, None where it has not.
        left: where the transport went away, None where it has not.
        end: there, or at the last event.
        offset: from ticks of the song to those of the file.
        line: the bar line of the file at which the bars of this stretch begin.
    """

    start: Ticks
    before: TempoChange
    changes: Changes
    tempi: list[TempoChange] = field(default_factory=list)
    events: list[tuple[str, Ticks, ChannelEvent]] = field(default_factory=list)
    others: list[tuple[Ticks, Changes]] = field(default_factory=list)
    notes: bool = False
    ended: Ended | None = None
    left: Ticks | None = None
    end: Ticks = field(init=False)
    offset: Ticks = Ticks(0)  # noqa: RUF009
    line: Ticks = Ticks(0)  # noqa: RUF009

    def __post_init__(self) -> None:
        self.end = self.start

    def add(self, part: str, tick: Ticks, event: Event) -> None:
        """Take an event, unless it is one of the transport."""
        if isinstance(event, ChannelEvent):
            self.events.append((part, tick, event))
            self.notes = self.notes or isinstance(event, NoteOn | NoteOff)
            self.end = max(self.end, tick)

    def following(self, to: Ticks, changes: Changes | None) -> Stretch:
        """The stretch after this one; what nobody has played to yet goes with it."""
        tempo = TempoChange(to, Seconds(0.0), (self.tempi or [self.before])[-1].bpm)
        held = self.others[-1][1] if self.others else self.changes
        following = Stretch(to, tempo, changes or held)
        if not self.notes:
            following.events = [(part, to, event) for part, _, event in self.events]
        return following


def chords(stretches: Iterable[Stretch]) -> Iterator[ChordSpan]:
    """The chords that were played over, a chord that goes on as one."""
    for each in stretches:
        begin = Ticks(max(each.start, 0))
        over = [(begin, each.changes), *((max(tick, begin), it) for tick, it in each.others)]
        ends = [*(tick for tick, _ in over[1:]), each.end]
        if each.ended is not None:
            last, chord = each.ended
            over = [(tick, changes) for tick, changes in over if tick < last] or over[:1]
            ends = [*(tick for tick, _ in over[1:]), Ticks(max(last, begin))]
            rings = ChordSpan(Ticks(max(last, begin)), each.end, chord)
        held: ChordSpan | None = None
        for (since, changes), end in zip(over, ends, strict=True):
            for span in chords_between(changes, since, Ticks(min(end, each.end))):
                if held is not None and held.chord == span.chord and span.start == since:
                    held = replace(held, end=span.end)
                    continue
                if held is not None:
                    yield _moved(held, each.offset)
                held = span
        if held is not None:
            yield _moved(held, each.offset)
        if each.ended is not None and rings.start < rings.end:
            yield _moved(rings, each.offset)


def marks(stretches: Iterable[Stretch]) -> Iterator[FormMark]:
    """Where the choruses and sections begin, and where the music comes in."""
    for each in stretches:
        end = each.end if each.ended is None else min(each.end, each.ended.tick)
        for mark in marks_between(each.changes, each.start, Ticks(end)):
            yield replace(mark, tick=Ticks(mark.tick + each.offset))


def _moved(span: ChordSpan, by: Ticks) -> ChordSpan:
    return ChordSpan(Ticks(span.start + by), Ticks(span.end + by), span.chord)


def placed(stretches: list[Stretch]) -> list[Stretch]:
    """The stretches with their places in the file."""
    first = stretches[0]
    low = Ticks(min((0, *(tick for _, tick, _ in first.events))))
    first.offset = Ticks(-first.changes.bar_at(low).start) if low < 0 else Ticks(0)
    for before, here in pairwise(stretches):
        left, coming = before.changes.bar_at(before.end), here.changes.bar_at(here.start)
        within = here.start - coming.start
        line = left.start
        if line + within < max(before.end - _LEEWAY, before.start):
            line = Ticks(line + left.meter.bar_ticks)
        here.line = Ticks(line + before.offset)
        here.offset = Ticks(here.line - coming.start)
        before.end = Ticks(min(before.end, line + within))
    return stretches


def meters(stretches: Iterable[Stretch], lines: Iterable[Ticks]) -> Iterator[Bar]:
    """The changes of meter; the bars of each stretch go from its line to the next."""
    meter = None
    for each, (line, following) in zip(stretches, pairwise(lines), strict=True):
        start, end = Ticks(line - each.offset), Ticks(following - each.offset)
        for bar in meters_between(each.changes, start, end):
            if bar.meter != meter:
                meter = bar.meter
                yield Bar(Ticks(bar.start + each.offset), meter)


def tempi(stretches: Iterable[Stretch]) -> Iterator[tuple[Ticks, int]]:
    """The tempo from each tick of the file on, fitted to the clock that was followed."""
    for i, each in enumerate(stretches):
        begin = each.start if i else Ticks(-each.offset)
        for tick, tempo in fitted(anchors(each.tempi or [each.before], begin, each.end)):
            yield Ticks(tick + each.offset), tempo


def parts(
    stretches: Iterable[Stretch], names: Mapping[int, str], pace: Pace | None
) -> Iterator[Part]:
    """Each player's events at their places, none before one that came earlier on its channel.

    A clock that is corrected, or a note just after a jump, may say otherwise; an off would come
    before its on.
    """
    played: dict[str, list[Timed]] = {name: [] for name in (IMPROVISER, PLAYER, *names.values())}
    latest: dict[tuple[str, int], Ticks] = {}
    for each in stretches:
        for part, tick, event in paced(each.events, pace):
            key = part, event.channel
            latest[key] = Ticks(max(tick + each.offset, latest.get(key, 0)))
            played[part].append(Timed(latest[key], event))
    for name, events in played.items():
        if events:
            yield Part(name, tuple(sorted(events, key=lambda timed: timed.tick)))
