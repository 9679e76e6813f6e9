"""Written measures in the order in which they are played -> bars, chords and notes in time.

A measure shorter than its meter is the beginning of a bar, or completes one where a repeat sign or
`implicit` says so; the first one is a pickup, the end of a bar. A written note is one or several
heads with ties between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from live_improv.charts.musicxml_bars import WrittenBar
from live_improv.charts.musicxml_marks import Marks
from live_improv.importing.imported import NotUnderstood
from live_improv.importing.lines import Sounding
from live_improv.music.changes import Bar, Section
from live_improv.music.solos import MAX_BEATS, Played
from live_improv.music.timing import GRID_TICKS, PPQ, Meter, Ticks
from live_improv.training.score_lines import ScoreNote

MAX_PLAYED = 100_000
"""Most notes, with repeats."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A measure when it is its turn.

    Attributes:
        index: which measure it is, from 0.
        bar: its meter, length and chords.
        marks: its repeat signs and section.
        notes: those of the melody.
    """

    index: int
    bar: WrittenBar
    marks: Marks
    notes: Sequence[ScoreNote]


@dataclass
class Timeline:
    """What has been laid out so far; a bar in the making begins at `opened`."""

    bars: list[Bar] = field(default_factory=list)
    chords: dict[Ticks, str] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)
    heads: list[tuple[Ticks, ScoreNote]] = field(default_factory=list)
    filled_up: int = 0
    end: Ticks = field(default=Ticks(0))
    filled: int = 0
    _last: Turn | None = None

    def lay(self, turns: Sequence[Turn]) -> None:
        """Lay all measures out.

        Raises:
            NotUnderstood: a measure is longer than its meter, and than any, or there are too many.
        """
        for turn in turns:
            self._put(turn, self._place(turn))
            self._last = turn
            if self.end > MAX_BEATS * PPQ:
                raise NotUnderstood(f"a solo of more than {MAX_BEATS} beats")
            if len(self.heads) > MAX_PLAYED:
                raise NotUnderstood(f"a solo of more than {MAX_PLAYED} notes, with its repeats")
        self._close()

    def _place(self, turn: Turn) -> Ticks:
        """Where a measure begins."""
        length, full = turn.bar.length, turn.bar.meter.bar_ticks
        if self.filled and self._joins(turn):
            at = Ticks(self.bars[-1].start + self.filled)
            self.filled += length
            if self.filled == full:
                self.filled = 0
            return at
        self._close()
        at = self.end
        if length < full and self._last is None:
            self._open(turn.bar.meter)
            return Ticks(at + full - length)
        if length < full:
            self._open(turn.bar.meter)
            self.filled = length
            return at
        self._open(turn.bar.meter if length == full else _meter(turn.bar))
        return at

    def _joins(self, turn: Turn) -> bool:
        """Whether a measure completes the bar that the one before it has begun."""
        before = self._last
        if before is None or before.bar.meter != turn.bar.meter:
            return False
        if self.filled + turn.bar.length > turn.bar.meter.bar_ticks:
            return False
        return (
            before.bar.implicit
            or turn.bar.implicit
            or turn.index != before.index + 1
            or bool(before.marks.times or before.marks.stops)
            or turn.marks.forward
            or bool(turn.marks.starts)
        )

    def _open(self, meter: Meter) -> None:
        self.bars.append(Bar(self.end, meter))
        self.end = Ticks(self.end + meter.bar_ticks)

    def _close(self) -> None:
        """End a bar that was begun: a part of a bar that the file calls one, and that nothing
        completes, is a bar of its own, anything else is filled up with silence."""
        if not self.filled:
            return
        last = self.bars[-1]
        if self._last is not None and self._last.bar.implicit:
            meter = _of_length(self.filled, last.meter)
            if meter is not None:
                self.bars[-1] = Bar(last.start, meter)
                self.end = Ticks(last.start + meter.bar_ticks)
                self.filled = 0
                return
        self.filled_up += 1
        self.filled = 0

    def _put(self, turn: Turn, at: Ticks) -> None:
        """Put what stands in a measure at its place."""
        if turn.marks.section is not None:
            self.sections.append(Section(at, turn.marks.section))
        for tick, symbol in turn.bar.chords:
            self.chords[Ticks(at + tick)] = symbol
        self.heads += [(Ticks(at + note.at), note) for note in turn.notes]

    def line(self) -> list[Sounding]:
        """The notes, with tied heads as one."""
        line: list[Sounding] = []
        open_since: dict[int, tuple[int, Ticks]] = {}
        for at, head in self.heads:
            end = Ticks(at + max(head.length, 1))
            held = open_since.pop(head.pitch, None)
            if head.tied and held is not None and abs(held[1] - at) < GRID_TICKS:
                place = held[0]
                line[place] = line[place].until(Ticks(end + head.release))
            else:
                place = len(line)
                line.append(_sounding(at, end, head))
            if head.ties:
                open_since[head.pitch] = (place, end)
        return line


def _sounding(at: Ticks, end: Ticks, head: ScoreNote) -> Sounding:
    """A note as it stands, and as it was played where the head says that."""
    if head.attack is None:
        return Sounding(at, Ticks(max(end + head.release, at + 1)), head.pitch, None)
    onset = Ticks(at + head.attack)
    length = Ticks(max(end + head.release - onset, 1))
    return Sounding(at, Ticks(at + length), head.pitch, Played(onset, length, head.velocity))


def _meter(bar: WrittenBar) -> Meter:
    """The meter of a measure that is longer than its own."""
    meter = _of_length(bar.length, bar.meter)
    if meter is None:
        raise NotUnderstood(
            f"{bar.name} has {bar.length / PPQ:g} quarters: expected {bar.meter.bar_ticks / PPQ:g},"
            f" as {bar.meter} has"
        )
    return meter


def _of_length(length: int, like: Meter) -> Meter | None:
    """A meter as long as this, in the notes that `like` counts if it can be."""
    for denominator in (like.denominator, 4, 8, 16, 32):
        numerator, rest = divmod(length * denominator, 4 * PPQ)
        if not rest and 0 < numerator <= 32:
            return Meter(numerator, denominator)
    return None
