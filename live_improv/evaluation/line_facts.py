"""Facts about a line: what n-grams may look back at, as small whole numbers.

Conventions
    As in the canonical form of `bits`, a note is two choices: the gap to it, seen from the note
    before (`Facts.of_gap`), and then its pitch, seen from its onset (`Facts.of_pitch`). The order
    of the facts is that of `GAP_FACTS` and `PITCH_FACTS`. A fact that there is not, as before the
    first notes, is `NONE`. Gaps are in grid steps, 12 to the beat; `_1` is the newest.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from live_improv.evaluation.witten_bell import Ints
from live_improv.grammar.context import LONGEST_GAP, Context
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, Ticks

NONE = 255

GAP_FACTS = (
    *("place", "beat", "gap_1", "gap_2", "gap_3", "gap_4", "interval_1", "interval_2"),
    *("degree", "in_chord", "ahead", "phrase", "tempo"),
)
"""Seen from a note, about the gap to the next one.

`place` and `beat`: where the note is, in the bar (see `Context`) and in the beat. `degree`: it over
its chord, and `in_chord` whether it is a tone of it. `ahead`: how far the next chord is, roughly.
`phrase`: notes since the last rest, 16 at most.
"""

PITCH_FACTS = (
    *("interval_1", "interval_2", "interval_3", "interval_4", "interval_5"),
    *("gap", "gap_class", "gap_1", "gap_2", "rested", "place", "strength"),
    *("last", "root", "tones", "degree_1", "degree_2", "degree_3"),
    *("next_root", "moves", "next_degree", "ahead", "above_centre"),
)
"""Seen from an onset, about the pitch there.

`gap`: the one that led here, `gap_class` roughly, `rested` whether it is long enough for a rest.
`strength`: the beat of the bar for a note on a beat, 4 half a beat after one, 5 elsewhere. `last`:
the note before. `root` and `next_root`: what degrees over this chord and the next are counted
from; `moves` is how far it is from one to the other. `tones`: those of the chord, a bit for each
degree. `degree_1` and so on: the last notes over this chord; `next_degree`: the last over the
next. `above_centre`: how far the last note is from where the line has moved lately, in whole tones.
"""

BREAK = 15
"""A gap of so many steps or more is taken for one with a rest in it."""

_CLASS_ENDS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 18, 24, 36, 48)
_AHEAD_ENDS = (6, 12, 24, 48)
_TEMPO_ENDS = (100.0, 140.0, 180.0, 220.0, 270.0)
_LONGEST_PHRASE = 16
_MEMORY = 10  # notes over which the centre of a line is its mean; it follows as slowly later
_WIDEST = 8  # whole tones from the centre


@dataclass(frozen=True, slots=True)
class Trail:
    """The line so far, newest first: a value, replaced and never changed.

    Attributes:
        pitches: at most three.
        intervals: at most five.
        gaps: at most four; the newest leads to the last note.
        centre: where the line has moved lately, a pitch.
        notes: how many there are.
        phrase: notes since the last rest.
    """

    pitches: tuple[int, ...]
    intervals: tuple[int, ...]
    gaps: tuple[int, ...]
    centre: float
    notes: int = 1
    phrase: int = 1

    @classmethod
    def begin(cls, pitch: int) -> Trail:
        """The line after its first note."""
        return cls((pitch,), (), (), float(pitch))

    def then(self, gap: int, pitch: int) -> Trail:
        """The line after one more note, and the gap that led to it."""
        notes = self.notes + 1
        return Trail(
            (pitch, *self.pitches[:2]),
            (pitch - self.pitches[0], *self.intervals[:4]),
            (min(gap, LONGEST_GAP + 1), *self.gaps[:3]),
            self.centre + (pitch - self.centre) / min(notes, _MEMORY),
            notes,
            0 if gap >= BREAK else self.phrase + 1,
        )


class Facts:
    """The facts of lines over one context."""

    def __init__(self, context: Context) -> None:
        self.context = context
        changes = context.changes
        self._tempo = bisect_left(_TEMPO_ENDS, context.bpm)
        self._starts = [span.start for span in changes.chords]
        self._roots = [context.root_at(start) for start in self._starts]
        self._next_roots = [context.next_root_at(start) for start in self._starts]
        # From the start of a span to that of the next chord.
        self._ahead = [changes.next_chord(start)[0] - start for start in self._starts]
        self._tones = [
            sum(1 << (tone - root) % 12 for tone in span.chord.chord_tones)
            for span, root in zip(changes.chords, self._roots, strict=True)
        ]
        rounds = 1 + -(-(LONGEST_GAP + 1) // context.steps)
        self._places = np.tile(np.array(context.places), 1 + rounds)

    def of_gap(self, tick: Ticks, trail: Trail) -> tuple[int, ...]:
        """The facts of `GAP_FACTS` for the gap after the last note of `trail`, at `tick`."""
        span = self.context.changes.span_index(tick)
        place = self.context.place_at(tick)
        degree = (trail.pitches[0] - self._roots[span]) % 12
        return (
            place,
            place % GRID_PER_BEAT,
            *_padded(trail.gaps, 4),
            *_padded(trail.intervals, 2),
            degree,
            self._tones[span] >> degree & 1,
            self._ahead_class(tick, span),
            min(trail.phrase, _LONGEST_PHRASE),
            self._tempo,
        )

    def of_pitch(self, tick: Ticks, trail: Trail, gap: int) -> tuple[int, ...]:
        """The facts of `PITCH_FACTS` for a note at `tick`, `gap` after the last of `trail`."""
        span = self.context.changes.span_index(tick)
        root, next_root = self._roots[span], self._next_roots[span]
        place = self.context.place_at(tick)
        quarter, within = divmod(place, GRID_PER_BEAT)
        last = trail.pitches[0]
        above = round((last - trail.centre) / 2)
        return (
            *_padded(trail.intervals, 5),
            min(gap, LONGEST_GAP + 1),
            bisect_left(_CLASS_ENDS, gap),
            *_padded(trail.gaps, 2),
            int(gap >= BREAK),
            place,
            quarter if within == 0 else 4 if within == GRID_PER_BEAT // 2 else 5,
            last,
            root,
            self._tones[span],
            *_padded(tuple((pitch - root) % 12 for pitch in trail.pitches), 3),
            next_root,
            (next_root - root) % 12,
            (last - next_root) % 12,
            self._ahead_class(tick, span),
            min(max(above, -_WIDEST), _WIDEST),
        )

    def places_after(self, ticks: Ints) -> Ints:
        """The places that the gaps from 1 to `LONGEST_GAP` lead to, `(ticks, LONGEST_GAP)`."""
        first = ticks // GRID_TICKS % self.context.steps + 1
        found: Ints = self._places[first[:, None] + np.arange(LONGEST_GAP)]
        return found

    def _ahead_class(self, tick: Ticks, span: int) -> int:
        since = tick % self.context.changes.length - self._starts[span]
        return bisect_left(_AHEAD_ENDS, (self._ahead[span] - since) // GRID_TICKS)


def _padded(values: tuple[int, ...], count: int) -> tuple[int, ...]:
    return (*values[:count], *(NONE,) * (count - len(values)))
