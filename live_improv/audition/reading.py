"""Reading: a written line is played by the session that otherwise plays what it improvises.

So the feel, the dynamics, the ends of notes and the way into the file are the same for a human's
line and for ours, whatever they are, and only the notes differ.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from live_improv.grammar.context import Context
from live_improv.grammar.quoting import Quotes
from live_improv.model import Weights
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from live_improv.performance.feel import Written
from live_improv.performance.improviser import MAX_SILENCE, Idea, Improviser
from live_improv.performance.taste import Taste

_NEVER = Ticks(1 << 40)


class Reader(Improviser):
    """An improviser in name, who plays a line from the page.

    Args:
        notes: the line as the language writes it (`evaluation.lines.written`), the first one at
            tick 0 or later.
        weights, context, taste, start, quotes: as for an improviser.
    """

    def __init__(
        self,
        notes: Sequence[Note],
        weights: Weights,
        context: Context,
        taste: Taste,
        start: Ticks,
        quotes: Quotes | None = None,
    ) -> None:
        # It is written, too, when the first note comes: nobody is to choose that.
        taste = replace(taste, constraints=taste.constraints.without(["opening"]))
        super().__init__(weights, context, taste, start, quotes)
        self._notes = notes
        self._next = 0
        self._turn_page()

    def enter(self, earliest: Ticks, latest: Ticks) -> None:
        """When the line goes on is written."""

    def take_back(self, tick: Ticks) -> None:
        """Go back to the first note at `tick` or after it."""
        at = bisect_left(self._notes, tick, key=lambda note: note.onset)
        self._next = min(self._next, at)
        self._turn_page()

    def plan(self, longest: int = MAX_SILENCE) -> Idea:
        """The next note of the page."""
        at, notes = self._next, self._notes
        note = notes[at]
        before = notes[at - 1] if at else None
        after = notes[at + 1].onset if at + 1 < len(notes) else note.end
        self._next += 1
        self._turn_page()
        phrase = 0
        while phrase < at and notes[at - phrase - 1].end == notes[at - phrase].onset:
            phrase += 1
        return Idea(
            (),
            Written(
                note,
                before=None if before is None else before.onset,
                after=after,
                bar=self.context.changes.bar_at(note.onset),
                rested=note.end < after,
                starts_phrase=phrase == 0,
                interval=None if before is None else note.pitch - before.pitch,
                phrase=phrase,
            ),
        )

    def _turn_page(self) -> None:
        more = self._next < len(self._notes)
        self.moment = replace(self.moment, tick=self._notes[self._next].onset if more else _NEVER)
