"""Bars as they are played -> `Changes`: the last step of every reader but `text`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from live_improv.charts.text import MAX_BARS, MAX_NAME, ChartError
from live_improv.music.changes import Bar, Changes, Section, end_to_end
from live_improv.music.chords import Chord
from live_improv.music.timing import Meter, Ticks


@dataclass(frozen=True, slots=True)
class Start:
    """A chord that starts `offset` ticks into its bar."""

    offset: Ticks
    chord: Chord


@dataclass(frozen=True, slots=True)
class PlayedBar:
    """One bar of the chorus; where nothing starts at its head, the chord before holds.

    Attributes:
        starts: by offset, all different and inside the bar.
        section: the name of the section that begins here, or None.
    """

    meter: Meter
    starts: tuple[Start, ...]
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """What a chart says above its bars."""

    title: str = ""
    key: str = ""
    tempo: float | None = None
    style: str = ""


def lay_out(bars: Sequence[PlayedBar], heading: Heading) -> Changes:
    """Lay bars out in time. Before the first chord nothing sounds (N.C.).

    Raises:
        ChartError: there are no bars, or too many.
    """
    if not bars:
        raise ChartError("the chart has no bars")
    if len(bars) > MAX_BARS:
        raise ChartError(f"the chart has too many bars: expected at most {MAX_BARS}")
    starts: list[tuple[Ticks, Chord]] = []
    measures: list[Bar] = []
    sections: list[Section] = []
    at = Ticks(0)
    for bar in bars:
        measures.append(Bar(at, bar.meter))
        if bar.section is not None:
            sections.append(Section(at, bar.section))
        starts += [(Ticks(at + start.offset), start.chord) for start in bar.starts]
        at = Ticks(at + bar.meter.bar_ticks)
    return Changes(
        chords=end_to_end(starts, at),
        bars=tuple(measures),
        sections=tuple(sections),
        title=heading.title,
        key=heading.key,
        tempo=heading.tempo,
        style=heading.style,
    )


def plain_text(text: str) -> str:
    """A title or another name as one line that our own charts can hold: what cannot be shown, the
    signs of a chart (`|`, `[`, `]`) and what is over `MAX_NAME` characters is left out."""
    shown = "".join(sign if sign.isprintable() and sign not in "|[]" else " " for sign in text)
    return " ".join(shown[: 2 * MAX_NAME].split())[:MAX_NAME].strip()
