"""The bars of an iReal Pro song as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from live_improv.charts.ireal_cells import offsets
from live_improv.charts.ireal_words import Jump
from live_improv.charts.layout import Start
from live_improv.charts.text import ChartError
from live_improv.music.chords import Chord
from live_improv.music.timing import Meter


@dataclass(frozen=True, slots=True)
class Slot:
    """A chord and the cells it takes; at the head of a bar None is the chord before."""

    chord: Chord | None
    cells: int


@dataclass(frozen=True, slots=True)
class WrittenBar:
    """A bar as it stands in the song.

    Attributes:
        number: counted from 1.
        opens, closes: `{` before it, `}` after it.
        times: how often the repeat that it closes is played, 0 where it does not say.
        ending: the number of the ending that begins here; 0 for none, -1 for one without a number.
        coda_before, coda_after: a coda sign before its first chord, or after one.
        ends: a double bar line, or the end of a repeat or of the song, follows.
    """

    number: int
    meter: Meter
    slots: tuple[Slot, ...]
    section: str | None = None
    opens: bool = False
    closes: bool = False
    times: int = 0
    ending: int = 0
    segno: bool = False
    coda_before: bool = False
    coda_after: bool = False
    fine: bool = False
    stop: bool = False
    jump: Jump | None = None
    ends: bool = False

    def starts(self) -> tuple[Start, ...]:
        """Where its chords start.

        Raises:
            ChartError: they are too many for its meter.
        """
        places = offsets([slot.cells for slot in self.slots], self.meter)
        if places is None:
            fail(self.number, f"{len(self.slots)} chords are too many for {self.meter}")
        return tuple(
            Start(place, slot.chord)
            for place, slot in zip(places, self.slots, strict=True)
            if slot.chord is not None
        )


def fail(number: int, message: str) -> NoReturn:
    """Refuse a song because of its bar `number`, counted from 1 as written."""
    raise ChartError(f"bar {number}: {message}")
