"""The bytes of Standard MIDI files that others wrote: from chunks to messages.

A file may be broken or hostile, so every length is checked against what is there before it is
used, and all sizes are bounded: 8 MB, 256 tracks, 120,000 events (what is read within a second;
an hour of piano has some 60,000), four bytes to a number (the limit of the Standard MIDI Files 1.0
specification). mido 1.3 does not do this: on a number without an end it takes time that grows with
the square of the file, and it raises six kinds of exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 8_000_000
MAX_TRACKS = 256
MAX_EVENTS = 120_000

META = 0xFF
_SYSEX = (0xF0, 0xF7)
_END_OF_TRACK = 0x2F
_SMPTE = 0x8000


class Fault(ValueError):
    """What is wrong with the bytes of a file."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a track, or a meta event as FF, type and data.

    Attributes:
        tick: from the beginning of the track, in the file's own division.
    """

    tick: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Scanned:
    """The messages of a file, track by track; `division` is their ticks to the quarter."""

    division: int
    tracks: tuple[tuple[Message, ...], ...]


def scan(path: str | Path) -> Scanned:
    """The messages of a file of format 0 or 1, each track up to its end-of-track.

    Raises:
        Fault: it is not a whole MIDI file, or beyond our bounds.
        OSError: it cannot be read.
    """
    cursor = _Cursor(data := _load(Path(path)), 0, len(data))
    if not data.startswith(b"MThd"):
        raise Fault("it is not a MIDI file")
    chunks = _chunks(cursor)
    _, header = next(chunks)
    form, count, division = (int.from_bytes(header.take(2), "big") for _ in range(3))
    if form not in (0, 1):
        raise Fault(f"format {form}; expected 0 or 1")
    if not division or division & _SMPTE:
        raise Fault("its time is not counted in ticks to the quarter note")
    if count > MAX_TRACKS:
        raise Fault(f"{count} tracks; expected {MAX_TRACKS} at most")
    bodies = [body for kind, body in chunks if kind == b"MTrk"]
    if len(bodies) < count:
        raise Fault(f"{count} tracks are announced, {len(bodies)} are there")
    left = MAX_EVENTS
    tracks = []
    for body in bodies[:count]:
        tracks.append(_track(body, left))
        left -= len(tracks[-1])
    return Scanned(division, tuple(tracks))


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
            raise Fault(f"it breaks off at byte {self.end}, inside what began at byte {start}")
        return self.data[start : self.at]

    def number(self) -> int:
        """A number of variable length: seven bits a byte, at most four bytes."""
        value = 0
        for _ in range(4):
            (byte,) = self.take(1)
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise Fault(f"a number at byte {self.at - 4} has more than four bytes")


def _load(file: Path) -> bytes:
    if not file.is_file():
        raise Fault("it is not a file")
    with file.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Fault(f"it is larger than {MAX_BYTES} bytes")
    return data


def _chunks(cursor: _Cursor) -> Iterator[tuple[bytes, _Cursor]]:
    """The name and the inside of every chunk."""
    while cursor.at < cursor.end:
        kind = cursor.take(4)
        length = int.from_bytes(cursor.take(4), "big")
        start = cursor.at
        cursor.take(length)
        yield kind, _Cursor(cursor.data, start, cursor.at)


def _track(cursor: _Cursor, most: int) -> tuple[Message, ...]:
    messages: list[Message] = []
    tick = 0
    for delta, data in _messages(cursor):
        tick += delta
        if len(messages) == most:
            raise Fault(f"it has more than {MAX_EVENTS} events")
        messages.append(Message(tick, data))
    return tuple(messages)


def _messages(cursor: _Cursor) -> Iterator[tuple[int, bytes]]:
    """Each delta time with its message, or meta event as FF, type and data, up to the end.

    A meta event or system exclusive leaves the running status alone, as most programs do.
    """
    running = 0
    while cursor.at < cursor.end:
        delta = cursor.number()
        (status,) = cursor.take(1)
        if status == META:
            kind = cursor.take(1)
            message = bytes((META,)) + kind + cursor.take(cursor.number())
            yield delta, message
            if kind[0] == _END_OF_TRACK:
                return
        elif status in _SYSEX:
            cursor.take(cursor.number())
            yield delta, bytes((status,))
        elif status > _SYSEX[0]:
            raise Fault(f"status {status:#x} at byte {cursor.at - 1} has no place in a file")
        else:
            if status < 0x80:
                cursor.at -= 1
            else:
                running = status
            if not running:
                raise Fault(f"data without a status at byte {cursor.at}")
            data = cursor.take(1 if running & 0xE0 == 0xC0 else 2)
            yield delta, bytes((running,)) + data
