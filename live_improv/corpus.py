"""Solos on disk: JSON lines, one solo a line, become a melody over changes.

Four schemas are read, told apart by their fields. Ours (`corpus_writing`) has a solo as it is, in
ticks. The integer one has notes in 48ths of a beat; the full one has them in beats, exact, with
changes of meter; transcriptions have one chorus of chords and several choruses of notes. A gzipped
file is one whose name ends in `.gz`.

Conventions of all but ours
    Ticks are 480 to the beat (a quarter) and tick 0 is the first beat of a bar; a solo with a
    pickup is moved on by whole bars, so that nothing is negative. Onsets are on the grid of 12 a
    beat, one note to a place; played ends are kept as they are. How the notes were really played
    stands beside them: a moment there may lie before its note's place, and before tick 0.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from types import MappingProxyType
from typing import Any

from live_improv import corpus_writing
from live_improv.grammar.abstraction import monophonic, on_grid
from live_improv.music.changes import Bar, Changes, ChordSpan, Section, end_to_end
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.solos import MAX_BEATS, Played, Solo
from live_improv.music.timing import PPQ, Meter, Ticks

__all__ = ["CorpusError", "Played", "Solo", "read_corpora", "read_corpus", "solo_of"]

_TICKS_PER_48TH = PPQ // 48
NO_CHORD = "N.C."

MAX_LINE = 50_000_000
"""No line is as long, in characters; the longest solo of the corpora has 340 000."""

_MOST_EMPTY = 100_000  # lines with nothing in them: a few bytes of an archive can be millions

_LONGEST = 200  # characters of an error, which may show a value of the line

# What is raised on the way through a line that is no solo.
_BAD_LINE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)

_USUAL_VELOCITY, _VELOCITY_SPREAD = 84, 14
_SOFTEST, _LOUDEST = 36, 120
_QUARTILES_APART = 1.349  # standard deviations, of a normal distribution


class CorpusError(ValueError):
    """A corpus file that cannot be read: names the file, the line and the cause."""


def read_corpus(path: Path) -> Iterator[Solo]:
    """The solos of one file, in order.

    Raises:
        CorpusError: the file cannot be opened, or a line is not a solo of a known schema.
    """
    if path.is_dir():
        raise CorpusError(f"{path} is a folder: `import` makes a corpus of one")
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            # A few bytes of an archive can be a line without end.
            empty = 0
            for number, line in enumerate(iter(lambda: lines.readline(MAX_LINE), ""), 1):
                if len(line) == MAX_LINE:
                    raise CorpusError(f"{path}, line {number}: {MAX_LINE} characters or more")
                if line.strip():
                    yield _read_line(path, number, line)
                    continue
                empty += 1
                if empty > _MOST_EMPTY:
                    raise CorpusError(f"{path}, line {number}: over {_MOST_EMPTY} empty lines")
    except UnicodeDecodeError:
        raise CorpusError(f"{path} is no corpus, for it is no text: `import` makes one") from None
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"{path}: {error}") from None


def read_corpora(paths: Iterable[Path]) -> list[Solo]:
    """The solos of several files; one that stands in two of them counts once, the first time."""
    found: dict[str, Solo] = {}
    for path in paths:
        for solo in read_corpus(path):
            found.setdefault(solo.id, solo)
    return list(found.values())


def _read_line(path: Path, number: int, line: str) -> Solo:
    try:
        return solo_of(json.loads(line))
    except _BAD_LINE as error:
        what = "no field" if isinstance(error, KeyError) else f"{type(error).__name__}:"
        raise CorpusError(f"{path}, line {number}: {what} {str(error)[:_LONGEST]}") from None


def solo_of(record: dict[str, Any]) -> Solo:
    """The solo of one line, of whichever schema.

    Raises:
        ValueError, LookupError, TypeError, AttributeError, ArithmeticError: it is none.
    """
    if corpus_writing.UNIT in record:
        return corpus_writing.solo_of(record)
    if "choruses" in record:
        return _from_transcription(record)
    if "first_bar_tick" in record:
        return _from_integers(record)
    return _from_beats(record)


def _from_integers(record: dict[str, Any]) -> Solo:
    """The integer schema: notes `[tick, duration, pitch, velocity, offset]`, 48 ticks a beat."""
    notes: list[Note] = []
    played: dict[Note, Played] = {}
    for t, d, pitch, *more in record["notes"]:
        notes.append(_note(t * _TICKS_PER_48TH, d * _TICKS_PER_48TH, pitch))
        if more:
            velocity, offset = more
            at = Ticks((t + offset) * _TICKS_PER_48TH)
            played[notes[-1]] = Played(at, notes[-1].length, velocity or None)
    chords = [(t * _TICKS_PER_48TH, symbol) for t, symbol in record["chords"]]
    form = [(t * _TICKS_PER_48TH, name) for t, name in record["form"] or ()]
    first_bar = record["first_bar_tick"] * _TICKS_PER_48TH
    meters = [(first_bar, Meter.parse(record["meter"]))]
    return _solo(record, notes, chords, form, meters, record["tempo"], played)


def _from_beats(record: dict[str, Any]) -> Solo:
    """The full schema: notes `[onset, duration, pitch, ...]` in beats, `meter [[beat, n]..]`."""
    notes: list[Note] = []
    played: dict[Note, Played] = {}
    loudness = [each[5] if len(each) > 5 else None for each in record["notes"]]
    velocities = _velocities(loudness)
    for (t, d, pitch, *more), velocity in zip(record["notes"], velocities, strict=True):
        notes.append(_note(_ticks(t), _ticks(d), pitch))
        if len(more) > 3 and more[3] is not None:
            length = Ticks(max(round(d * PPQ), 1))
            played[notes[-1]] = Played(Ticks(round(more[3] * PPQ)), length, velocity)
    chords = [(_ticks(beat), symbol) for beat, symbol, *_ in record["chords"]]
    form = [(_ticks(beat), name) for beat, name in record.get("form") or ()]
    # The first meter may begin with a pickup; bar 1 is at beat 0 all the same.
    meters = [(_ticks(max(beat, 0)), Meter(beats, 4)) for beat, beats in record["meter"]]
    return _solo(record, notes, chords, form, meters, record["avg_tempo"], played)


def _from_transcription(record: dict[str, Any]) -> Solo:
    """Transcriptions: one chorus of chords, and choruses of notes over them in turn."""
    chorus = _ticks(record["chart_quarters"])
    quarters = sum(part["quarters"] for part in record["choruses"])
    # A short chart goes round often: what a line says once must not fill the memory.
    if _ticks(quarters) * max(len(record["chords"]), 1) > MAX_BEATS * chorus:
        raise ValueError(f"more than {MAX_BEATS} chords")
    notes, chords, form, at = [], [], [], 0
    for part in record["choruses"]:
        notes += [_note(at + _ticks(t), _ticks(d), pitch) for t, d, pitch in part["notes"]]
        length = _ticks(part["quarters"])
        for start in range(0, length, chorus):
            form.append((at + start, "A"))
            chords += [
                (at + start + _ticks(quarter), symbol)
                for quarter, symbol in record["chords"]
                if start + _ticks(quarter) < length
            ]
        at += length
    meters = [(0, Meter.parse(record["signature"]))]
    # What a lead sheet calls its style is how it is to be played.
    record = {**record, "feel": record.get("style"), "style": ""}
    return _solo(record, notes, chords, form, meters, record["avg_tempo"])


def _solo(
    record: dict[str, Any],
    notes: list[Note],
    chords: list[tuple[int, str]],
    form: list[tuple[int, str]],
    meters: list[tuple[int, Meter]],
    bpm: float | None,
    played: Mapping[Note, Played] = MappingProxyType({}),
) -> Solo:
    """Put the parts of a solo on one time line that starts at 0 with a whole bar."""
    line, dropped = monophonic(notes)
    if not line:
        raise ValueError("a solo without notes")
    broken = {_ticks(beat) for beat in record.get("bad_beats") or ()}
    known = [None if note.onset // PPQ * PPQ in broken else played.get(note) for note in line]
    line = on_grid(line)
    feel = str(record.get("feel") or record.get("rhythm_feel") or "")
    origin, first_meter = meters[0]
    bar = first_meter.bar_ticks
    early = min(line[0].onset, origin) - origin
    start = origin + early // bar * bar
    if line[-1].onset - start > MAX_BEATS * PPQ:
        raise ValueError(f"a solo of more than {MAX_BEATS} beats")
    bars = _bars(start, [(start, first_meter), *meters[1:]], line[-1].onset)
    moved = tuple(
        Note(Ticks(note.onset - start), note.length, note.pitch, note.velocity) for note in line
    )
    end = bars[-1].start + bars[-1].meter.bar_ticks
    changes = Changes(
        chords=_spans([(at - start, symbol) for at, symbol in chords], end),
        bars=bars,
        sections=tuple(
            Section(Ticks(max(at - start, 0)), name) for at, name in form if at - start < end
        ),
        title=str(record["title"]),
        key=str(record.get("key") or ""),
        tempo=bpm,
        style=feel.lower(),
    )
    return Solo(
        id=str(record["id"]),
        split=str(record.get("split") or "train"),
        performer=str(record.get("performer") or ""),
        title=str(record["title"]),
        notes=moved,
        changes=changes,
        bpm=float(bpm or 140.0),
        lengths_known=record.get("durations_from") != "ioi",
        dropped=dropped,
        instrument=str(record.get("instrument") or ""),
        style=str(record.get("style") or ""),
        feel=feel,
        played=tuple(each and replace(each, onset=Ticks(each.onset - start)) for each in known)
        if any(known)
        else (),
    )


def _velocities(loudness: Sequence[float | None]) -> list[int | None]:
    """Loudness in dB as velocities, see `Played`: what the integer schema has already."""
    known = [each for each in loudness if each is not None]
    if len(known) < 2:
        return [None] * len(loudness)
    low, middle, high = quantiles(known, method="inclusive")
    scale = _VELOCITY_SPREAD * _QUARTILES_APART / max(high - low, 0.1)
    raw = [None if each is None else _USUAL_VELOCITY + scale * (each - middle) for each in loudness]
    return [None if each is None else min(max(round(each), _SOFTEST), _LOUDEST) for each in raw]


def _bars(start: int, meters: list[tuple[int, Meter]], last: int) -> tuple[Bar, ...]:
    """Bars from `start` until one contains `last`; a meter holds from the bar it falls in."""
    bars, at, held, come = [], start, 0, 0
    in_turn = sorted(range(len(meters)), key=lambda i: meters[i][0])
    while at <= last:
        while come < len(in_turn) and meters[in_turn[come]][0] <= at:
            held = max(held, in_turn[come])
            come += 1
        meter = meters[held][1]
        bars.append(Bar(Ticks(at - start), meter))
        at += meter.bar_ticks
    return tuple(bars)


def _spans(chords: list[tuple[int, str]], end: int) -> tuple[ChordSpan, ...]:
    """Chord spans that fill 0..`end`; what begins before 0 begins there."""
    starts = sorted({max(at, 0): symbol for at, symbol in chords if at < end}.items())
    return end_to_end(((Ticks(at), parse_chord(symbol)) for at, symbol in starts), Ticks(end))


def _note(onset: int, length: int, pitch: int) -> Note:
    if not (isinstance(onset, int) and isinstance(length, int) and 0 <= pitch <= 127):
        raise ValueError(f"note at tick {onset}, length {length}, pitch {pitch}")
    return Note(Ticks(onset), Ticks(max(length, 1)), int(pitch))


def _ticks(beats: float) -> int:
    """Beats as ticks, by way of the 48ths the integer schema has."""
    if abs(beats) > MAX_BEATS:
        raise ValueError(f"beat {beats:g}: expected at most {MAX_BEATS}")
    return round(beats * 48) * _TICKS_PER_48TH
