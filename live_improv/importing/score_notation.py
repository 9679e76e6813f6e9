"""How a bar is written: which notes and rests, dotted, tied and in triplets, fill it.

A bar is cut into cells of a beat or a part of one. In a cell whose notes stand on even parts of it
all is written plainly; in any other it is written as a triplet, three in the time of two. On the
grid of 12 a beat nothing else occurs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from live_improv.music.timing import PPQ, Ticks

TICKS_OF_TYPE = {
    "whole": 4 * PPQ,
    "half": 2 * PPQ,
    "quarter": PPQ,
    "eighth": PPQ // 2,
    "16th": PPQ // 4,
    "32nd": PPQ // 8,
    "64th": PPQ // 16,
}
"""The note types of MusicXML, and their lengths in ticks without dots."""

_EVEN = TICKS_OF_TYPE["32nd"]
"""What is a multiple of this is written without triplets."""

_ON_BEATS = ((1920, "whole", 0), (1440, "half", 1), (960, "half", 0), (720, "quarter", 1))
_IN_BEAT = (
    (480, "quarter", 0),
    (360, "eighth", 1),
    (240, "eighth", 0),
    (180, "16th", 1),
    (120, "16th", 0),
    (90, "32nd", 1),
    (60, "32nd", 0),
    (30, "64th", 0),
)


class NotationError(ValueError):
    """Something stands where no note value leads to."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A note or a rest in a bar, from `start` up to `end`, in ticks from the bar's beginning."""

    start: Ticks
    end: Ticks


@dataclass(frozen=True, slots=True)
class Sign:
    """One written note or rest.

    Attributes:
        start, length: in ticks, from the beginning of the bar.
        type: one of `TICKS_OF_TYPE`.
        triplet: it lasts two thirds of what its type and dots say.
        opens, closes: a triplet begins, or ends, with it.
    """

    start: Ticks
    length: Ticks
    type: str
    dots: int
    triplet: bool = False
    opens: bool = False
    closes: bool = False


@dataclass(frozen=True, slots=True)
class _Cell:
    start: int
    end: int
    triplet: bool


def signs(bar: Sequence[Stretch]) -> list[list[Sign]]:
    """The signs of each stretch of a bar; those of one note are tied.

    Args:
        bar: in order, without gaps, from 0; at least one.

    Raises:
        NotationError: a boundary is not a multiple of 20 ticks.
    """
    edges = sorted({bar[0].start, *(stretch.end for stretch in bar)})
    cells = _cells(edges)
    found = [[sign for cell in cells for sign in _written(stretch, cell)] for stretch in bar]
    return [_bracketed(each, cells) for each in found]


def _cells(edges: Sequence[int]) -> list[_Cell]:
    """The cells of a bar; neighbours without triplets are one."""
    joined: list[_Cell] = []
    end = edges[-1]
    for beat in range(0, end, PPQ):
        for start, size in _halves(beat, min(beat + PPQ, end)):
            for cell in _cell(start, size, edges):
                if joined and not joined[-1].triplet and not cell.triplet:
                    joined[-1] = replace(joined[-1], end=cell.end)
                else:
                    joined.append(cell)
    return joined


def _halves(start: int, end: int) -> Iterator[tuple[int, int]]:
    """A beat, or what there is of it, in parts that are a beat, half a beat and so on long."""
    size = PPQ
    while start < end:
        if size < _EVEN // 2:
            raise NotationError(f"a bar that ends at tick {end}: expected a multiple of 30")
        if start + size <= end:
            yield start, size
            start += size
        else:
            size //= 2


def _cell(start: int, size: int, edges: Sequence[int]) -> Iterator[_Cell]:
    """A part of a beat, cut in two where a note begins in its middle and one part is a triplet."""
    inside = [edge - start for edge in edges if start < edge < start + size]
    if all(edge % _EVEN == 0 for edge in inside):
        yield _Cell(start, start + size, triplet=False)
    elif size // 2 in inside and size > _EVEN:
        yield from _cell(start, size // 2, edges)
        yield from _cell(start + size // 2, size // 2, edges)
    else:
        yield _Cell(start, start + size, triplet=True)


def _written(stretch: Stretch, cell: _Cell) -> Iterator[Sign]:
    """What is written of a stretch within a cell."""
    at, end = max(stretch.start, cell.start), min(stretch.end, cell.end)
    while at < end:
        if cell.triplet:
            nominal, name, dots = _largest((end - at) * 3 // 2, _IN_BEAT)
            length = nominal * 2 // 3
        elif at % PPQ:
            length, name, dots = _largest(min(end - at, PPQ - at % PPQ), _IN_BEAT)
        else:
            length, name, dots = _largest(end - at, _ON_BEATS + _IN_BEAT)
        yield Sign(Ticks(at), Ticks(length), name, dots, cell.triplet)
        at += length


def _largest(length: int, values: Sequence[tuple[int, str, int]]) -> tuple[int, str, int]:
    """The longest of some note values that is no longer than `length`."""
    for value in values:
        if value[0] <= length:
            return value
    raise NotationError(f"{length} ticks are shorter than any note: expected multiples of 20")


def _bracketed(written: Sequence[Sign], cells: Sequence[_Cell]) -> list[Sign]:
    """The signs, with the first and the last of each triplet marked."""
    starts = {cell.start for cell in cells if cell.triplet}
    ends = {cell.end for cell in cells if cell.triplet}
    return [
        replace(
            sign,
            opens=sign.triplet and sign.start in starts,
            closes=sign.triplet and sign.start + sign.length in ends,
        )
        for sign in written
    ]
