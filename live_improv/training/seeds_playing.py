"""What the seeds' network plays, cleaned up: values become a line of notes over changes.

The seeds laid 50 values into every bar, put each note where it should end, started each bar from
nothing, rewrote approach tones to chord tones and rounded lengths at random. Here the 50 values
are one line through as many bars as they fill, and what the network says is changed only where
no note could say it; how often that was is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from live_improv.grammar.realization import RealizationError, Register, realize
from live_improv.grammar.values import (
    NOTE_KINDS,
    GrammarValue,
    Kind,
    Window,
    legal_after,
    parse_value,
    rests,
)
from live_improv.midi.files import write_performance
from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.events import Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import GRID_TICKS, TempoMap, Ticks

REGISTER = Register(48, 84)
"""Where the line stays: the seeds' own melody runs from 49 to 82, theirs drifted up to 111."""

LOOK_BACK = 3
"""How many notes are drawn again before a value that finds no pitch gives way."""

OCTAVE = 12
_PULL = 4.0


@dataclass(frozen=True, slots=True)
class Line:
    """Notes that came of values.

    Attributes:
        notes: in order, none over another.
        length: ticks from 0 to the end of the last value.
        loosened: how many values had to give way because no pitch could say them.
    """

    notes: tuple[Note, ...]
    length: Ticks
    loosened: int


def cleaned(values: Iterable[str]) -> tuple[GrammarValue, ...]:
    """What the network played, as a line of the grammar over which no bar line resets anything.

    The network knows values only as tokens, so it can say what no line says. The first note
    loses its window and a later note without one stays within a minor third; an approach tone
    that the next note cannot resolve is another tone; silence is written with the fewest rests.
    Every length stays, and no tone outside the chord becomes a chord tone.

    Raises:
        ValueFormatError: a text is not a value.
    """
    line: list[GrammarValue] = []
    silence = 0
    heard = False
    for value in map(parse_value, values):
        if value.is_rest:
            silence += value.steps
            continue
        line.extend(rests(silence))
        window = (value.window or Window.around(0)) if heard else None
        line.append(GrammarValue(value.kind, value.steps, window))
        silence, heard = 0, True
    line.extend(rests(silence))
    after: GrammarValue | None = None
    for at in reversed(range(len(line))):
        value = line[at]
        if value.is_rest:
            continue
        # Only what the approach tone asks of the next note matters, not what lies between.
        if value.kind is Kind.APPROACH and (after is None or not legal_after(None, value, after)):
            line[at] = GrammarValue(Kind.OTHER, value.steps, value.window)
        after = value
    return tuple(line)


def line_over(values: Iterable[str], changes: Changes, seed: int = 0) -> Line:
    """Realize `values` over `changes` from tick 0; pitches in `REGISTER` are drawn from `seed`.

    Where a value finds no pitch, the `LOOK_BACK` notes before it are drawn again; if none of
    their pitches helps, the value gives way step by step (see `_looser`), so a line is always as
    long as its values.

    Raises:
        ValueFormatError: a text is not a value.
        RealizationError: there is no pitch at all for a value.
    """
    line = list(cleaned(values))
    length = Ticks(sum(value.steps for value in line) * GRID_TICKS)
    notes, loosened = _search(line, changes, seed)
    return Line(notes, length, loosened)


def _search(line: list[GrammarValue], changes: Changes, seed: int) -> tuple[tuple[Note, ...], int]:
    """The notes of `line`, and how many of its values were replaced, in place, to find them."""
    places = [place for place, value in enumerate(line) if not value.is_rest]
    ways: dict[int, Iterator[GrammarValue]] = {}
    barred: list[set[int]] = [set() for _ in places]
    reached, led_there = -1, barred
    while True:
        draws = _Draws(seed, barred)
        try:
            return realize(line, changes, draws, REGISTER), len(ways)
        except RealizationError:
            # The note that failed is the first for which no pitch was drawn.
            failed = len(draws.pitches)
            if failed > reached:
                reached, led_there = failed, [set(pitches) for pitches in barred]
            place = places[reached]
            if place not in ways and failed > max(reached - LOOK_BACK, 0):
                barred[failed - 1].add(draws.pitches[-1])
                barred[failed:] = [set() for _ in places[failed:]]
                continue
            looser = next(ways.setdefault(place, _looser(line[place])), None)
            if looser is None:
                raise
            line[place] = looser
            # The same pitches as before lead to this place again.
            barred = [set(pitches) for pitches in led_there]


def write_line(
    path: str | Path, values: Iterable[str], changes: Changes, bpm: float, seed: int = 0
) -> Line:
    """Write the line of `values` with the chords under it to the MIDI file `path`.

    The file begins with the bar of the first chord and ends with the bar in which the line ends.

    Raises:
        ValueFormatError: a text is not a value.
        TimingError: the tempo is not playable.
        MidiFileError: `path` cannot be written.
    """
    changes = from_first_chord(changes)
    line = line_over(values, changes, seed)
    last = changes.bar_at(Ticks(max(line.length - 1, 0)))
    end = Ticks(last.start + last.meter.bar_ticks)
    write_performance(path, _events(line.notes), changes, TempoMap.constant(bpm), end)
    return line


def from_first_chord(changes: Changes) -> Changes:
    """The same chords from the bar of the first one on: a corpus has pickup bars without any.

    Changes that name no chord at all stay as they are.
    """
    rooted = next((span for span in changes.chords if span.chord.root is not None), None)
    if rooted is None:
        return changes
    start = changes.bar_at(rooted.start).start

    def moved(tick: Ticks) -> Ticks:
        return Ticks(max(tick - start, 0))

    return Changes(
        chords=tuple(
            ChordSpan(moved(span.start), moved(span.end), span.chord)
            for span in changes.chords
            if span.end > start
        ),
        bars=tuple(Bar(moved(bar.start), bar.meter) for bar in changes.bars if bar.start >= start),
        title=changes.title,
        key=changes.key,
        tempo=changes.tempo,
        style=changes.style,
    )


class _Draws:
    """Draws one of the pitches offered, the more likely the nearer the middle of the register.

    Nothing in the values keeps a line in its register. Half the weight for every `_PULL` semitones
    does, and hardly shows in a window of seven.

    Attributes:
        pitches: what was drawn, a pitch for each note so far.
    """

    def __init__(self, seed: int, barred: Sequence[set[int]]) -> None:
        """`barred` holds, for each note, the pitches that are not to be drawn for it."""
        self._rng = np.random.default_rng(seed)
        self._barred = barred
        self.pitches: list[int] = []

    def __call__(self, onset: Ticks, offered: list[int]) -> int:
        barred = self._barred[len(self.pitches)]
        free = [pitch for pitch in offered if pitch not in barred]
        if not free:
            raise RealizationError(f"every pitch at tick {onset} leads nowhere")
        middle = (REGISTER.low + REGISTER.high) / 2
        weights = 0.5 ** (np.abs(np.array(free) - middle) / _PULL)
        self.pitches.append(int(self._rng.choice(free, p=weights / weights.sum())))
        return self.pitches[-1]


def _looser(value: GrammarValue) -> Iterator[GrammarValue]:
    """What a value may become where no pitch satisfies it, the nearest first.

    The window grows by an octave; then come other kinds, in the window, in the grown one, and
    anywhere. An approach tone first becomes another tone outside the chord, since it may only
    lack what it would resolve into.
    """
    kinds = [kind for kind in NOTE_KINDS if kind not in (value.kind, Kind.APPROACH)]
    if value.kind is Kind.APPROACH:
        kinds.sort(key=lambda kind: kind is not Kind.OTHER)
    window = value.window
    if window is None:
        yield from (GrammarValue(kind, value.steps) for kind in kinds)
        return
    grown = [Window(window.up + more, window.down - more) for more in range(1, OCTAVE + 1)]
    yield from (GrammarValue(value.kind, value.steps, wider) for wider in grown)
    yield from (GrammarValue(kind, value.steps, window) for kind in kinds)
    yield from (GrammarValue(kind, value.steps, grown[-1]) for kind in kinds)
    yield from (GrammarValue(kind, value.steps) for kind in (value.kind, *kinds))


def _events(notes: Sequence[Note]) -> Iterator[Timed]:
    for note in notes:
        yield Timed(note.onset, NoteOn(note.pitch, note.velocity))
        yield Timed(note.end, NoteOff(note.pitch))
