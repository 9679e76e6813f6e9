"""The chords of somebody's file: from its texts, from a chart beside it, or from what accompanies.

Conventions
    Ticks are those of the file, moved on by the form's `lead`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from live_improv.charts.reading import read_chart
from live_improv.charts.text import ChartError
from live_improv.importing.imported import NotUnderstood
from live_improv.importing.midi_form import Form
from live_improv.importing.midi_harmony import recognised
from live_improv.importing.midi_melody import alone
from live_improv.listening.chord_recognition import recognise
from live_improv.midi.parts import FilePart
from live_improv.midi.reader import ChordMark
from live_improv.music.changes import Changes, ChordSpan
from live_improv.music.chords import Chord, ChordSymbolError, parse_chord
from live_improv.music.events import Note
from live_improv.music.score import chords_between
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks

NO_CHORD = parse_chord("N.C.")

MARKS, CHART, TRACK, BAND = (
    "chord symbols",
    "the chart beside it",
    "the chord track",
    "the accompaniment",
)
"""Where chords come from."""

_CHARTS = (".txt", ".ls", ".musicxml", ".mxl", ".xml")
_CHORD_NAMES = re.compile(r"\b(chords?|changes|harmony|akkorde|acordes|accords)\b", re.IGNORECASE)
_NOTE_NAME = re.compile(r"[A-G][#b]?\d?")
_BLOCKS = 0.2  # of the notes alone at most: a track of chords
_STROKE = PPQ // 8  # the keys of a chord go down within this
_TONES = 3
_FINGERS = 24
_SPARSE = 16  # bars to a symbol at most, in the mean, or they are no changes
_FEWEST_NOTES = 16


@dataclass(frozen=True, slots=True)
class Chords:
    """Chords by tick, and where they come from in words; none and empty where there are none."""

    marks: tuple[ChordMark, ...] = ()
    source: str = ""


def chords_of(
    texts: Sequence[ChordMark],
    others: Sequence[FilePart],
    rest: Sequence[Note],
    form: Form,
    last: Ticks,
    *,
    sure: bool = False,
    chart: Changes | None = None,
) -> Chords:
    """The chords of a file.

    Args:
        texts: those its texts name, in ticks of the file.
        others: the pitched tracks beside the melody.
        rest: what the melody's track has beside the melody.
        form: the bars.
        last: up to where they are wanted.
        sure: whether its texts are known to be the chords.
        chart: what is played over where no texts say it, from the first whole bar on.
    """
    moved = tuple(ChordMark(Ticks(mark.tick + form.lead), mark.chord) for mark in texts)
    if moved and (sure or _are_changes(moved, form)):
        return Chords(_placed(moved), MARKS)
    if chart is not None:
        first = form.bars[1 if form.lead else 0].start
        return Chords(tuple(_round(chart, first, last)), CHART)
    for part in others:
        if _CHORD_NAMES.search(part.name) and alone(part.notes) <= _BLOCKS:
            marks = _placed(tuple(_struck(part.notes, form.lead)))
            if _are_changes(marks, form):
                return Chords(marks, TRACK)
    heard = [note for part in others for note in part.notes] + list(rest)
    if len(heard) >= _FEWEST_NOTES:
        later = [
            Note(Ticks(note.onset + form.lead), note.length, note.pitch)
            for note in sorted(heard, key=lambda note: note.onset)
        ]
        marks = recognised(later, form.bars, last)
        if marks:
            return Chords(marks, BAND)
    return Chords()


def chart_beside(path: Path) -> Changes | None:
    """The chart that has the name of a file and stands beside it, None where there is none.

    Raises:
        NotUnderstood: it cannot be read.
    """
    for suffix in _CHARTS:
        beside = path.with_suffix(suffix)
        if beside.is_file():
            try:
                return read_chart(str(beside))
            except (ChartError, ChordSymbolError, OSError) as error:
                raise NotUnderstood(f"the chart beside it cannot be read: {error}") from None
    return None


def _round(chart: Changes, first: Ticks, last: Ticks) -> Iterator[ChordMark]:
    """The chords of a chart that begins at `first` and goes round."""
    for span in chords_between(chart, Ticks(0), Ticks(last - first)):
        yield ChordMark(Ticks(span.start + first), span.chord)


def spans_of(marks: Sequence[ChordMark], start: Ticks, end: Ticks) -> tuple[ChordSpan, ...]:
    """The chords from `start` to `end`, counted from there; none before the first."""
    before = [mark for mark in marks if mark.tick <= start]
    held = before[-1].chord if before else NO_CHORD
    edges = {start: held}
    edges.update((mark.tick, mark.chord) for mark in marks if start <= mark.tick < end)
    first = next((mark for mark in marks if start < mark.tick < end), None)
    if first is not None and not before and first.chord.root is None:
        del edges[first.tick]  # what says that there is no chord yet
    ordered = sorted(edges.items())
    ends = [*(tick for tick, _ in ordered[1:]), end]
    return tuple(
        ChordSpan(Ticks(tick - start), Ticks(until - start), chord)
        for (tick, chord), until in zip(ordered, ends, strict=True)
    )


def _are_changes(marks: Sequence[ChordMark], form: Form) -> bool:
    """Whether marks are the changes of the piece, not a word or a note that looks like a chord."""
    if all(mark.chord.root is None for mark in marks):
        return False
    # A piece over one chord names it at the beginning.
    at_once = marks[0].tick < form.bars[0].meter.bar_ticks
    vamp = at_once and not _NOTE_NAME.fullmatch(marks[0].chord.symbol)
    return vamp or (len(marks) > 1 and len(marks) * _SPARSE >= len(form.bars))


def _placed(marks: Sequence[ChordMark]) -> tuple[ChordMark, ...]:
    """Marks on the grid, and on the beat where they are next to one; of two the later holds."""
    found: dict[Ticks, Chord] = {}
    for mark in marks:
        beat = (mark.tick + PPQ // 2) // PPQ * PPQ
        near = abs(mark.tick - beat) <= PPQ // 8
        step = (mark.tick + GRID_TICKS // 2) // GRID_TICKS * GRID_TICKS
        found[Ticks(beat if near else step)] = mark.chord
    return tuple(ChordMark(tick, chord) for tick, chord in sorted(found.items()))


def _struck(notes: Sequence[Note], lead: Ticks) -> Iterator[ChordMark]:
    """The chords of a chord track, where they change: on the beat, which they may anticipate."""
    before: Chord | None = None
    for stroke, held in _strokes(notes):
        if len({pitch % 12 for pitch in held}) < _TONES:
            continue
        chord = recognise(held, previous=before)
        if chord is not None and chord != before:
            yield ChordMark(Ticks((stroke + lead + PPQ // 2) // PPQ * PPQ), chord)
            before = chord


def _strokes(notes: Sequence[Note]) -> Iterator[tuple[Ticks, set[int]]]:
    """Where keys go down, those that go down together once, and what sounds then."""
    sounding: list[Note] = []
    at = 0
    while at < len(notes):
        stroke = notes[at].onset
        while at < len(notes) and notes[at].onset < stroke + _STROKE:
            sounding.append(notes[at])
            at += 1
        sounding = [note for note in sounding[-_FINGERS:] if note.end > stroke + _STROKE]
        yield stroke, {note.pitch for note in sounding}
