"""A take: what both players did, collected while they play and put on one time line after.

While the music runs a take only grows, and everything is appended at once to one list, so another
thread may ask for the score at any moment.

Conventions
    What comes in has ticks of the song, as the session counts them; what comes out has ticks of
    the file. They are the same as long as the transport runs through. The file begins at bar 1
    beat 1, or as many whole bars earlier as a count-in or pickup needs.

    When the transport jumps, the file goes on: the bar that is jumped into is put at the first bar
    line of the file where nothing that was played is overtaken. This may be the line of the bar
    that is left (beat 3 to beat 3 takes no time) or the next one, which leaves a gap of less
    than a bar before it. Every bar of the file is whole, and a bar line is one of the song's.
    What was jumped over without a note leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import NamedTuple

from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import Chord
from live_improv.music.events import Event, NoteOff, NoteOn, Timed
from live_improv.music.form_marks import FormMark, marks_between
from live_improv.music.score import (
    IMPROVISER,
    PLAYER,
    ChannelEvent,
    Pace,
    Part,
    Score,
    chords_between,
    meters_between,
    paced,
)
from live_improv.music.timing import PPQ, Seconds, TempoChange, TempoMap, Ticks
from live_improv.performance.timeline import anchors, fitted, tempo_map

_SLACK = Seconds(0.0005)
"""A line of the clock that says nothing else than this of the present is left out."""

_WHILE = Ticks(PPQ // 2)
"""A line that was left out and held longer than this is put in after all."""

_LEEWAY = Ticks(PPQ // 4)
"""A jump is known when it has happened: what went on so much longer does not cost a bar."""


class HeardAt(NamedTuple):
    """What the player did."""

    tick: Ticks
    event: Event


class Over(NamedTuple):
    """Other chords hold."""

    tick: Ticks
    changes: Changes


class Jump(NamedTuple):
    """The transport went elsewhere."""

    left: Ticks
    to: Ticks
    changes: Changes | None


class Ended(NamedTuple):
    """The tune ended."""

    tick: Ticks
    chord: Chord


@dataclass(frozen=True, slots=True)
class Played:
    """An event of one of the players, and where the song was.

    Attributes:
        part: the name of the player's track, see `music.score`.
    """

    tick: Ticks
    event: Event
    part: str


Entry = Timed | HeardAt | Over | Jump | Ended | TempoChange
"""What a take is made of, in the order in which it was taken in."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a take is made with, see `Take`."""

    changes: Changes
    tempo: TempoMap
    start: Ticks
    chord_track: bool
    band: Mapping[int, str]


class Take:
    """What happens in one performance, as it happens.

    Args:
        changes: one chorus, as it is at the beginning.
        tempo: the tempo map that holds at the beginning.
        start: the tick of the song at which it begins.
        chord_track: whether the file gets a track on which the chords are held.
        band: the names of the players of the band by channel; all else of ours is the improviser's.

    Attributes:
        beginning: these.
    """

    def __init__(
        self,
        changes: Changes,
        tempo: TempoMap,
        start: Ticks = Ticks(0),  # noqa: B008
        *,
        chord_track: bool = False,
        band: Mapping[int, str] | None = None,
    ) -> None:
        self.beginning = Beginning(changes, tempo, start, chord_track, dict(band or {}))
        self._changes = changes
        self._tempo = tempo.changes
        self._start = start
        self._chord_track = chord_track
        self._parts = dict(band or {})
        self._log: list[Entry] = []
        self._kept: TempoChange | None = tempo.changes[-1]
        # The last line of the clock, and the number of jumps before it.
        self._latest: tuple[int, TempoChange | None] = (0, None)

    def played(self, timed: Timed) -> None:
        """Take what we sent."""
        self._log.append(timed)

    def heard(self, tick: Ticks, event: Event) -> None:
        """Take what the player did; `tick` is where the song was when it was stamped."""
        self._log.append(HeardAt(tick, event))

    def over(self, tick: Ticks, changes: Changes) -> None:
        """Take that other chords hold from `tick` on, in the same bars."""
        self._log.append(Over(tick, changes))

    def ended(self, tick: Ticks, chord: Chord) -> None:
        """Take that the tune ended at `tick`, and what sounds after it rings out on this chord."""
        self._log.append(Ended(tick, chord))

    def tempo(self, change: TempoChange) -> None:
        """Take the line that holds from `change.tick` on; as often as the clock is revised.

        The seconds of all changes between two jumps are on one clock.
        """
        jumps, latest = self._latest
        self._latest = (jumps, change)
        kept = self._kept
        if kept is not None:
            expected = kept.at + (change.tick - kept.tick) / kept.ticks_per_second
            if abs(change.at - expected) <= _SLACK:
                return
            # What was left out may have held for long.
            if latest is not None and latest is not kept and change.tick - latest.tick > _WHILE:
                self._log.append(latest)
        self._log.append(change)
        self._kept = change

    def relocated(self, left: Ticks, to: Ticks, changes: Changes | None = None) -> None:
        """The transport went from `left` to `to`: a jump, or a stop and a start, perhaps there.

        From here on ticks are those of the new place; its tempo is told next. Only the offs at
        `left` that we then send, of what sounded there, still belong to the place that was left.

        Args:
            changes: what is played over from there on; another tune has other bars.
        """
        jumps, latest = self._latest
        if latest is not None and latest is not self._kept:
            self._log.append(latest)
        self._log.append(Jump(left, to, changes))
        self._latest = (jumps + 1, None)
        self._kept = None

    def _part(self, event: Event) -> str:
        """Whose of ours an event is."""
        channel = event.channel if isinstance(event, ChannelEvent) else None
        return IMPROVISER if channel is None else self._parts.get(channel, IMPROVISER)

    def entries(self, index: int, most: int) -> list[Entry]:
        """What has been taken in, from the entry `index` on; no more than `most` of it."""
        return self._log[index : index + most]

    @property
    def latest(self) -> tuple[int, TempoChange | None]:
        """The number of jumps so far, and the last line of the clock after them."""
        return self._latest

    def restore(self, entry: Entry | tuple[int, TempoChange | None]) -> None:
        """Take in what another take has told by `entries` or `latest`, in the same order."""
        if isinstance(entry, Entry):
            self._log.append(entry)
        else:
            self._latest = entry

    def since(self, index: int) -> tuple[list[Played], int]:
        """What has been played and heard since an earlier look, and the index for the next one.

        Args:
            index: 0 for all, else what the last look returned.
        """
        last = len(self._log)
        found = []
        for entry in self._log[index:last]:
            match entry:
                case Timed(tick, event):
                    found.append(Played(tick, event, self._part(event)))
                case HeardAt(tick, event):
                    found.append(Played(tick, event, PLAYER))
        return found, last

    def __len__(self) -> int:
        """How much has been taken in; it grows when anything is."""
        return len(self._log)

    def has_notes(self) -> bool:
        """Whether anybody has played a note."""
        return any(
            isinstance(entry, Timed | HeardAt) and isinstance(entry.event, NoteOn)
            for entry in self._so_far()
        )

    def score(self, end: Ticks | None = None, pace: Pace | None = None) -> Score:
        """What has been taken so far; it goes on to `end`, or to the bar line after the last event.

        Args:
            end: a tick of the song at the place where it is now.
            pace: called every now and then.
        """
        changes = self._changes
        stretches = _placed(self._stretches(pace))
        last = stretches[-1]
        if end is None:
            bar = last.changes.bar_at(Ticks(max(last.end - 1, last.start)))
            end = Ticks(bar.start + bar.meter.bar_ticks)
        last.end = max(last.end, end)
        length = Ticks(last.end + last.offset)
        lines = [*(each.line for each in stretches), max(length, Ticks(1))]
        return Score(
            length=length,
            tempo=tempo_map(_tempi(stretches)),
            meters=tuple(_meters(stretches, lines)),
            chords=tuple(_chords(stretches)),
            parts=tuple(_parts(stretches, self._parts, pace)),
            title=changes.title,
            key=changes.key,
            chord_track=self._chord_track,
            marks=tuple(_marks(stretches)),
        )

    def _so_far(self) -> Iterator[Entry]:
        """What is in the log now, whatever comes meanwhile."""
        return islice(self._log, len(self._log))

    def _stretches(self, pace: Pace | None) -> list[_Stretch]:
        """The parts between jumps that have notes, at least one part."""
        jumps, latest = self._latest
        here = _Stretch(self._start, self._tempo[-1], self._changes, [*self._tempo])
        found: list[_Stretch] = []
        leaving: _Stretch | None = None
        jumped = 0
        for entry in paced(self._so_far(), pace):
            match entry:
                case Timed(tick, NoteOff() as event) if leaving and tick == leaving.left:
                    leaving.add(self._part(event), tick, event)
                case Timed(tick, event):
                    leaving = None
                    here.add(self._part(event), tick, event)
                case HeardAt(tick, event):
                    here.add(PLAYER, tick, event)
                case Over(tick, changes):
                    here.others.append((tick, changes))
                case Ended():
                    here.ended = entry
                case TempoChange():
                    here.tempi.append(entry)
                case Jump(left, to, changes):
                    jumped += 1
                    here.left, here.end = left, max(here.end, left)
                    following = here.following(to, changes)
                    if here.notes:
                        found.append(here)
                    leaving, here = here, following
        if latest is not None and jumps == jumped:
            here.tempi.append(latest)
        if here.notes or not found:
            found.append(here)
        return found


@dataclass(slots=True)
class _Stretch:
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

    def following(self, to: Ticks, changes: Changes | None) -> _Stretch:
        """The stretch after this one; what nobody has played to yet goes with it."""
        tempo = TempoChange(to, Seconds(0.0), (self.tempi or [self.before])[-1].bpm)
        held = self.others[-1][1] if self.others else self.changes
        following = _Stretch(to, tempo, changes or held)
        if not self.notes:
            following.events = [(part, to, event) for part, _, event in self.events]
        return following


def _chords(stretches: Iterable[_Stretch]) -> Iterator[ChordSpan]:
    """The chords that were played over, a chord that goes on as one."""
    for each in stretches:
        begin = Ticks(max(each.start, 0))
        over = [(begin, each.changes), *((max(tick, begin), it) for tick, it in each.others)]
        ends = [*(tick for tick, _ in over[1:]), each.end]
        if each.ended is not None:
            last, chord = each.ended
            over = [(tick, changes) for tick, changes in over if tick < last]
            ends = [*(tick for tick, _ in over[1:]), last]
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


def _marks(stretches: Iterable[_Stretch]) -> Iterator[FormMark]:
    """Where the choruses and sections begin, and where the music comes in."""
    for each in stretches:
        end = each.end if each.ended is None else min(each.end, each.ended.tick)
        for mark in marks_between(each.changes, each.start, Ticks(end)):
            yield replace(mark, tick=Ticks(mark.tick + each.offset))


def _moved(span: ChordSpan, by: Ticks) -> ChordSpan:
    return ChordSpan(Ticks(span.start + by), Ticks(span.end + by), span.chord)


def _placed(stretches: list[_Stretch]) -> list[_Stretch]:
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


def _meters(stretches: Iterable[_Stretch], lines: Iterable[Ticks]) -> Iterator[Bar]:
    """The changes of meter; the bars of each stretch go from its line to the next."""
    meter = None
    for each, (line, following) in zip(stretches, pairwise(lines), strict=True):
        start, end = Ticks(line - each.offset), Ticks(following - each.offset)
        for bar in meters_between(each.changes, start, end):
            if bar.meter != meter:
                meter = bar.meter
                yield Bar(Ticks(bar.start + each.offset), meter)


def _tempi(stretches: Iterable[_Stretch]) -> Iterator[tuple[Ticks, int]]:
    for i, each in enumerate(stretches):
        begin = each.start if i else Ticks(-each.offset)
        for tick, tempo in fitted(anchors(each.tempi or [each.before], begin, each.end)):
            yield Ticks(tick + each.offset), tempo


def _parts(
    stretches: Iterable[_Stretch], names: Mapping[int, str], pace: Pace | None
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
