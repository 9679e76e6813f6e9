"""Written bars in the order they are played -> bars and chords over ticks.

A bar that a repeat or a double bar line cuts in two is put together again, in the order in which
its parts are played. A pickup, a first measure shorter than its time signature, completes the bar
before it: the last one of the form as well, which goes round. Where that bar is full without it,
the pickup lies over its end, as `Changes` has it, and is left out. A part of a bar that nothing
completes is a bar of its own if the file calls it `implicit`, and an error if not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from live_improv.charts.musicxml_bars import WrittenBar
from live_improv.charts.musicxml_harmony import NO_CHORD
from live_improv.charts.text import ChartError
from live_improv.music.changes import Bar, ChordSpan, Section
from live_improv.music.chords import parse_chord
from live_improv.music.timing import PPQ, Meter, Ticks


@dataclass(frozen=True, slots=True)
class PlayedBar:
    """A bar of the form, and the name of the section that begins with it, if one does."""

    bar: WrittenBar
    section: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """What `Changes` is made of."""

    chords: tuple[ChordSpan, ...]
    bars: tuple[Bar, ...]
    sections: tuple[Section, ...]


def lay_out(played: Sequence[PlayedBar], pickup: WrittenBar | None) -> Layout:
    """Lay the bars of a form out in time; `pickup` is the first as written if it is one.

    Raises:
        ChartError: a bar is longer or shorter than its time signature, for no reason given.
    """
    starts: list[tuple[Ticks, str]] = []
    bars: list[Bar] = []
    sections: list[Section] = []
    at = Ticks(0)
    for each in _whole(_around(played, pickup)):
        meter = _meter_of(each.bar)
        bars.append(Bar(at, meter))
        if each.section is not None:
            sections.append(Section(at, each.section))
        starts += [(Ticks(at + tick), symbol) for tick, symbol in each.bar.chords]
        at = Ticks(at + meter.bar_ticks)
    if not bars:
        raise ChartError("the score has no bars besides a pickup")
    if not starts or starts[0][0] > 0:
        starts.insert(0, (Ticks(0), NO_CHORD))
    ends = [*(start for start, _ in starts[1:]), at]
    return Layout(
        chords=tuple(
            ChordSpan(start, end, parse_chord(symbol))
            for (start, symbol), end in zip(starts, ends, strict=True)
        ),
        bars=tuple(bars),
        sections=tuple(sections),
    )


def _around(played: Sequence[PlayedBar], pickup: WrittenBar | None) -> list[PlayedBar]:
    """The bars from bar 1 round to the end of the form, with the pickup where it completes one."""
    kept: list[PlayedBar] = []
    section: str | None = None
    for i, each in enumerate(played):
        if each.bar is pickup and (i == 0 or not _completes(kept[-1].bar, each.bar)):
            # Its section begins with the bar that it leads to.
            section = each.section if each.section is not None else section
            continue
        kept.append(
            each if section is None or each.section is not None else replace(each, section=section)
        )
        section = None
    if pickup is not None and kept and _completes(kept[-1].bar, pickup):
        kept.append(PlayedBar(pickup, None))
    return kept


def _whole(played: Sequence[PlayedBar]) -> list[PlayedBar]:
    """The bars, with the parts of one put together."""
    whole: list[PlayedBar] = []
    for each in played:
        before = whole[-1].bar if whole else None
        if before is not None and _completes(before, each.bar):
            whole[-1] = replace(whole[-1], bar=_joined(before, each.bar))
        else:
            whole.append(each)
    return whole


def _completes(bar: WrittenBar, part: WrittenBar) -> bool:
    """Whether `part` brings the part of a bar before it nearer to a whole one."""
    full = bar.meter.bar_ticks
    return part.length < part.meter.bar_ticks and bar.length + part.length <= full


def _joined(bar: WrittenBar, part: WrittenBar) -> WrittenBar:
    """One bar of the two."""
    moved = tuple((Ticks(bar.length + tick), symbol) for tick, symbol in part.chords)
    return replace(
        bar,
        length=Ticks(bar.length + part.length),
        implicit=bar.implicit or part.implicit,
        chords=bar.chords + moved,
    )


def _meter_of(bar: WrittenBar) -> Meter:
    """The meter of a bar: its own, or one that is as long as a part of a bar."""
    if bar.length == bar.meter.bar_ticks:
        return bar.meter
    if bar.implicit:
        for denominator in (bar.meter.denominator, 8, 16, 32):
            numerator, rest = divmod(bar.length * denominator, 4 * PPQ)
            if not rest and 0 < numerator <= 32:
                return Meter(numerator, denominator)
    raise ChartError(
        f"{bar.name} has {bar.length / PPQ:g} quarters: expected {bar.meter.bar_ticks / PPQ:g}, "
        f"as {bar.meter} has"
    )
