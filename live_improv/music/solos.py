"""A solo: one improvised line over its changes, and how it was played.

It is what a corpus holds, what importers make of other people's files, and what is learned from.
"""

from __future__ import annotations

from dataclasses import dataclass

from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import Ticks

MAX_BEATS = 100_000
"""No solo is longer: a wrong number is found before bars are made for it."""


@dataclass(frozen=True, slots=True)
class Played:
    """How a note was played.

    Attributes:
        onset: when it began, on the time line of the notes.
        length: how long it sounded.
        velocity: 1..127, None where nobody measured it. It says how loud a note was within its
            solo, whose median is 84 and whose quartiles lie 19 apart; solos are not compared.
    """

    onset: Ticks
    length: Ticks
    velocity: int | None = None

    @property
    def end(self) -> Ticks:
        """When it ended."""
        return Ticks(self.onset + self.length)


@dataclass(frozen=True, slots=True)
class Solo:
    """One improvised line over its changes.

    Attributes:
        id: unique in its corpus.
        split: `train`, `valid` or `test`; a line of the file that names none is `train`.
        notes: one line, in order, onsets on the grid.
        changes: the whole solo's chords, not just one chorus.
        bpm: average tempo.
        lengths_known: whether the notes' ends were measured, or only follow from the onsets.
        dropped: notes left out because a higher one started at the same moment.
        instrument: in the database's abbreviation, such as `ts`; empty where unknown.
        style: the style of the performance, such as `HARDBOP`; empty where unknown.
        feel: its rhythmic feel, such as `SWING` or `LATIN/SWING`; empty where unknown. It is the
            style of the changes too.
        played: how each of the notes was played, None for one of which it is not known; empty
            where nothing is.
    """

    id: str
    split: str
    performer: str
    title: str
    notes: tuple[Note, ...]
    changes: Changes
    bpm: float
    lengths_known: bool = True
    dropped: int = 0
    instrument: str = ""
    style: str = ""
    feel: str = ""
    played: tuple[Played | None, ...] = ()
