"""What the net sees before it chooses a note: the line so far, the harmony, the place.

One step of the net is one note. Its input is a sum of rows, one for each fact that holds, so a
context is a list of row numbers. The facts are relative to the root of the sounding chord and to
the note before, so a transposed line over transposed changes gives the same rows (only the
register's differ). The same code serves training, evaluation and playing.

Conventions
    `GROUPS` is the contract between these rows and a model's weights: group after group, in
    order, `ROWS` in all. After them come those of a model's own manners, one each: a player
    or a style whose solos it was told apart. A gap is the number of grid steps from one onset to
    the next.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from live_improv.grammar.recall import ORDERS, History, recall_pitch
from live_improv.grammar.values import Kind
from live_improv.grammar.vocabulary import MAX_INTERVAL
from live_improv.music.changes import Bar, Changes
from live_improv.music.chords import Chord
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, PPQ, Meter, Ticks

LOWEST, HIGHEST = 36, 99
"""The pitches the net tells apart by register; those beyond count as the nearest."""

REGISTERS = HIGHEST - LOWEST + 1
INTERVALS = 2 * MAX_INTERVAL + 1
PLACES = 4 * GRID_PER_BEAT
LONGEST_GAP = 192
"""The longest gap, in grid steps, that has a bin of bounded width."""

SOUNDING = 49
"""Outcomes of how much of a gap sounds: 0 is all of it, n is n grid steps and then a rest."""

# Gaps up to a bar of 4/4 each have a bin; longer ones, which are rests, share them.
_GAP_BIN_ENDS = (*range(1, 49), 60, 72, 84, 96, 120, 144, 168, LONGEST_GAP)
GAP_BINS = len(_GAP_BIN_ENDS) + 1
"""Bins of the gap to the next onset; the last one is everything beyond `LONGEST_GAP`."""

# How each quarter of a bar is felt, as beats of a bar of four: 0 is a downbeat, 2 a second
# strong beat, 1 and 3 weak ones, 3 leading on. Odd meters are felt in their usual groups
# (5 = 3 + 2, 7 = 4 + 3).
_FELT_BEATS: dict[int, tuple[int, ...]] = {
    1: (0,),
    2: (0, 1),
    3: (0, 1, 3),
    4: (0, 1, 2, 3),
    5: (0, 1, 3, 2, 3),
    6: (0, 1, 3, 2, 1, 3),
    7: (0, 1, 2, 3, 2, 1, 3),
}

# Upper ends, inclusive, of the bins of quantities that need no more than a rough measure.
_AHEAD_ENDS = (6, 12, 18, 24, 36, 48, 72, 96)  # grid steps to the next chord
_SINCE_ENDS = (0, 5, 11, 23)  # grid steps since the chord began
_TEMPO_ENDS = (80.0, 110.0, 140.0, 170.0, 200.0, 235.0, 275.0)  # quarters a minute
_PHRASE_ENDS = (1, 2, 4, 7, 11, 16, 24)  # notes since the last rest

_NEAR = 12
"""The widest interval, in semitones, told apart over two notes."""

GROUPS: dict[str, int] = {
    "place": PLACES,
    "meter": 3,
    "bar_of_four": 4,
    "chord_tones": 12,
    "colour_tones": 12,
    "scale": 12,
    "no_chord": 1,
    "next_root": 12,
    "next_tones": 12,
    "ahead": len(_AHEAD_ENDS) + 1,
    "since": len(_SINCE_ENDS) + 1,
    "tempo": len(_TEMPO_ENDS) + 1,
    "straight": 1,
    "degree": 12,
    "degree_2": 12,
    "degree_3": 12,
    "interval": INTERVALS,
    "interval_2": 2 * _NEAR + 1,
    "kind": 5,
    "gap": GAP_BINS,
    "gap_2": GAP_BINS,
    "rested": 1,
    "register": REGISTERS // 2,
    "phrase": len(_PHRASE_ENDS) + 1,
    "first": 1,
    "recall_pitch": ORDERS + 1,
    "recall_move": ORDERS + 1,
}
ROWS = sum(GROUPS.values())
_AT = dict(zip(GROUPS, accumulate((0, *GROUPS.values())), strict=False))

# What the choice of time sees besides: the pitch that was chosen.
CHOICE_GROUPS: dict[str, int] = {
    "interval": INTERVALS,
    "degree": 12,
    "kind": 5,
    "recall_gap": ORDERS + 1,
}
CHOICE_ROWS = sum(CHOICE_GROUPS.values())

_KIND_INDEX = {
    Kind.CHORD: 0,
    Kind.COLOUR: 1,
    Kind.SCALE: 2,
    Kind.APPROACH: 3,
    Kind.OTHER: 4,
}


class ContextError(ValueError):
    """Changes that do not fit the grid."""


def layout_hash() -> str:
    """A short hash of the contract; weights trained for another one cannot be used."""
    contract = [GROUPS, CHOICE_GROUPS, _GAP_BIN_ENDS, _FELT_BEATS, LOWEST]
    return hashlib.sha256(json.dumps(contract).encode()).hexdigest()[:16]


def gap_bin(gap: int) -> int:
    """The bin, 0..`GAP_BINS` - 1, of a gap of 1 or more grid steps."""
    return gap - 1 if gap <= 48 else bisect_left(_GAP_BIN_ENDS, gap)


def choice_rows(interval: int | None, degree: int, kind: Kind, recalled: int = 0) -> list[int]:
    """The rows of a chosen pitch: its interval in semitones, its degree 0..11, its kind.

    Args:
        recalled: in how many things an earlier note agrees with it, 0..`ORDERS`.
    """
    rows = [
        INTERVALS + degree,
        INTERVALS + 12 + _KIND_INDEX[kind],
        INTERVALS + 17 + recalled,
    ]
    if interval is not None:
        rows.append(_interval_row(interval))
    return rows


@dataclass(frozen=True, slots=True)
class Past:
    """As much of the line so far as the rows need: a value, replaced and never changed.

    Attributes:
        pitches: the last notes' pitches, newest last, at most four.
        gaps: the last gaps in grid steps, newest last, at most two; the newest leads from the
            last note to the one that is being chosen.
        kind: the last note's kind, or None before the first note.
        rested: whether a rest came after the last note.
        phrase: notes since the last rest, counting the last note; 0 after a rest.
        history: the notes that can be recalled.
    """

    pitches: tuple[int, ...] = ()
    gaps: tuple[int, ...] = ()
    kind: Kind | None = None
    rested: bool = False
    phrase: int = 0
    history: History = History()  # noqa: RUF009

    def then(self, pitch: int, kind: Kind, gap: int, *, rested: bool) -> Past:
        """The past after one more note and the gap that follows it."""
        return Past(
            (*self.pitches[-3:], pitch),
            (*self.gaps[-1:], gap),
            kind,
            rested,
            0 if rested else self.phrase + 1,
            self.history.then(pitch, gap),
        )


class Context:
    """The harmony and the places of one set of changes at one tempo, as rows.

    Args:
        changes: the chart.
        bpm: quarters a minute.
        straight: whether swung pairs are written as even eighths. Transcriptions notate what
            was played; a line to be played is written even, and swung by the feel.
        manner: the number of the model's manner that holds, from 0, or None for none.

    Raises:
        ContextError: a chorus is no whole number of grid steps, so the next one would be off it.
    """

    def __init__(
        self, changes: Changes, bpm: float, *, straight: bool, manner: int | None = None
    ) -> None:
        self.straight = straight
        self.manner = manner
        self._at_tempo(bpm)
        self.changes: Changes = changes
        self.places: tuple[int, ...] = ()
        self._over(changes)

    def at_tempo(self, bpm: float) -> Context:
        """The same context at another tempo; itself where the rows cannot tell."""
        if bisect_left(_TEMPO_ENDS, bpm) == bisect_left(_TEMPO_ENDS, self.bpm):
            return self
        other = copy(self)
        other._at_tempo(bpm)
        return other

    def in_manner(self, manner: int | None) -> Context:
        """The same context in another manner, or in none."""
        if manner == self.manner:
            return self
        other = copy(self)
        other.manner = manner
        other._at_tempo(self.bpm)
        return other

    def over(self, changes: Changes) -> Context:
        """The same context over other changes: other chords in the same bars, or another tune.

        Raises:
            ContextError: as above.
        """
        other = copy(self)
        other._over(changes)
        return other

    def _at_tempo(self, bpm: float) -> None:
        self.bpm = bpm
        self._always = [_AT["tempo"] + bisect_left(_TEMPO_ENDS, bpm)]
        if self.straight:
            self._always.append(_AT["straight"])
        if self.manner is not None:
            self._always.append(ROWS + self.manner)

    def _over(self, changes: Changes) -> None:
        if changes.length % GRID_TICKS:
            raise ContextError(
                f"a chorus of {changes.length / PPQ:g} beats: expected whole twelfths of a beat"
            )
        if not self.places or changes.bars != self.changes.bars:
            self.places = _places_of_chorus(changes.bars)
        self.changes = changes
        self._roots = tuple(self._reference_root(i) for i in range(len(changes.chords)))
        self._harmony = tuple(self._harmony_rows(i) for i in range(len(changes.chords)))

    @property
    def steps(self) -> int:
        """Grid steps in a chorus."""
        return len(self.places)

    def root_at(self, tick: Ticks) -> int:
        """The pitch class that degrees are counted from at `tick`."""
        return self._roots[self.changes.span_index(tick)]

    def next_root_at(self, tick: Ticks) -> int:
        """The pitch class that degrees will be counted from over the next chord."""
        at, _ = self.changes.next_chord(tick)
        return self._roots[self.changes.span_index(at)]

    def place_at(self, tick: Ticks) -> int:
        """Where in the bar `tick` is felt, 0..`PLACES` - 1."""
        return self.places[tick % self.changes.length // GRID_TICKS]

    def rows(self, tick: Ticks, past: Past) -> list[int]:
        """The rows that hold for a note at `tick` after `past`."""
        span = self.changes.span_index(tick)
        root = self._roots[span]
        rows = [*self._always, *self._harmony[span], _AT["place"] + self.place_at(tick)]
        rows += self._form_rows(tick, span)
        by_pitch, by_move = recall_pitch(past.history).orders
        rows += (_AT["recall_pitch"] + by_pitch, _AT["recall_move"] + by_move)
        if past.kind is None:
            rows.append(_AT["first"])
            return rows
        pitches = past.pitches
        last = pitches[-1]
        rows.append(_AT["kind"] + _KIND_INDEX[past.kind])
        rows.append(_AT["degree"] + (last - root) % 12)
        register = min(max(last, LOWEST), HIGHEST) - LOWEST
        rows.append(_AT["register"] + register // 2)
        rows.append(_AT["phrase"] + bisect_left(_PHRASE_ENDS, past.phrase))
        rows.append(_AT["gap"] + gap_bin(past.gaps[-1]))
        if past.rested:
            rows.append(_AT["rested"])
        if len(pitches) > 1:
            rows.append(_AT["degree_2"] + (pitches[-2] - root) % 12)
            rows.append(_AT["interval"] + _interval_row(last - pitches[-2]))
            rows.append(_AT["gap_2"] + gap_bin(past.gaps[-2]))
        if len(pitches) > 2:
            rows.append(_AT["degree_3"] + (pitches[-3] - root) % 12)
            rows.append(_AT["interval_2"] + min(max(last - pitches[-3], -_NEAR), _NEAR) + _NEAR)
        return rows

    def _form_rows(self, tick: Ticks, span: int) -> list[int]:
        """Where `tick` is in its bar, its section and its chord."""
        changes = self.changes
        within = Ticks(tick % changes.length)
        bar = changes.bar_index(within)
        section = changes.section_at(within)
        first_bar = 0 if section is None else changes.bar_index(section.start)
        ahead, _ = changes.next_chord(tick)
        to_next = (ahead - tick) // GRID_TICKS
        since = (within - changes.chords[span].start) // GRID_TICKS
        return [
            _AT["bar_of_four"] + (bar - first_bar) % 4,
            _AT["meter"] + _meter_class(changes.bars[bar].meter),
            _AT["ahead"] + bisect_left(_AHEAD_ENDS, to_next),
            _AT["since"] + bisect_left(_SINCE_ENDS, since),
        ]

    def _reference_root(self, span: int) -> int:
        """The root of a span; over no chord, of the next chord that has one."""
        spans = self.changes.chords
        for ahead in range(len(spans)):
            root = spans[(span + ahead) % len(spans)].chord.root
            if root is not None:
                return root
        return 0

    def _harmony_rows(self, span: int) -> tuple[int, ...]:
        """The rows of a span's chord and of the next chord, both relative to its root."""
        here = self.changes.chords[span]
        root = self._roots[span]
        at, following = self.changes.next_chord(here.start)
        next_root = self._roots[self.changes.span_index(at)]
        return (
            *_chord_rows(here.chord, root),
            _AT["next_root"] + (next_root - root) % 12,
            *sorted(_AT["next_tones"] + (tone - root) % 12 for tone in following.chord_tones),
        )


def _places_of_chorus(bars: tuple[Bar, ...]) -> tuple[int, ...]:
    """Where in its bar each grid step of a chorus is felt."""
    places: list[int] = []
    for bar in bars:
        # A bar may begin off the grid; its steps are those of the chorus, rounded down in it.
        end = bar.start + bar.meter.bar_ticks
        for tick in range(len(places) * GRID_TICKS, end, GRID_TICKS):
            quarter, within = divmod(tick - bar.start, PPQ)
            places.append(_felt_beat(bar.meter, quarter) * GRID_PER_BEAT + within // GRID_TICKS)
    return tuple(places)


@lru_cache(maxsize=1024)
def _chord_rows(chord: Chord, root: int) -> tuple[int, ...]:
    """The rows of a chord whose degrees are counted from `root`."""
    if chord.root is None:
        return (_AT["no_chord"],)
    other = chord.scale - chord.chord_tones - chord.colour_tones
    parts = {"chord_tones": chord.chord_tones, "colour_tones": chord.colour_tones, "scale": other}
    return tuple(
        sorted(_AT[name] + (tone - root) % 12 for name, tones in parts.items() for tone in tones)
    )


def _interval_row(interval: int) -> int:
    return min(max(interval, -MAX_INTERVAL), MAX_INTERVAL) + MAX_INTERVAL


def _felt_beat(meter: Meter, quarter: int) -> int:
    felt = _FELT_BEATS.get(-(-meter.bar_ticks // PPQ))
    return felt[quarter] if felt else quarter % 4


def _meter_class(meter: Meter) -> int:
    """0 for bars of two or four quarters, 1 for three or six, 2 for any other."""
    quarters, rest = divmod(meter.bar_ticks, PPQ)
    if rest:
        return 2
    return {2: 0, 4: 0, 3: 1, 6: 1}.get(quarters, 2)
