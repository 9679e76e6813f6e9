"""Standard MIDI files: writing a performance over its changes.

Conventions
    Format 1 of the Standard MIDI Files 1.0 specification, 480 ticks to the quarter as everywhere
    here: ticks are written as they were played. Track 0 is what everyone shares (title, tempo map,
    meters, key, chord symbols as markers), track 1 the solo, track 2 plain chords. Texts are
    UTF-8, which every reader takes and which ASCII symbols are. A file appears only when it
    is complete.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import mido

from live_improv.midi.codec import printable, to_message
from live_improv.music.changes import Changes, ChordSpan
from live_improv.music.events import (
    ControlChange,
    Note,
    NoteOff,
    NoteOn,
    ProgramChange,
    Timed,
)
from live_improv.music.timing import PPQ, TempoMap, Ticks
from live_improv.music.voicing import bass_note, voice

CHORD_PROGRAM = 0
CHORD_VELOCITY = 52

_DRUM_CHANNEL = 9
_CHANNEL_EVENTS = NoteOn | NoteOff | ControlChange | ProgramChange

# What comes first among the messages of one tick: an off must free its key before the next on.
_FIRST, _OFFS, _CONTROLS, _ONS, _LAST = range(5)


class MidiFileError(RuntimeError):
    """A file that cannot be read or written; the message is one line with the path and why."""


class _Placed(NamedTuple):
    """A message or meta message, and where it goes in its track."""

    tick: int
    rank: int
    message: mido.Message | mido.MetaMessage


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
    file = mido.MidiFile(type=1, ticks_per_beat=PPQ, charset="utf-8")
    file.tracks.extend(_track(items, end) for items in tracks)
    content = BytesIO()
    file.save(file=content)
    _replace(path, content.getvalue())


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
    yield _meta(0, "track_name", name=printable(changes.title or "live_improv"))
    tempi = {0: tempo.bpm_at(Ticks(0))}
    tempi |= {change.tick: change.bpm for change in tempo.changes if 0 < change.tick < length}
    for tick, bpm in tempi.items():
        yield _meta(tick, "set_tempo", tempo=round(60e6 / bpm))
    if (key := _key_signature(changes.key)) is not None:
        yield _meta(0, "key_signature", key=key)
    meter = None
    for chorus in range(0, length, changes.length):
        for bar in changes.bars:
            if bar.meter != meter and chorus + bar.start < length:
                meter = bar.meter
                yield _meta(
                    chorus + bar.start,
                    "time_signature",
                    numerator=meter.numerator,
                    denominator=meter.denominator,
                    clocks_per_click=96 // meter.denominator,
                )
    for span in _rounds(changes, length):
        yield _meta(span.start, "marker", text=printable(span.chord.symbol))


def _solo_track(events: Sequence[Timed], channels: Sequence[int], end: Ticks) -> Iterator[_Placed]:
    yield _meta(0, "track_name", name="Solo")
    for timed in events:
        if isinstance(timed.event, ControlChange | ProgramChange):
            yield _Placed(timed.tick, _CONTROLS, to_message(timed.event))
    for channel in channels:
        for note in notes_in(events, end, channel):
            yield from _note(note, channel)


def _chord_track(changes: Changes, length: Ticks, channel: int) -> Iterator[_Placed]:
    yield _meta(0, "track_name", name="Chords")
    yield _Placed(0, _CONTROLS, to_message(ProgramChange(CHORD_PROGRAM, channel)))
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
    yield _Placed(note.onset, _ONS, to_message(NoteOn(note.pitch, note.velocity, channel)))
    yield _Placed(note.end, _OFFS, to_message(NoteOff(note.pitch, channel)))


def _meta(tick: int, kind: str, **values: int | str) -> _Placed:
    return _Placed(tick, _FIRST, mido.MetaMessage(kind, **values))


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


def _track(items: Iterable[_Placed], end: int) -> mido.MidiTrack:
    """A track in the order of time, with the one end-of-track at `end`."""
    ending = _Placed(end, _LAST, mido.MetaMessage("end_of_track"))
    track, at = mido.MidiTrack(), 0
    for item in sorted((*items, ending), key=lambda item: (item.tick, item.rank)):
        track.append(item.message.copy(time=item.tick - at))
        at = item.tick
    return track


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
