"""The form of a take: which bars it has, and which of them stand on a line of the picture.

A take may say where its choruses and sections begin (`music.form_marks`), or a chart that is given
does, or else its chords do, where they come round. Where nothing does, lines are of 16 bars.

Conventions
    Bars are counted from 1 at the top of the first chorus; those of a pickup have 0 and less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from live_improv.midi.reader import ChordMark
from live_improv.music.changes import Bar, Changes, ChordSpan, end_to_end
from live_improv.music.form_marks import FEWEST_BARS, FormMark
from live_improv.music.score import chords_between
from live_improv.music.timing import Meter, Ticks

USUAL_BARS = 16
"""Bars on a line where the form is not known, and about as many where it is shorter than that."""

MAX_BARS = 40
"""A longer chorus takes several lines."""

ENDING = 2
"""So many bars after the last chorus, at most, are its ending and stand on its line."""

_AT_LEAST = 8  # bars on a line, where there are so many
_PICKUP = 4  # bars before the first chorus that stand on its line, at most
_LONGEST_FORM = 96  # bars looked at for chords that come round
_SAME = 0.9  # of the bars that have to have the same chords, one form later


@dataclass(frozen=True, slots=True)
class FormBar:
    """A bar of the take and what begins with it.

    Attributes:
        number: from 1 at the top of the first chorus.
        chorus: the chorus that begins here, from 1, or None.
        section: the name of the section that begins here, empty where none does.
    """

    start: Ticks
    meter: Meter
    number: int = 1
    chorus: int | None = None
    section: str = ""

    @property
    def end(self) -> Ticks:
        """The first tick of the next bar."""
        return Ticks(self.start + self.meter.bar_ticks)


def bars_of(meters: Sequence[Bar], last: Ticks) -> tuple[Bar, ...]:
    """The bars from the beginning of a file to the one that `last` is in.

    Args:
        meters: the bars at which the meter changes, the first one at tick 0.
    """
    bars, at, changes = [], Ticks(0), list(meters)
    meter = changes[0].meter
    while at <= last:
        while changes and changes[0].start <= at:
            meter = changes.pop(0).meter
        bars.append(Bar(at, meter))
        at = Ticks(at + meter.bar_ticks)
    return tuple(bars)


def changes_of(
    marks: Sequence[ChordMark], bars: tuple[Bar, ...], chart: Changes | None = None
) -> Changes:
    """The whole file as one chorus: each chord up to the next one, and none before the first.

    Where the file has no chords they are those of the chart, whose first bar is the file's.
    """
    end = Ticks(bars[-1].start + bars[-1].meter.bar_ticks)
    if not marks and chart is not None:
        return Changes(tuple(chords_between(chart, Ticks(0), end)), bars)
    return Changes(end_to_end(((mark.tick, mark.chord) for mark in marks), end), bars)


def form_of(
    changes: Changes, marks: Sequence[FormMark] = (), chart: Changes | None = None
) -> tuple[FormBar, ...]:
    """The bars of a take with what is known of its form.

    Args:
        changes: the whole take, as `changes_of` makes it.
        marks: those of the file; they come first.
        chart: one chorus; it begins where the first chord of the file does.
    """
    bars = [FormBar(bar.start, bar.meter) for bar in changes.bars]
    first = _first_chord(changes)
    if marks:
        begins = dict(_marked(changes, marks))
        first = min((i for i, (chorus, _) in begins.items() if chorus is not None), default=first)
    elif chart is not None:
        begins = dict(_charted(chart, first, len(bars)))
    else:
        length = _comes_round(changes, first)
        begins = {i: (n + 1, "") for n, i in enumerate(_steps(first, len(bars), length))}
    found = []
    for i, bar in enumerate(bars):
        chorus, section = begins.get(i, (None, ""))
        found.append(replace(bar, number=i - first + 1, chorus=chorus, section=section))
    return tuple(found)


def led_in(changes: Changes, form: Sequence[FormBar]) -> Changes:
    """The changes with chords under a pickup: as everywhere here, it lies over the end of the form.

    Where the form does not come again in the take, it lies over its first chord.
    """
    first = next((i for i, bar in enumerate(form) if bar.number == 1), 0)
    pickup = form[first].start
    if not 0 < first <= _PICKUP or changes.chords[0].chord.root is not None:
        return changes
    kept = [replace(s, start=max(s.start, pickup)) for s in changes.chords if s.end > pickup]
    tops = [bar.start for bar in form if bar.chorus is not None]
    if len(tops) < 2:
        return replace(changes, chords=(ChordSpan(Ticks(0), pickup, kept[0].chord), *kept))
    end, since = tops[1], tops[1] - pickup
    over = (
        ChordSpan(Ticks(max(s.start - since, 0)), Ticks(min(s.end, end) - since), s.chord)
        for s in changes.chords
        if s.start < end and s.end > since
    )
    return replace(changes, chords=(*over, *kept))


def _first_chord(changes: Changes) -> int:
    """The bar in which the first chord begins, 0 where there is none."""
    named = (span.start for span in changes.chords if span.chord.root is not None)
    return changes.bar_index(next(named, Ticks(0)))


_Begins = tuple[int | None, str]
"""The chorus and the section that begin."""


def _marked(changes: Changes, marks: Iterable[FormMark]) -> Iterator[tuple[int, _Begins]]:
    """What begins with which bar, as the marks of the file have it."""
    before = None
    for mark in marks:
        if mark.tick >= changes.length:
            return
        top = mark.bar == 1 or mark.chorus != before
        yield changes.bar_index(mark.tick), (mark.chorus if top else None, mark.section)
        before = mark.chorus


def _charted(chart: Changes, first: int, count: int) -> Iterator[tuple[int, _Begins]]:
    """The same, as a chart has it that begins with bar `first`."""
    sections = {chart.bar_index(part.start): part.name for part in chart.sections}
    for i in range(first, count):
        chorus, bar = divmod(i - first, len(chart.bars))
        if bar == 0 or bar in sections:
            yield i, (chorus + 1 if bar == 0 else None, sections.get(bar, ""))


def _steps(first: int, count: int, length: int | None) -> range:
    return range(first, count, length) if length else range(0)


def _comes_round(changes: Changes, first: int) -> int | None:
    """How many bars the form has whose chords come round, None where they do not.

    Half a form has to come again, so that the last A of AABA is no new chorus.
    """
    bars = [_chords_in(changes, bar) for bar in changes.bars[first:]]
    for length in range(FEWEST_BARS, min(_LONGEST_FORM, len(bars) - 1) + 1):
        again = len(bars) - length
        same = sum(a == b for a, b in zip(bars, bars[length:], strict=False))
        if 2 * again >= length and same >= _SAME * again:
            return length if len(set(bars[:length])) > 1 else None
    return None


def _chords_in(changes: Changes, bar: Bar) -> tuple[tuple[int, str], ...]:
    """The chords of a bar and where in it they begin."""
    found: list[tuple[int, str]] = []
    at, end = bar.start, bar.start + bar.meter.bar_ticks
    while at < end:
        span = changes.chords[changes.span_index(at)]
        if not found or found[-1][1] != span.chord.symbol:
            found.append((at - bar.start, span.chord.symbol))
        at = span.end
    return tuple(found)


def lines_of(
    bars: Sequence[FormBar], heard: Ticks | None = None
) -> tuple[tuple[FormBar, ...], ...]:
    """The bars, line by line: a chorus a line as far as that can be read.

    Several short choruses share a line and a long one is divided, at its sections where it has
    some. A pickup and a short ending stand on the line of the chorus they belong to.

    Args:
        heard: the end of the last note that is shown; an ending after it is left out.
    """
    tops = [i for i, bar in enumerate(bars) if bar.chorus is not None]
    if not tops:
        return tuple(_divided(bars))
    cuts = [0 if tops[0] <= _PICKUP else tops[0], *tops[1:], len(bars)]
    lines: list[tuple[FormBar, ...]] = []
    if cuts[0]:
        lines += _divided(bars[: cuts[0]])
    for start, end in pairwise(cuts):
        chorus = tuple(bars[start:end])
        room = MAX_BARS - len(lines[-1]) if start > cuts[0] else 0
        if end == len(bars) and len(chorus) <= min(ENDING, room):
            if heard is not None and heard <= chorus[0].start:
                continue
            # An ending is no chorus, whatever the form says of its bar.
            lines[-1] += tuple(replace(bar, chorus=None, section="") for bar in chorus)
        elif len(chorus) <= room - MAX_BARS + USUAL_BARS:
            lines[-1] += chorus
        else:
            lines += _divided(chorus)
    return tuple(lines)


def _divided(bars: Sequence[FormBar]) -> Iterator[tuple[FormBar, ...]]:
    """A chorus, or bars of no form, in lines that are not too long."""
    known = any(bar.chorus is not None for bar in bars)
    if len(bars) <= (MAX_BARS if known else USUAL_BARS + 4):
        yield tuple(bars)
        return
    sections = [i for i, bar in enumerate(bars) if i and bar.section]
    start = 0
    while len(bars) - start > (MAX_BARS if known else USUAL_BARS + ENDING):
        fits = [i for i in sections if start + _AT_LEAST <= i <= start + MAX_BARS]
        # Halves of a chorus, in whole fours; or the section nearest to the usual line.
        half = -(-len(bars) // (2 * 4)) * 4 if known and len(bars) <= 2 * MAX_BARS else USUAL_BARS
        aim = start + half
        cut = min(fits, key=lambda i: abs(i - aim), default=aim)
        yield tuple(bars[start:cut])
        start = cut
    yield tuple(bars[start:])


def cropped(
    lines: Iterable[Sequence[FormBar]], first: int, last: int
) -> tuple[tuple[FormBar, ...], ...]:
    """The lines with only the bars from number `first` to number `last`, both inclusive."""
    kept = (tuple(bar for bar in line if first <= bar.number <= last) for line in lines)
    return tuple(line for line in kept if line)
