"""Written bars in the order they are played -> bars and chords over ticks.

A bar that a repeat or a double bar line cuts in two is put together again, in the order in which
its parts are played. A pickup, a first measure shorter than its time signature, completes the bar
before it: the last one of the form as well, which goes round. Where that bar is full without it,
the pickup lies over its end, as `Changes` has it, and is left out. A section that begins with such
a part of a bar begins with the bar that it leads to. A part of a bar that nothing completes is a
bar of its own if the file calls it `implicit`, and an error if not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from live_improv.charts.layout import PlayedBar, Start
from live_improv.charts.musicxml_bars import WrittenBar
from live_improv.charts.text import ChartError
from live_improv.music.chords import parse_chord
from live_improv.music.timing import PPQ, Meter, Ticks


@dataclass(frozen=True, slots=True)
class Turn:
    """A written bar when it is its turn, and the name of the section that begins with it."""

    bar: WrittenBar
    section: str | None


def whole_bars(turns: Sequence[Turn], pickup: WrittenBar | None) -> list[PlayedBar]:
    """The bars of a form; `pickup` is the first written bar if it is one.

    Raises:
        ChartError: a bar is longer or shorter than its time signature, for no reason given.
    """
    return [
        PlayedBar(
            meter=_meter_of(turn.bar),
            starts=tuple(Start(tick, parse_chord(symbol)) for tick, symbol in turn.bar.chords),
            section=turn.section,
        )
        for turn in _whole(_around(turns, pickup))
    ]


def _around(turns: Sequence[Turn], pickup: WrittenBar | None) -> list[Turn]:
    """The bars from bar 1 round to the end of the form, with the pickup where it completes one.

    Where it is left out, a chord that it holds over into the bar after it begins with that bar.
    """
    kept: list[Turn] = []
    held: str | None = None
    section: str | None = None
    for turn in turns:
        if turn.bar is pickup and not (kept and _completes(kept[-1].bar, turn.bar)):
            held = turn.bar.chords[-1][1] if turn.bar.chords else None
            section = turn.section if turn.section is not None else section
            continue
        if held is not None and (not turn.bar.chords or turn.bar.chords[0][0] > 0):
            turn = replace(turn, bar=replace(turn.bar, chords=((Ticks(0), held), *turn.bar.chords)))
        kept.append(_begun(turn, section))
        held = section = None
    if pickup is not None and kept and _completes(kept[-1].bar, pickup):
        kept.append(Turn(pickup, None))
    return kept


def _begun(turn: Turn, section: str | None) -> Turn:
    """The turn with the section that a part of a bar before it has begun, if none begins here."""
    return turn if turn.section is not None else replace(turn, section=section)


def _whole(turns: Sequence[Turn]) -> list[Turn]:
    """The bars, with the parts of one put together."""
    whole: list[Turn] = []
    section: str | None = None
    for turn in turns:
        if whole and _completes(whole[-1].bar, turn.bar):
            whole[-1] = replace(whole[-1], bar=_joined(whole[-1].bar, turn.bar))
            section = turn.section if turn.section is not None else section
        else:
            whole.append(_begun(turn, section))
            section = None
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
