"""Standard MIDI files: reading the notes of files that others wrote.

A file may be broken or hostile, so every length is checked against what is there before it is
used, and all sizes are bounded: 8 MB, 256 tracks, 500,000 events, four bytes to a number (the
limit of the Standard MIDI Files 1.0 specification). mido 1.3 does not do this: on a number without
an end it takes time that grows with the square of the file, and it raises six kinds of exception.

Conventions
    Ticks come out at 480 to the quarter, rounded, whatever the division of the file. Messages
    with impossible data bytes are skipped, as a synthesizer would. A track ends at its
    end-of-track or at the end of its chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from live_improv.midi.codec import decode, printable
from live_improv.midi.files import MidiFileError, notes_in
from live_improv.music.events import Note, NoteOn, Timed
from live_improv.music.timing import PPQ, Ticks

MAX_BYTES = 8_000_000
MAX_TRACKS = 256
MAX_EVENTS = 500_000

_SYSEX = (0xF0, 0xF7)
_META = 0xFF
_TRACK_NAME, _END_OF_TRACK, _SET_TEMPO = 0x03, 0x2F, 0x51
_SMPTE = 0x8000


class BadMidiFile(MidiFileError):
    """A file that is not a MIDI file we read; the message names it and says why."""

    def __init__(self, path: str | Path, why: str) -> None:
        super().__init__(f"cannot read {printable(str(path))}: {why}")
        self.why = why


@dataclass(frozen=True, slots=True)
class FileTrack:
    """One track of a file: its name, and what happens in it, in order.

    Attributes:
        end: the tick of the end-of-track, or of the last event where there is none.
    """

    name: str
    events: tuple[Timed, ...]
    end: Ticks


def read_tracks(path: str | Path) -> tuple[FileTrack, ...]:
    """The tracks of a file of format 0 or 1.

    Raises:
        BadMidiFile: the file cannot be read, is not a whole MIDI file, or is beyond our bounds.
    """
    data = _load(path)
    try:
        return _tracks(data)
    except _Fault as fault:
        raise BadMidiFile(path, str(fault)) from fault


def read_notes(path: str | Path, channel: int | None = None) -> list[Note]:
    """The notes of a file, by onset then pitch: of one channel, or of all together.

    Raises:
        BadMidiFile: as for `read_tracks`.
    """
    notes = [note for track in read_tracks(path) for note in _notes(track, channel)]
    return sorted(notes, key=lambda note: (note.onset, note.pitch))


class _Fault(ValueError):
    """What is wrong with the bytes of a file."""


@dataclass(slots=True)
class _Cursor:
    """A place in the bytes of a file that never leaves `at..end`."""

    data: bytes
    at: int
    end: int

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        start, self.at = self.at, self.at + count
        if self.at > self.end:
            raise _Fault(f"it breaks off at byte {self.end}, inside what began at byte {start}")
        return self.data[start : self.at]

    def number(self) -> int:
        """A number of variable length: seven bits a byte, at most four bytes."""
        value = 0
        for _ in range(4):
            (byte,) = self.take(1)
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise _Fault(f"a number at byte {self.at - 4} has more than four bytes")


def _load(path: str | Path) -> bytes:
    file = Path(path)
    try:
        if not file.is_file():
            raise BadMidiFile(path, "it is not a file")
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise BadMidiFile(path, printable(reason or str(error))) from error
    if len(data) > MAX_BYTES:
        raise BadMidiFile(path, f"it is larger than {MAX_BYTES} bytes")
    return data


def _tracks(data: bytes) -> tuple[FileTrack, ...]:
    if not data.startswith(b"MThd"):
        raise _Fault("it is not a MIDI file")
    chunks = _chunks(data)
    _, header = next(chunks)
    form, count, division = (int.from_bytes(header.take(2), "big") for _ in range(3))
    if form not in (0, 1):
        raise _Fault(f"format {form}; expected 0 or 1")
    if not division or division & _SMPTE:
        raise _Fault("its time is not counted in ticks to the quarter note")
    if count > MAX_TRACKS:
        raise _Fault(f"{count} tracks; expected {MAX_TRACKS} at most")
    bodies = [body for kind, body in chunks if kind == b"MTrk"]
    if len(bodies) < count:
        raise _Fault(f"{count} tracks are announced, {len(bodies)} are there")
    left = MAX_EVENTS
    tracks = []
    for body in bodies[:count]:
        track, used = _track(body, division, left)
        left -= used
        tracks.append(track)
    return tuple(tracks)


def _chunks(data: bytes) -> Iterator[tuple[bytes, _Cursor]]:
    """The name and the inside of every chunk."""
    cursor = _Cursor(data, 0, len(data))
    while cursor.at < cursor.end:
        kind = cursor.take(4)
        length = int.from_bytes(cursor.take(4), "big")
        start = cursor.at
        cursor.take(length)
        yield kind, _Cursor(data, start, cursor.at)


def _track(cursor: _Cursor, division: int, most: int) -> tuple[FileTrack, int]:
    """A track, and the number of its events, which is `most` at most."""
    events: list[Timed] = []
    name = ""
    count = tick = 0
    for delta, message in _messages(cursor):
        tick += delta
        count += 1
        if count > most:
            raise _Fault(f"it has more than {MAX_EVENTS} events")
        if message[0] == _META:
            if message[1] == _TRACK_NAME and not name:
                name = printable(message[2:].decode("utf-8", "replace"))
            elif message[1] == _SET_TEMPO and not any(message[2:]):
                raise _Fault("a tempo of 0")
        elif (event := decode(message)) is not None:
            events.append(Timed(_rescaled(tick, division), event))
    return FileTrack(name, tuple(events), _rescaled(tick, division)), count


def _messages(cursor: _Cursor) -> Iterator[tuple[int, bytes]]:
    """Each delta time with its message, or meta event as FF, type and data, up to the end.

    A meta event or system exclusive leaves the running status alone, as most programs do.
    """
    running = 0
    while cursor.at < cursor.end:
        delta = cursor.number()
        (status,) = cursor.take(1)
        if status == _META:
            kind = cursor.take(1)
            message = bytes((_META,)) + kind + cursor.take(cursor.number())
            yield delta, message
            if kind[0] == _END_OF_TRACK:
                return
        elif status in _SYSEX:
            cursor.take(cursor.number())
            yield delta, bytes((status,))
        elif status > _SYSEX[0]:
            raise _Fault(f"status {status:#x} at byte {cursor.at - 1} has no place in a file")
        else:
            if status < 0x80:
                cursor.at -= 1
            else:
                running = status
            if not running:
                raise _Fault(f"data without a status at byte {cursor.at}")
            data = cursor.take(1 if running & 0xE0 == 0xC0 else 2)
            yield delta, bytes((running,)) + data


def _rescaled(tick: int, division: int) -> Ticks:
    return Ticks((2 * tick * PPQ + division) // (2 * division))


def _notes(track: FileTrack, channel: int | None) -> Iterator[Note]:
    used = {timed.event.channel for timed in track.events if isinstance(timed.event, NoteOn)}
    for each in sorted(used if channel is None else used & {channel}):
        yield from notes_in(track.events, track.end, each)
