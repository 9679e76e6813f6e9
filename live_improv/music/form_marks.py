"""Form marks: where in a file the choruses and sections of a tune begin.

Conventions
    A mark is a text such as `Chorus 2: A`, where a chorus begins, `Chorus 2: B, bar 17` elsewhere,
    and `Chorus 2` where the form has no names. It stands at a bar line. Programs show it as a
    marker, people read it, and `parse_mark` reads it back. Choruses and bars count from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from live_improv.music.changes import Changes
from live_improv.music.timing import Ticks

FEWEST_BARS = 4
"""Changes of fewer bars are no form that anybody would look for."""

_MARK = re.compile(r"Chorus (\d{1,6})(?:: (.+?))?(?:, bar (\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class FormMark:
    """That a bar of the form begins at `tick`.

    Attributes:
        chorus: from 1.
        section: the one that holds there, empty where the form has no names.
        bar: of the chorus, from 1; the chorus begins with 1.
    """

    tick: Ticks
    chorus: int
    section: str = ""
    bar: int = 1

    @property
    def text(self) -> str:
        """As it is written."""
        name = f": {self.section}" if self.section else ""
        where = f", bar {self.bar}" if self.bar > 1 else ""
        return f"Chorus {self.chorus}{name}{where}"


def parse_mark(tick: Ticks, text: str) -> FormMark | None:
    """The mark that a text is, or None if it is none."""
    match = _MARK.fullmatch(text)
    if match is None:
        return None
    chorus, bar = int(match[1]), int(match[3] or 1)
    return FormMark(tick, chorus, match[2] or "", bar) if chorus and bar else None


def marks_between(changes: Changes, start: Ticks, end: Ticks) -> Iterator[FormMark]:
    """The marks from the bar that `start` is in up to `end`: there, and where choruses and sections
    begin. A pickup has none, nor have bars without chords.
    """
    if len(changes.bars) < FEWEST_BARS or all(s.chord.root is None for s in changes.chords):
        return
    begins = {Ticks(0), *(section.start for section in changes.sections)}
    at = first = changes.bar_at(Ticks(max(start, 0))).start
    while at < end:
        if at == first or at % changes.length in begins:
            section = changes.section_at(at)
            name = section.name if section else ""
            yield FormMark(at, changes.chorus_of(at) + 1, name, changes.bar_index(at) + 1)
        at = Ticks(at + changes.bar_at(at).meter.bar_ticks)
