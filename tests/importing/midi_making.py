"""MIDI files for the tests of importing, made of lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from live_improv.midi.files import write_score
from live_improv.music.changes import Bar, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.events import NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.form_marks import FormMark
from live_improv.music.score import Part, Score
from live_improv.music.timing import PPQ, Meter, TempoMap, Ticks

Played = tuple[float, float, int]
"""A note as beats from the beginning, beats that it lasts, and its pitch."""

LINE = (60, 62, 63, 65, 67, 70, 68, 65, 63, 62, 67, 58, 60, 63, 67, 72)


def part(name: str, notes: Iterable[Played], channel: int = 0, program: int | None = None) -> Part:
    """A track."""
    events = []
    for onset, length, pitch in notes:
        events.append(Timed(Ticks(round(onset * PPQ)), NoteOn(pitch, 80, channel)))
        events.append(Timed(Ticks(round((onset + length) * PPQ)), NoteOff(pitch, channel)))
    events.sort(key=lambda timed: (timed.tick, isinstance(timed.event, NoteOn)))
    if program is not None:
        events.insert(0, Timed(Ticks(0), ProgramChange(program, channel)))
    return Part(name, tuple(events))


def eighths(bars: int, first: float = 0.0) -> list[Played]:
    """A line of even eighths that does not repeat soon."""
    return [(first + i / 2, 0.45, LINE[i % 16] + (0, 2, 5)[i // 16 % 3]) for i in range(8 * bars)]


def walking(roots: Sequence[int]) -> list[Played]:
    """A bass of four quarters a bar, from each root up."""
    steps = (0, 4, 7, 9)
    return [
        (4 * bar + beat, 0.9, root + steps[beat])
        for bar, root in enumerate(roots)
        for beat in range(4)
    ]


def comping(chords: Sequence[Sequence[int]]) -> list[Played]:
    """A chord of a bar each, struck twice."""
    return [
        (4 * bar + at, 1.4, pitch)
        for bar, pitches in enumerate(chords)
        for at in (0, 2)
        for pitch in pitches
    ]


def midi_file(
    path: Path,
    *parts: Part,
    chords: Sequence[tuple[float, str]] = (),
    meters: Sequence[tuple[float, str]] = ((0, "4/4"),),
    bpm: float = 132.0,
    marks: Sequence[FormMark] = (),
    key: str = "",
    title: str = "",
) -> Path:
    """A file of these tracks; chords and meters stand at beats."""
    spans = [
        ChordSpan(Ticks(round(at * PPQ)), Ticks(round(at * PPQ) + 1), parse_chord(symbol))
        for at, symbol in chords
    ]
    write_score(
        path,
        Score(
            length=Ticks(0),
            tempo=TempoMap.constant(bpm),
            meters=tuple(Bar(Ticks(round(at * PPQ)), Meter.parse(text)) for at, text in meters),
            chords=tuple(spans),
            parts=parts,
            title=title,
            key=key,
            marks=tuple(marks),
        ),
    )
    return path
