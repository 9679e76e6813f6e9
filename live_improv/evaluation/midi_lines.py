"""Lines out of MIDI files, whoever made them: a melody over chords, its played time read back.

The melody is the track that is called one, or else the track with most notes that are alone. The
chords are those that texts name (markers, lyrics), or what a chord track sounds, or those of a
chart that is given, whose first bar is the file's. The beats are the file's own.

Conventions
    Every file becomes a line or a refusal that says why; none is left out silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from live_improv.evaluation.beat_patterns import Manner
from live_improv.evaluation.lines import Line
from live_improv.evaluation.played_rhythm import RhythmReader
from live_improv.listening.chord_recognition import recognise
from live_improv.midi.parts import FilePart, read_parts
from live_improv.midi.reader import BadMidiFile, ChordMark, Recorded
from live_improv.music.changes import Bar, Changes, ChordSpan, end_to_end
from live_improv.music.chords import Chord, parse_chord
from live_improv.music.events import Note
from live_improv.music.score import CHORDS, IMPROVISER, chords_between
from live_improv.music.timing import PPQ, Seconds, Ticks

SUFFIXES = (".mid", ".midi")

_DRUMS = 9
_MELODIES = re.compile(r"\b(improviser|solo|soloist|melody|lead|sax|trumpet|horn)\b", re.IGNORECASE)
_CHORDS = re.compile(r"\b(chords?|comp|comping|harmony|changes)\b", re.IGNORECASE)
_FEWEST = 16  # notes; fewer are no line to say anything of
_ALONE = 0.8  # a melody's share of notes that none other begins with
_STROKE = PPQ // 8  # the keys of a chord go down within this
_TONES = 3
_NO_CHORD = parse_chord("N.C.")


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is no line, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class MidiLine:
    """A line of a file, and how it was played."""

    line: Line
    manner: Manner


class NoLineError(ValueError):
    """Why a file holds no line that can be judged."""


def read_lines(
    folder: Path, reader: RhythmReader, chart: Changes | None = None
) -> tuple[list[MidiLine], list[Refused]]:
    """The lines of the MIDI files of a folder, by name, and what was refused.

    Args:
        chart: the chords of all the files; without it each has to bring its own.
    """
    lines, refused = [], []
    for path in _files(folder):
        try:
            recorded, parts = read_parts(path)
            lines.append(line_of_parts(path.stem, recorded, parts, reader, chart))
        except BadMidiFile as error:
            refused.append(Refused(path.name, error.why))
        except NoLineError as error:
            refused.append(Refused(path.name, str(error)))
    return lines, refused


def line_of_parts(
    name: str,
    recorded: Recorded,
    parts: Sequence[FilePart],
    reader: RhythmReader,
    chart: Changes | None = None,
) -> MidiLine:
    """The line of a file.

    Raises:
        NoLineError: there is no melody of `_FEWEST` notes, or no chords.
    """
    melody = _melody(parts)
    start, end = melody.notes[0].onset, melody.notes[-1].onset
    beats = max(end - start, 1) / PPQ
    seconds = recorded.tempo.seconds_at(end) - recorded.tempo.seconds_at(start)
    bpm = beats * 60 / max(seconds, Seconds(1e-3))
    reading = reader.read(melody.notes, bpm)
    notes = tuple(note for note in reading.notes if note.onset >= 0)
    bars = _bars(recorded.meters, notes[-1].onset)
    changes = _changes(recorded, parts, melody, bars, chart)
    return MidiLine(Line(name, notes, changes, bpm, name, len(bars)), reading.manner)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES)


def _melody(parts: Sequence[FilePart]) -> FilePart:
    """The part that is the melody."""
    pitched = [part for part in parts if part.channel != _DRUMS and len(part.notes) >= _FEWEST]
    if not pitched:
        raise NoLineError(f"no track has {_FEWEST} notes that are not drums")
    ours = [part for part in pitched if part.name == IMPROVISER]
    named = [part for part in pitched if _MELODIES.search(part.name)]
    unnamed = [part for part in pitched if not _CHORDS.search(part.name)]
    for group in (ours, named, unnamed):
        alone = [part for part in group if _alone(part) >= _ALONE]
        if alone:
            # A bass is alone too: of several the one that lies higher, by the middle note.
            return max(
                alone, key=lambda part: sorted(n.pitch for n in part.notes)[len(part.notes) // 2]
            )
    raise NoLineError("no track is a melody: in each several notes sound at once")


def _alone(part: FilePart) -> float:
    """The share of the notes that begin when no other one does."""
    onsets = [note.onset for note in part.notes]
    near = [b - a < _STROKE // 4 for a, b in pairwise(onsets)]
    together = sum(a or b for a, b in zip([False, *near], [*near, False], strict=True))
    return 1.0 - together / len(onsets)


def _bars(meters: Sequence[Bar], last: Ticks) -> tuple[Bar, ...]:
    """The bars from the beginning of the file to the one that `last` is in."""
    bars, at = [], Ticks(0)
    while at <= last:
        meter = [bar.meter for bar in meters if bar.start <= at][-1]
        bars.append(Bar(at, meter))
        at = Ticks(at + meter.bar_ticks)
    return tuple(bars)


def _changes(
    recorded: Recorded,
    parts: Sequence[FilePart],
    melody: FilePart,
    bars: tuple[Bar, ...],
    chart: Changes | None,
) -> Changes:
    """The chords under all bars of a file."""
    end = Ticks(bars[-1].start + bars[-1].meter.bar_ticks)
    if chart is not None:
        spans: Sequence[ChordSpan] = tuple(chords_between(chart, Ticks(0), end))
    else:
        marks = recorded.chords or _sounded([part for part in parts if part is not melody])
        if not marks:
            raise NoLineError("it names no chords and has no chord track: give a chart")
        spans = end_to_end(((mark.tick, mark.chord) for mark in marks), end)
    return Changes(tuple(spans), bars)


def _sounded(parts: Sequence[FilePart]) -> tuple[ChordMark, ...]:
    """The chords that a track sounds: the one called so, or the one that sounds most of them."""
    pitched = [part for part in parts if part.channel != _DRUMS]
    named = [part for part in pitched if part.name == CHORDS or _CHORDS.search(part.name)]
    found = [_voiced(part) for part in named or pitched]
    return max(found, key=len, default=())


def _voiced(part: FilePart) -> tuple[ChordMark, ...]:
    """The chords of one part, where they change."""
    marks: list[ChordMark] = []
    before: Chord | None = None
    for stroke in _strokes(part.notes):
        held = {note.pitch for note in part.notes if note.onset <= stroke < note.end}
        held |= {n.pitch for n in part.notes if stroke <= n.onset < stroke + _STROKE}
        if len({pitch % 12 for pitch in held}) < _TONES:
            continue
        chord = recognise(held, previous=before)
        if chord is not None and chord != before:
            marks.append(ChordMark(stroke, chord))
            before = chord
    return tuple(marks)


def _strokes(notes: Sequence[Note]) -> Iterator[Ticks]:
    """Where keys go down, those that go down together once."""
    last: Ticks | None = None
    for note in notes:
        if last is None or note.onset - last >= _STROKE:
            last = note.onset
            yield last
