"""A take: what both players did, collected while they play and put on one time line after.

While the music runs a take only grows, and everything is appended at once to one list, so another
thread may ask for the score at any moment.

Conventions
    What comes in has ticks of the song, as the session counts them; what comes out has ticks of
    the file. They are the same as long as the transport runs through; see `stretches`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from live_improv.music.changes import Changes
from live_improv.music.chords import Chord
from live_improv.music.events import Event, NoteOff, NoteOn, Timed
from live_improv.music.score import (
    IMPROVISER,
    PLAYER,
    ChannelEvent,
    Pace,
    Score,
    paced,
)
from live_improv.music.timing import PPQ, Seconds, TempoChange, TempoMap, Ticks
from live_improv.performance.stretches import (
    Stretch,
    chords,
    marks,
    meters,
    parts,
    placed,
    tempi,
)
from live_improv.performance.take_entries import Ended, Entry, HeardAt, Jump, Over
from live_improv.performance.timeline import tempo_map

_SLACK = Seconds(0.0005)
"""A line of the clock that says nothing else than this of the present is left out."""

_WHILE = Ticks(PPQ // 2)
"""A line that was left out and held longer than this is put in after all."""


@dataclass(frozen=True, slots=True)
class Played:
    """An event of one of the players, and where the song was.

    Attributes:
        part: the name of the player's track, see `music.score`.
    """

    tick: Ticks
    event: Event
    part: str


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
        stretches = placed(self._stretches(pace))
        last = stretches[-1]
        if end is None:
            bar = last.changes.bar_at(Ticks(max(last.end - 1, last.start)))
            end = Ticks(bar.start + bar.meter.bar_ticks)
        last.end = max(last.end, end)
        length = Ticks(last.end + last.offset)
        lines = [*(each.line for each in stretches), max(length, Ticks(1))]
        return Score(
            length=length,
            tempo=tempo_map(tempi(stretches)),
            meters=tuple(meters(stretches, lines)),
            chords=tuple(chords(stretches)),
            parts=tuple(parts(stretches, self._parts, pace)),
            title=changes.title,
            key=changes.key,
            chord_track=self._chord_track,
            marks=tuple(marks(stretches)),
        )

    def _so_far(self) -> Iterator[Entry]:
        """What is in the log now, whatever comes meanwhile."""
        return islice(self._log, len(self._log))

    def _stretches(self, pace: Pace | None) -> list[Stretch]:
        """The parts between jumps that have notes, at least one part."""
        jumps, latest = self._latest
        here = Stretch(self._start, self._tempo[-1], self._changes, [*self._tempo])
        found: list[Stretch] = []
        leaving: Stretch | None = None
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
