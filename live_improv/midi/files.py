"""Standard MIDI files: writing a performance over its changes.

Conventions
    Format 1 of the Standard MIDI Files 1.0 specification, 480 ticks to the quarter as everywhere
    here: ticks are written as they were played. Track 0 is what everyone shares (title, tempo map,
    meters, key, chord symbols as markers), track 1 the solo, track 2 plain chords. Texts are
    UTF-8, which every reader takes and which ASCII symbols are. A file appears only when it
    is complete. mido is not needed, so offline playing loads no MIDI library.
"""

from __future__ import annotations

import os
import re
import secrets
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from live_improv.midi.codec import encode, printable
from live_improv.music.changes import Changes, ChordSpan
from live_improv.music.events import (
    ControlChange,
    Event,
    Note,
    NoteOff,
    NoteOn,
    ProgramChange,
    Timed,
)
from live_improv.music.timing import PPQ, Meter, TempoMap, Ticks
from live_improv.music.voicing import bass_note, voice

CHORD_PROGRAM = 0
CHORD_VELOCITY = 52

_DRUM_CHANNEL = 9
_CHANNEL_EVENTS = NoteOn | NoteOff | ControlChange | ProgramChange

_TRACK_NAME, _MARKER, _END_OF_TRACK = 0x03, 0x06, 0x2F
_SET_TEMPO, _TIME_SIGNATURE, _KEY_SIGNATURE = 0x51, 0x58, 0x59

# What comes first among the messages of one tick: an off must free its key before the next on.
_FIRST, _OFFS, _CONTROLS, _ONS = range(4)


class MidiFileError(RuntimeError):
    """A file that cannot be read or written; the message is one line with the path and why."""


@dataclass(frozen=True, slots=True, order=True)
class _Placed:
    """The bytes of a message or meta event, where they go in a track."""

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
        part = _part_beside(_target(path))
        part.touch(exist_ok=False)
        part.unlink()
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from error


def write_performance(
    path: str | Path,
    events: Iterable[Timed],
    changes: Changes,
    tempo: TempoMap,
    length: Ticks,
) -> None:
    """Write a solo with its chords to `path`, which is replaced only by the complete file.

    Every note-on gets its off: a note that is struck again ends there, one that still sounds at
    the end of the piece ends with it, a note of no length lasts a tick. Of the events those of the
    transport are left out.

    Args:
        events: in the order they were played within each tick, with ticks of 0 and more.
        changes: one chorus, written round and round up to `length`.
        tempo: the tempo map the ticks were played by.
        length: ticks of the whole piece; the tracks end there or after the last event.

    Raises:
        MidiFileError: `path` cannot be written; what stood there still stands.
        ValueError: an event has a negative tick, or a number that MIDI cannot say.
    """
    played = sorted(events, key=lambda timed: timed.tick)
    if played and played[0].tick < 0:
        raise ValueError(f"an event at tick {played[0].tick}: a file begins at tick 0")
    last = Ticks(max(length, played[-1].tick if played else 0))
    used = {timed.event.channel for timed in played if isinstance(timed.event, _CHANNEL_EVENTS)}
    spare = next((c for c in range(16) if c not in used and c != _DRUM_CHANNEL), 0)
    tracks = (
        list(_shared_track(changes, tempo, length)),
        list(_solo_track(played, sorted(used), last)),
        list(_chord_track(changes, length, spare)),
    )
    end = max(last, *(item.tick for track in tracks for item in track))
    header = b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), PPQ)
    _replace(path, header + b"".join(_chunk(track, end) for track in tracks))


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


def _shared_track(changes: Changes, tempo: TempoMap, length: Ticks) -> Iterator[_Placed]:
    """The title, tempo map, meters, key and chord symbols."""
    yield _meta(0, _TRACK_NAME, _text(changes.title or "live_improv"))
    yield _tempo(Ticks(0), tempo.bpm_at(Ticks(0)))
    yield from (
        _tempo(change.tick, change.bpm) for change in tempo.changes if 0 < change.tick < length
    )
    if (key := _key_signature(changes.key)) is not None:
        yield _meta(0, _KEY_SIGNATURE, key)
    meter: Meter | None = None
    for chorus in range(0, length, changes.length):
        for bar in changes.bars:
            if bar.meter != meter and chorus + bar.start < length:
                meter = bar.meter
                yield _meta(chorus + bar.start, _TIME_SIGNATURE, _meter(meter))
    for span in _rounds(changes, length):
        yield _meta(span.start, _MARKER, _text(span.chord.symbol))


def _solo_track(events: Sequence[Timed], channels: Sequence[int], end: Ticks) -> Iterator[_Placed]:
    yield _meta(0, _TRACK_NAME, _text("Solo"))
    for timed in events:
        if isinstance(timed.event, ControlChange | ProgramChange):
            yield _Placed(timed.tick, _CONTROLS, encode(timed.event))
    for channel in channels:
        for note in notes_in(events, end, channel):
            yield from _note(note, channel)


def _chord_track(changes: Changes, length: Ticks, channel: int) -> Iterator[_Placed]:
    yield _meta(0, _TRACK_NAME, _text("Chords"))
    yield _message(Ticks(0), _CONTROLS, ProgramChange(CHORD_PROGRAM, channel))
    upper: tuple[int, ...] | None = None
    for span in _rounds(changes, length):
        bass = bass_note(span.chord)
        upper = voice(span.chord, upper)
        for pitch in upper if bass is None else (bass, *upper):
            held = Ticks(span.end - span.start)
            yield from _note(Note(span.start, held, pitch, CHORD_VELOCITY), channel)


def _rounds(changes: Changes, length: Ticks) -> Iterator[ChordSpan]:
    """The chords of as many choruses as `length` takes, at their places, the last one cut there."""
    for chorus in range(0, length, changes.length):
        for span in changes.chords:
            start, end = Ticks(chorus + span.start), Ticks(min(chorus + span.end, length))
            if start < end:
                yield ChordSpan(start, end, span.chord)


def _note(note: Note, channel: int) -> Iterator[_Placed]:
    yield _message(note.onset, _ONS, NoteOn(note.pitch, note.velocity, channel))
    yield _message(note.end, _OFFS, NoteOff(note.pitch, channel))


def _message(tick: Ticks, rank: int, event: Event) -> _Placed:
    return _Placed(tick, rank, encode(event))


def _meta(tick: int, kind: int, data: bytes) -> _Placed:
    return _Placed(tick, _FIRST, bytes((0xFF, kind)) + _variable_length(len(data)) + data)


def _tempo(tick: Ticks, bpm: float) -> _Placed:
    return _meta(tick, _SET_TEMPO, round(60e6 / bpm).to_bytes(3, "big"))


def _meter(meter: Meter) -> bytes:
    """Numerator, power of two, MIDI clocks to a metronome click, 32nds to a quarter."""
    power = meter.denominator.bit_length() - 1
    return bytes((meter.numerator, power, 96 // meter.denominator, 8))


def _key_signature(key: str) -> bytes | None:
    """Sharps (flats are negative) and minor, or None for what is not a key of at most seven."""
    match = re.fullmatch(r"([A-G])([#b♯♭]?)\s*(m|-|mi|min|minor|maj|major|M)?", key.strip())
    if match is None:
        return None
    letter, accidental, mode = match.groups()
    minor = mode in ("m", "-", "mi", "min", "minor")
    fifths = "FCGDAEB".index(letter) - 1 - 3 * minor
    fifths += 7 * (accidental in ("#", "♯")) - 7 * (accidental in ("b", "♭"))
    return struct.pack(">bB", fifths, minor) if -7 <= fifths <= 7 else None


def _text(text: str) -> bytes:
    return printable(text).encode("utf-8")


def _chunk(track: Iterable[_Placed], end: int) -> bytes:
    """A track chunk, with the one end-of-track at `end`."""
    body = bytearray()
    at = 0
    placed = sorted(track, key=lambda item: (item.tick, item.rank))
    for item in (*placed, _meta(end, _END_OF_TRACK, b"")):
        body += _variable_length(item.tick - at) + item.data
        at = item.tick
    return b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def _variable_length(number: int) -> bytes:
    """A number in groups of seven bits, all but the last marked; four of them at most."""
    if not 0 <= number < 1 << 28:
        raise ValueError(f"{number}: a MIDI file holds 0 to {(1 << 28) - 1} here")
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


def _replace(path: str | Path, data: bytes) -> None:
    """Put a complete file in the place of whatever regular file is at `path`."""
    try:
        target = _target(path)
        part = _part_beside(target)
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from error


def _target(path: str | Path) -> Path:
    """Where the file really goes: a link is written through, a device is never replaced."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        kind = "a folder" if target.is_dir() else "not a regular file"
        raise ValueError(f"it is {kind}")
    if not target.parent.is_dir():
        raise ValueError(f"there is no folder {target.parent}")
    return target


def _part_beside(target: Path) -> Path:
    """A new name in the same folder, short whatever the target is called."""
    return target.with_name(f".live_improv-{secrets.token_hex(6)}.part")


def _cannot_write(path: str | Path, error: Exception) -> MidiFileError:
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return MidiFileError(f"cannot write {printable(str(path))}: {printable(reason)}")
