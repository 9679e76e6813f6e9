"""The page of a picture: how large everything is, and where it stands.

Conventions
    Lengths are points, 72 to the inch, from the lower left corner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from live_improv.music.timing import PPQ, Ticks
from live_improv.view.plot_legend import Key, keys
from live_improv.view.plot_letters import Letters
from live_improv.view.plot_model import Block, Picture, System
from live_improv.view.plot_parts import Who
from live_improv.view.plot_text import Symbol, chord_symbol

Shape = list[tuple[float, float]]
"""The corners of a note."""

TITLE = 30.0
"""From the top to the base line of the title."""

KEY_SIZE, KEY_ROOM = 10.0, 19.0
"""In the legend the size of letters, and the width of a note before them."""

_LEFT, _RIGHT, _BOTTOM = 40.0, 20.0, 10.0
_KEY_ROW, _KEY_GAP, _UNDER = 17.0, 16.0, 18.0  # of the legend: a row, between keys, below it
_LEAST_WIDTH, _MOST_WIDTH = 800.0, 1400.0  # of the widest line
_QUARTER, _WIDEST_QUARTER = 9.5, 30.0  # widths: what is wanted, and the most
_SEMITONE = 4.2
_SECTIONS, _CHORDS, _NUMBERS, _GAP = 16.0, 17.0, 10.0, 12.0  # heights around a roll
_CHORD, _LEAST_CHORD = 12.0, 5.0  # sizes of chord symbols: the usual one, and the least
_CROWDED = 0.1  # the share of the chord symbols that may be smaller than the others
_FULL_SIZE, _LARGEST = 1000.0, 1.2  # wider pages have larger words and notes, up to so much
_DRUM_ROW = 5.0
_DRUM_ROWS = ((35, 36), (37, 38, 39, 40), (41, 43, 45, 47, 48, 50), (42, 44, 46))
"""From the lowest up: kick, snare, toms, hi-hat; all else, the cymbals, is above."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where things are.

    Attributes:
        quarter: the width of one.
        before: the width of what stands left of where choruses begin.
        unit: how much larger words, notes and heights are than the constants say.
        chord: the size of most chord symbols.
        short: whether they are set with signs.
    """

    picture: Picture
    letters: Letters
    quarter: float
    before: float
    unit: float
    chord: float
    short: bool
    drums: bool

    @classmethod
    def of(cls, picture: Picture, letters: Letters) -> Page:
        """A page that is wide enough for the longest line and for most chords."""
        before = max(system.top - system.start for system in picture.systems) / PPQ
        quarters = before + max(system.end - system.top for system in picture.systems) / PPQ
        drums = any(b.who is Who.DRUMS for system in picture.systems for b in system.blocks)
        most = _usual_size(picture, letters, short=False)
        wanted = quarters * max(_QUARTER, _CHORD / most)
        quarter = min(max(wanted, _LEAST_WIDTH), _MOST_WIDTH) / quarters
        quarter = min(quarter, _WIDEST_QUARTER)
        unit = min(max(quarters * quarter / _FULL_SIZE, 1.0), _LARGEST)
        # Signs are harder to read than words, so they are only for where words have no room.
        short = most * quarter < _CHORD * unit
        if short:
            most = _usual_size(picture, letters, short=True)
        chord = min(most * quarter, _CHORD * unit)
        return cls(picture, letters, quarter, before * quarter, unit, chord, short, drums)

    @property
    def width(self) -> float:
        """The width of it all."""
        after = max(system.end - system.top for system in self.picture.systems) / PPQ
        line = max(self.before + after * self.quarter, _LEAST_WIDTH)
        return line + self.unit * (_LEFT + _RIGHT)

    @property
    def height(self) -> float:
        """The height of it all."""
        lines = len(self.picture.systems) * self.line_height
        return self.head + lines + self.unit * _BOTTOM

    @property
    def head(self) -> float:
        """The height of the title and the legend."""
        *_, (_, _, below) = self.legend()
        return below + self.unit * _UNDER

    def legend(self) -> Iterator[tuple[Key, float, float]]:
        """Each key, where it stands, and its base line below the top of the page.

        Where there is no room for all in one row, the players have a row of their own.
        """
        x, below = self.left, self.unit * (TITLE + 1.4 * _KEY_ROW)
        found = [(key, self._key_width(key)) for key in keys(self.picture)]
        one_row = sum(width for _, width in found) <= self.width - self.left
        players_begin = next((key for key, _ in found if key.of_player), None)
        for key, width in found:
            full = x + width > self.width
            if x > self.left and (full or (key is players_begin and not one_row)):
                x, below = self.left, below + self.unit * _KEY_ROW
            yield key, x, below
            x += width

    def _key_width(self, key: Key) -> float:
        words = self.letters.width(key.words, KEY_SIZE * self.unit)
        return words + self.unit * (KEY_ROOM + _KEY_GAP)

    @property
    def left(self) -> float:
        """Where the lines begin."""
        return self.unit * _LEFT

    @property
    def row(self) -> float:
        """The height of a semitone."""
        return self.unit * _SEMITONE

    @property
    def roll(self) -> float:
        """The height of a piano roll."""
        return (self.picture.high - self.picture.low + 1) * self.row

    @property
    def drum_height(self) -> float:
        """The height of the drums' rows, 0 where there are none."""
        return self.unit * _DRUM_ROW * (len(_DRUM_ROWS) + 1.5) if self.drums else 0.0

    @property
    def line_height(self) -> float:
        """From one line to the next."""
        words = _SECTIONS + _CHORDS + _NUMBERS + _GAP
        return self.roll + self.drum_height + self.unit * words


@dataclass(frozen=True, slots=True)
class Staff:
    """Where a line of the picture is: `top` is the upper edge of its piano roll."""

    page: Page
    system: System
    number: int
    top: float

    @classmethod
    def of(cls, page: Page, number: int) -> Staff:
        """The line with that number, from 0."""
        above = page.head + number * page.line_height + page.unit * (_SECTIONS + _CHORDS)
        return cls(page, page.picture.systems[number], number, page.height - above)

    def x(self, tick: Ticks) -> float:
        """Where a tick is."""
        quarters = (tick - self.system.top) / PPQ
        return self.page.left + self.page.before + quarters * self.page.quarter

    def y(self, pitch: float) -> float:
        """The middle of a pitch's row."""
        return self.top - (self.page.picture.high - pitch + 0.5) * self.page.row

    @property
    def words(self) -> float:
        """The base line of what stands over the chords."""
        return self.top + self.page.unit * (_CHORDS + 4)

    def set_chords(self) -> Iterator[tuple[Ticks, Symbol, float]]:
        """Where the chord symbols stand, how they are set, and their sizes."""
        page = self.page
        for name, room in zip(self.system.chords, _rooms(self.system), strict=True):
            symbol = chord_symbol(name.symbol, short=page.short)
            for each in (symbol, symbol.stacked()):
                size = room * page.quarter / page.letters.chord_width(each)
                if size >= page.chord:
                    break
            yield name.at, each, max(min(page.chord, size), _LEAST_CHORD)

    @property
    def bottom(self) -> float:
        """The lower edge of the piano roll."""
        return self.top - self.page.roll

    @property
    def foot(self) -> float:
        """The lower edge of the drums, or of the roll where there are none."""
        return self.bottom - self.page.drum_height

    def hit(self, block: Block) -> Shape:
        """The corners of a stroke of the drums, in the row of its drum."""
        rows = (row for row, pitches in enumerate(_DRUM_ROWS) if block.pitch in pitches)
        unit, x = self.page.unit, self.x(block.start)
        low = self.foot + unit * (0.25 + next(rows, len(_DRUM_ROWS))) * _DRUM_ROW
        high, right = low + 0.75 * unit * _DRUM_ROW, x + 1.8 * unit
        return [(x, low), (x, high), (right, high), (right, low)]

    def corners(self, block: Block, inset: float = 0.0) -> Shape:
        """The corners of a note; a hair is left before the next one."""
        left, right = self.x(block.start), self.x(block.end) - 0.4
        right = max(right, left + 1.4)
        half = 0.47 * self.page.row - inset
        middle = self.y(block.pitch)
        left, right = left + inset, right - inset
        return [
            *((left, middle - half), (left, middle + half)),
            *((right, middle + half), (right, middle - half)),
        ]


def _rooms(system: System) -> Iterator[float]:
    """How many quarters wide each chord symbol may be; a little is left before the next one."""
    places = [*(name.at for name in system.chords), system.end]
    for here, following in pairwise(places):
        yield 0.9 * (following - here) / PPQ


def _usual_size(picture: Picture, letters: Letters, *, short: bool) -> float:
    """The size that most chord symbols have room for where a quarter is one point wide."""
    sizes = sorted(
        room / letters.chord_width(chord_symbol(name.symbol, short=short).stacked())
        for system in picture.systems
        for name, room in zip(system.chords, _rooms(system), strict=True)
    )
    return sizes[int(_CROWDED * len(sizes))]
