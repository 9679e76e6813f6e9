"""Standard MIDI files: writing a performance.

Conventions
    Format 1 of the Standard MIDI Files 1.0 specification, 480 ticks to the quarter as everywhere
    here: ticks are written as they were played. Track 0 is what everyone shares (title, tempo map,
    meters, key, chord symbols as markers, choruses and sections as cue points), then comes a track
    for each part and, where they are asked for, one of plain chords. Texts are UTF-8, which every
    reader takes and which ASCII symbols are. A file appears only when it is complete.

    The bytes of a track are put together here: mido takes more than twice as long, without a pause,
    and a take is also saved while the music plays.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import mido

from live_improv import disk
from live_improv.disk import DiskError
from live_improv.midi.codec import encode, printable
from live_improv.music.changes import Changes, ChordSpan
from live_improv.music.events import ControlChange, Note, NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.form_marks import marks_between
from live_improv.music.score import (
    CHORDS,
    ChannelEvent,
    Pace,
    Part,
    Score,
    chords_between,
    meters_between,
    paced,
)
from live_improv.music.timing import PPQ, TempoMap, Ticks
from live_improv.music.voicing import bass_note, voice

CHORD_PROGRAM = 0
CHORD_VELOCITY = 52

_DRUM_CHANNEL = 9

# What comes first among the messages of one tick: an off must free its key before the next on.
_FIRST, _OFFS, _CONTROLS, _ONS, _LAST = range(5)

_META, _WORDS, _TRACK_NAME, _MARKER, _CUE, _END_OF_TRACK = 0xFF, 0x01, 0x03, 0x06, 0x07, 0x2F


class MidiFileError(RuntimeError):
    """A file that cannot be read or written; the message is one line with the path and why."""


class _Placed(NamedTuple):
    """The bytes of a message or meta message, and where they go in their track."""

    tick: int
    rank: int
    data: bytes


def check_writable(path: str | Path) -> None:
    """See that a file could be written at `path`, before anything is played for it.

    Raises:
        MidiFileError: the folder is missing or takes no new file, or something that is not a
            regular file stands at `path`.
    """
    try:
        disk.check_writable(path)
    except DiskError as error:
        raise _cannot_write(path, error) from error


def write_performance(
    path: str | Path,
    events: Iterable[Timed],
    changes: Changes,
    tempo: TempoMap,
    length: Ticks,
) -> None:
    """Write a solo with its chords to `path`: a score of one part, from bar 1 of the changes on.

    Args:
        events: in the order they were played within each tick, with ticks of 0 and more.
        changes: one chorus, written round and round up to `length`.
        tempo: the tempo map the ticks were played by.
        length: ticks of the whole piece; the tracks end there or after the last event.

    Raises:
        MidiFileError, ValueError: as for `write_score`.
    """
    tempi = [change for change in tempo.changes if 0 < change.tick < length]
    at_the_start = tempo.change_at(Ticks(0))
    opening = replace(at_the_start, tick=Ticks(0), at=tempo.seconds_at(Ticks(0)))
    score = Score(
        length=length,
        tempo=TempoMap((opening, *tempi)),
        meters=tuple(meters_between(changes, Ticks(0), length)),
        chords=tuple(chords_between(changes, Ticks(0), length)),
        parts=(Part("Solo", tuple(sorted(events, key=lambda timed: timed.tick))),),
        title=changes.title,
        key=changes.key,
        chord_track=True,
        marks=tuple(marks_between(changes, Ticks(0), length)),
    )
    write_score(path, score)


def write_score(path: str | Path, score: Score, pace: Pace | None = None) -> None:
    """Write a score to `path`, which is replaced only by the complete file.

    Every note-on gets its off: a note that is struck again ends there, one that still sounds at
    the end of the piece ends with it, a note of no length lasts a tick. Of the events those of the
    transport are left out.

    Args:
        pace: called every now and then.

    Raises:
        MidiFileError: `path` cannot be written; what stood there still stands.
        ValueError: an event has a negative tick, or a number that MIDI cannot say.
    """
    try:
        disk.put_bytes(path, score_bytes(score, pace))
    except DiskError as error:
        raise _cannot_write(path, error) from error


def score_bytes(score: Score, pace: Pace | None = None) -> bytes:
    """The content of the file that `write_score` writes.

    Raises:
        ValueError: as there.
    """
    ticks = [timed.tick for part in score.parts for timed in part.events]
    if ticks and min(ticks) < 0:
        raise ValueError(f"an event at tick {min(ticks)}: a file begins at tick 0")
    last = Ticks(max(score.length, *ticks, 0))
    tracks = [list(_shared_track(score))]
    tracks += (list(_part_track(part, last, pace)) for part in score.parts)
    if score.chord_track:
        tracks.append(list(_chord_track(score.chords, _spare_channel(score.parts))))
    end = max(last, *(item.tick for track in tracks for item in track))
    header = b"".join(number.to_bytes(2, "big") for number in (1, len(tracks), PPQ))
    return _chunk(b"MThd", header) + b"".join(_track(items, end, pace) for items in tracks)


def notes_in(events: Iterable[Timed], end: Ticks, channel: int) -> list[Note]:
    """The notes of one channel, by onset, from events in order; those left sounding end at `end`.

    A note that is struck again ends there, and a note lasts at least one tick.
    """
    notes: list[Note] = []
    sounding: dict[int, tuple[Ticks, int]] = {}

    def close(pitch: int, at: Ticks) -> None:
        if pitch in sounding:
            onset, velocity = sounding.pop(pitch)
            notes.append(Note(onset, Ticks(max(at - onset, 1)), pitch, velocity))

    for timed in events:
        match timed.event:
            case NoteOn(pitch, velocity, on) if on == channel:
                if pitch not in sounding or sounding[pitch][0] < timed.tick:
                    close(pitch, timed.tick)
                    sounding[pitch] = (timed.tick, velocity)
            case NoteOff(pitch, on) if on == channel:
                close(pitch, timed.tick)
    for pitch in tuple(sounding):
        close(pitch, end)
    return sorted(notes, key=lambda note: (note.onset, note.pitch))


def _shared_track(score: Score) -> Iterator[_Placed]:
    """The title, tempo map, meters, key and chord symbols."""
    yield _text(0, _TRACK_NAME, score.title or "live_improv")
    for words in score.words:
        yield _text(0, _WORDS, words)
    for change in score.tempo.changes:
        yield _meta(change.tick, "set_tempo", tempo=round(60e6 / change.bpm))
    if (key := _key_signature(score.key)) is not None:
        yield _meta(0, "key_signature", key=key)
    for bar in score.meters:
        yield _meta(
            bar.start,
            "time_signature",
            numerator=bar.meter.numerator,
            denominator=bar.meter.denominator,
            clocks_per_click=96 // bar.meter.denominator,
        )
    for span in score.chords:
        yield _text(span.start, _MARKER, span.chord.symbol)
    for mark in score.marks:
        yield _text(mark.tick, _CUE, mark.text)


def _part_track(part: Part, end: Ticks, pace: Pace | None) -> Iterator[_Placed]:
    yield _text(0, _TRACK_NAME, part.name)
    channels = defaultdict(list)
    for timed in paced(part.events, pace):
        if isinstance(timed.event, ControlChange | ProgramChange):
            yield _Placed(timed.tick, _CONTROLS, _bytes(timed.event))
        elif isinstance(timed.event, ChannelEvent):
            channels[timed.event.channel].append(timed)
    for channel, events in sorted(channels.items()):
        for note in paced(notes_in(paced(events, pace), end, channel), pace):
            yield from _note(note, channel)


def _chord_track(chords: Iterable[ChordSpan], channel: int) -> Iterator[_Placed]:
    yield _text(0, _TRACK_NAME, CHORDS)
    yield _Placed(0, _CONTROLS, _bytes(ProgramChange(CHORD_PROGRAM, channel)))
    upper: tuple[int, ...] | None = None
    for span in chords:
        bass = bass_note(span.chord)
        upper = voice(span.chord, upper)
        for pitch in upper if bass is None else (bass, *upper):
            held = Ticks(span.end - span.start)
            yield from _note(Note(span.start, held, pitch, CHORD_VELOCITY), channel)


def _spare_channel(parts: Iterable[Part]) -> int:
    """A channel that no part uses and that does not drum; 0 if there is none."""
    events = (timed.event for part in parts for timed in part.events)
    used = {event.channel for event in events if isinstance(event, ChannelEvent)}
    return next((c for c in range(16) if c not in used and c != _DRUM_CHANNEL), 0)


def _note(note: Note, channel: int) -> Iterator[_Placed]:
    yield _Placed(note.onset, _ONS, _bytes(NoteOn(note.pitch, note.velocity, channel)))
    yield _Placed(note.end, _OFFS, _bytes(NoteOff(note.pitch, channel)))


@lru_cache(maxsize=4096)
def _bytes(event: ChannelEvent) -> bytes:
    return bytes(encode(event))


def _meta(tick: int, kind: str, **values: int | str) -> _Placed:
    return _Placed(tick, _FIRST, bytes(mido.MetaMessage(kind, **values).bytes()))


def _text(tick: int, kind: int, text: str) -> _Placed:
    data = printable(text).encode()
    return _Placed(tick, _FIRST, bytes((_META, kind)) + _number(len(data)) + data)


def _key_signature(key: str) -> str | None:
    """The key as mido spells it, such as `Bb` or `F#m`, or None if no signature says it."""
    match = re.fullmatch(r"([A-G])([#b♯♭]?)\s*(m|-|mi|min|minor|maj|major|M)?", key.strip())
    if match is None:
        return None
    letter, accidental, mode = match.groups()
    name = letter + {"♯": "#", "♭": "b"}.get(accidental, accidental)
    name += "m" if mode in ("m", "-", "mi", "min", "minor") else ""
    try:
        mido.MetaMessage("key_signature", key=name)
    except ValueError:  # more than seven sharps or flats
        return None
    return name


def _track(items: Iterable[_Placed], end: int, pace: Pace | None) -> bytes:
    """A track in the order of time, with the one end-of-track at `end`."""
    by_tick: dict[int, list[tuple[int, bytes]]] = {end: []}
    for tick, rank, data in paced(items, pace):
        by_tick.setdefault(tick, []).append((rank, data))
    by_tick[end].append((_LAST, bytes((_META, _END_OF_TRACK, 0))))
    body, at = bytearray(), 0
    for tick in paced(sorted(by_tick), pace):
        for _, data in sorted(by_tick[tick], key=itemgetter(0)):
            body += _number(tick - at) + data
            at = tick
    return _chunk(b"MTrk", bytes(body))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "big") + body


def _number(value: int) -> bytes:
    """A number of variable length: seven bits a byte, all but the last byte marked."""
    data = [value & 0x7F]
    while value := value >> 7:
        data.append(value & 0x7F | 0x80)
    return bytes(reversed(data))


def _cannot_write(path: str | Path, error: DiskError) -> MidiFileError:
    return MidiFileError(f"cannot write {printable(str(path))}: {printable(str(error))}")
