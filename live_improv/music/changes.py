"""Changes: the chords of a tune over musical time, with its form.

Conventions
    A `Changes` is one chorus. Its ticks run from 0 up to, not including, `length`; any other
    tick is read modulo `length`, so the tune goes round for as long as it is played and a pickup
    (negative ticks) lies over the end of the form.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from live_improv.music.chords import Chord, parse_chord
from live_improv.music.timing import Meter, Ticks


class ChangesError(ValueError):
    """Changes that do not fill their bars."""


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord that sounds from `start` up to, not including, `end`."""

    start: Ticks
    end: Ticks
    chord: Chord


def end_to_end(starts: Iterable[tuple[Ticks, Chord]], end: Ticks) -> tuple[ChordSpan, ...]:
    """Spans that fill 0..`end`: each chord up to the next one, and none before the first.

    Args:
        starts: by tick, all different, none below 0; those from `end` on are left out.
    """
    inside = [(at, chord) for at, chord in starts if at < end]
    if not inside or inside[0][0] > 0:
        inside.insert(0, (Ticks(0), parse_chord("N.C.")))
    ends = [*(at for at, _ in inside[1:]), end]
    return tuple(
        ChordSpan(at, until, chord) for (at, chord), until in zip(inside, ends, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chorus: where it starts and its meter."""

    start: Ticks
    meter: Meter


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of the form, from `start` to the start of the next one."""

    start: Ticks
    name: str


@dataclass(frozen=True)
class Changes:
    """One chorus of chords over bars.

    Attributes:
        chords: at least one; the first starts at 0, each starts where the one before ends, the
            last ends at `length`.
        bars: at least one, likewise.
        sections: in order of `start`; empty for a form without names.
        length: ticks of one chorus.
        tempo: quarters a minute, or None where the chart names none.

    Raises:
        ChangesError: chords or bars leave a gap, overlap, or do not fill `length`.
    """

    chords: tuple[ChordSpan, ...]
    bars: tuple[Bar, ...]
    sections: tuple[Section, ...] = ()
    title: str = ""
    key: str = ""
    tempo: float | None = None
    style: str = ""
    form: str = ""
    length: Ticks = field(init=False)
    _chord_starts: tuple[Ticks, ...] = field(init=False, repr=False, compare=False)
    _bar_starts: tuple[Ticks, ...] = field(init=False, repr=False, compare=False)
    _section_starts: tuple[Ticks, ...] = field(init=False, repr=False, compare=False)
    _next: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.chords or not self.bars:
            raise ChangesError("changes need at least one bar and one chord")
        at = Ticks(0)
        for bar in self.bars:
            if bar.start != at:
                raise ChangesError(f"a bar starts at tick {bar.start}, expected {at}")
            at = Ticks(at + bar.meter.bar_ticks)
        object.__setattr__(self, "length", at)
        end = Ticks(0)
        for span in self.chords:
            if span.start != end or span.end <= span.start:
                raise ChangesError(
                    f"{span.chord.symbol} runs from tick {span.start} to {span.end}, "
                    f"expected it to start at {end}"
                )
            end = span.end
        if end != at:
            raise ChangesError(f"the chords end at tick {end}, the bars at {at}")
        object.__setattr__(self, "_chord_starts", tuple(span.start for span in self.chords))
        object.__setattr__(self, "_bar_starts", tuple(bar.start for bar in self.bars))
        object.__setattr__(self, "_section_starts", tuple(part.start for part in self.sections))
        object.__setattr__(self, "_next", self._index_next())

    def _index_next(self) -> tuple[int, ...]:
        """For each span, how many spans on the first other chord is (0: there is none)."""
        count = len(self.chords)
        steps = [0] * count
        # From the end, twice round, so that the last spans look on into the next chorus.
        for i in reversed(range(2 * count)):
            here, ahead = i % count, (i + 1) % count
            if self.chords[ahead].chord != self.chords[here].chord:
                steps[here] = 1
            elif steps[ahead]:
                steps[here] = steps[ahead] + 1
        return tuple(steps)

    def chorus_of(self, tick: Ticks) -> int:
        """The chorus that `tick` falls in, counted from 0; negative in a pickup."""
        return tick // self.length

    def span_index(self, tick: Ticks) -> int:
        """The index in `chords` of the span that sounds at `tick`."""
        return bisect_right(self._chord_starts, tick % self.length) - 1

    def chord_at(self, tick: Ticks) -> Chord:
        """The chord that sounds at `tick`."""
        return self.chords[self.span_index(tick)].chord

    def next_chord(self, tick: Ticks) -> tuple[Ticks, Chord]:
        """The next different chord after `tick`, and the tick at which it starts.

        Where the whole form is one chord, that chord at the top of the next chorus.
        """
        here = self.span_index(tick)
        chorus_start = tick - tick % self.length
        ahead = here + self._next[here]
        if ahead == here or ahead >= len(self.chords):
            chorus_start += self.length
        span = self.chords[ahead % len(self.chords) if ahead != here else 0]
        return Ticks(chorus_start + span.start), span.chord

    def bar_index(self, tick: Ticks) -> int:
        """The bar of the chorus that `tick` falls in, counted from 0."""
        return bisect_right(self._bar_starts, tick % self.length) - 1

    def bar_at(self, tick: Ticks) -> Bar:
        """The bar that `tick` falls in, at its place in time rather than in the first chorus."""
        within = tick % self.length
        bar = self.bars[bisect_right(self._bar_starts, within) - 1]
        return Bar(Ticks(tick - within + bar.start), bar.meter)

    def section_at(self, tick: Ticks) -> Section | None:
        """The section that `tick` falls in, or None before the first name."""
        index = bisect_right(self._section_starts, tick % self.length) - 1
        return self.sections[index] if index >= 0 else None

    def bars_ticks(self, count: int) -> Ticks:
        """The ticks that the first `count` bars take, going round the form as needed."""
        rounds, rest = divmod(count, len(self.bars))
        tail = self._bar_starts[rest] if rest else 0
        return Ticks(rounds * self.length + tail)
