"""`Changes` -> our own text format, as `text` reads it: four bars on a line, as on a lead sheet.

The form is written out as it is played, without repeats, so what is read back is equal. A bar is
divided into the fewest equal shares that put each chord where it starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from live_improv.charts.text import MAX_BARS, MAX_NAME, MAX_SHARES, MAX_TEXT, ChartError
from live_improv.music.changes import Bar, Changes
from live_improv.music.timing import Meter, Ticks

BARS_A_LINE = 4

_SYMBOL = re.compile(r"(?:\([^()|\[\]]*\)|[^\s|\[\]()])+")


class WritingError(ChartError):
    """Changes that the text format has no way to write."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A bar as it is written, and what stands above it; `section` and `meter` where they begin."""

    symbols: tuple[str, ...]
    section: str | None
    meter: Meter | None


def written(changes: Changes) -> str:
    """The chart as text: `text.parse` reads it as equal changes.

    Raises:
        WritingError: it cannot be written; the message names the bar, counted from 1 as played.
    """
    if len(changes.bars) > MAX_BARS:
        raise WritingError(f"{len(changes.bars)} bars: expected at most {MAX_BARS}")
    lines = [*_headers(changes), ""]
    lines += _music(list(_cells(changes)))
    text = "\n".join(lines) + "\n"
    if len(text) > MAX_TEXT:
        raise WritingError(f"{len(text)} characters: expected at most {MAX_TEXT}")
    return text


def _headers(changes: Changes) -> Iterator[str]:
    for name, value in (
        ("title", changes.title),
        ("key", changes.key),
        ("tempo", "" if changes.tempo is None else _number(changes.tempo)),
        ("time", str(changes.bars[0].meter)),
        ("style", changes.style),
        ("form", changes.form),
    ):
        if value != value.strip() or not value.isprintable() or len(value) > MAX_NAME:
            raise WritingError(f"{name} {value[:40]!r}: expected one line of {MAX_NAME} characters")
        if value:
            yield f"{name}: {value}"


def _number(value: float) -> str:
    """A number without an exponent, which reads as the same one."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def _cells(changes: Changes) -> Iterator[_Cell]:
    """The bars as they are written."""
    sections = {part.start: part.name for part in changes.sections}
    if len(sections) != len(changes.sections) or sections.keys() - {
        bar.start for bar in changes.bars
    }:
        raise WritingError("two sections begin at once, or one inside a bar")
    at = 0
    meter = changes.bars[0].meter
    before: tuple[str, ...] = ()
    for number, bar in enumerate(changes.bars, 1):
        end = bar.start + bar.meter.bar_ticks
        found: dict[Ticks, str] = {}
        while at < len(changes.chords) and changes.chords[at].start < end:
            span = changes.chords[at]
            found[Ticks(span.start - bar.start)] = _symbol(number, span.chord.symbol)
            at += 1
        symbols = _shares(number, bar, found)
        section = sections.get(bar.start)
        if section is not None and not _is_name(section):
            raise WritingError(f"bar {number}: section {section[:40]!r} cannot be written")
        changed = bar.meter != meter
        same = symbols == before and symbols[0] != "/"
        yield _Cell(("%",) if same else symbols, section, bar.meter if changed else None)
        before, meter = symbols, bar.meter


def _is_name(section: str) -> bool:
    """Whether a section can be called that."""
    return (
        section == section.strip()
        and section.isprintable()
        and len(section) <= MAX_NAME
        and not set(section) & set("|[]")
    )


def _symbol(number: int, symbol: str) -> str:
    """A chord symbol that reads as one."""
    if not _SYMBOL.fullmatch(symbol) or symbol.startswith("#"):
        raise WritingError(f"bar {number}: chord {symbol!r} cannot be written without its spaces")
    return symbol


def _shares(number: int, bar: Bar, found: dict[Ticks, str]) -> tuple[str, ...]:
    """The symbols of a bar in which these chords start."""
    length = bar.meter.bar_ticks
    for count in range(max(len(found), 1), MAX_SHARES + 1):
        places = [share * length // count for share in range(count)]
        if found.keys() <= set(places):
            return tuple(found.get(Ticks(place), "/") for place in places)
    raise WritingError(
        f"bar {number}: a chord starts where no division of the bar by up to {MAX_SHARES} does"
    )


def _music(cells: list[_Cell]) -> Iterator[str]:
    """The lines of the bars, with columns below each other."""
    rows: list[list[_Cell]] = []
    for cell in cells:
        if not rows or len(rows[-1]) == BARS_A_LINE or cell.section is not None or cell.meter:
            rows.append([])
        rows[-1].append(cell)
    texts = [[" ".join(cell.symbols) for cell in row] for row in rows]
    widths = [
        max((len(row[place]) for row in texts if place < len(row)), default=0)
        for place in range(BARS_A_LINE)
    ]
    for row, shown in zip(rows, texts, strict=True):
        if row[0].meter:
            yield f"time: {row[0].meter}"
        if row[0].section is not None:
            yield f"[{row[0].section}]"
        bars = " | ".join(text.ljust(width) for text, width in zip(shown, widths, strict=False))
        yield f"| {bars} |"
