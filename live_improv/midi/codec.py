"""Events and the bytes of MIDI 1.0, both ways.

Conventions
    A message is its status byte and data bytes, as python-rtmidi hands it over and as
    `mido.Message.bytes()` returns it; system exclusive is never used. A note-on of velocity 0 means
    a note-off (MIDI 1.0 Detailed Specification, p. A-2) and becomes a `NoteOff` here and
    nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from live_improv.music.events import (
    Continue,
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    ProgramChange,
    Pulse,
    SongPosition,
    Start,
    Stop,
)

NOTE_OFF = 0x80
NOTE_ON = 0x90
CONTROL_CHANGE = 0xB0
PROGRAM_CHANGE = 0xC0
SONG_POSITION = 0xF2

_SIMPLE: dict[int, Event] = {0xF8: Pulse(), 0xFA: Start(), 0xFB: Continue(), 0xFC: Stop()}
_SIMPLE_STATUS: dict[type[Event], int] = {type(event): byte for byte, event in _SIMPLE.items()}

# Status without its channel -> how many data bytes follow, and what they mean.
_CHANNEL: dict[int, tuple[int, Callable[[Sequence[int], int], Event]]] = {
    NOTE_OFF: (2, lambda data, channel: NoteOff(data[0], channel)),
    NOTE_ON: (
        2,
        lambda data, channel: (
            NoteOn(data[0], data[1], channel) if data[1] else NoteOff(data[0], channel)
        ),
    ),
    CONTROL_CHANGE: (2, lambda data, channel: ControlChange(data[0], data[1], channel)),
    PROGRAM_CHANGE: (1, lambda data, channel: ProgramChange(data[0], channel)),
}


def encode(event: Event) -> bytes:
    """The message that says `event`.

    Raises:
        ValueError: a number is outside its range in MIDI: 0..127, 0..15 for a channel, 0..16383
            for a song position, 1..127 for the velocity of a `NoteOn`.
    """
    match event:
        case NoteOn(pitch, velocity, channel):
            if not velocity:
                raise ValueError(f"{event}: a velocity of 0 would be a note-off")
            return _message(event, NOTE_ON, channel, pitch, velocity)
        case NoteOff(pitch, channel):
            return _message(event, NOTE_OFF, channel, pitch, 0)
        case ControlChange(control, value, channel):
            return _message(event, CONTROL_CHANGE, channel, control, value)
        case ProgramChange(program, channel):
            return _message(event, PROGRAM_CHANGE, channel, program)
        case SongPosition(sixteenths):
            return _message(event, SONG_POSITION, 0, sixteenths & 0x7F, sixteenths >> 7)
        case _:
            return bytes((_SIMPLE_STATUS[type(event)],))


def decode(data: Sequence[int]) -> Event | None:
    """The event that a message says, or None for one that we do not use or that is malformed.

    Bytes after a complete message are ignored; nothing is raised for any sequence of integers.
    """
    if not data:
        return None
    status = data[0]
    if status in _SIMPLE:
        return _SIMPLE[status]
    if status == SONG_POSITION:
        return SongPosition(data[1] | data[2] << 7) if _has_data(data, 2) else None
    kind = _CHANNEL.get(status & 0xF0) if 0x80 <= status <= 0xFF else None
    if kind is None or not _has_data(data, kind[0]):
        return None
    return kind[1](data[1:], status & 0x0F)


def printable(text: str) -> str:
    """`text` as one line without control characters.

    Port names, titles and texts in files come from elsewhere; a terminal would obey an escape
    sequence in them.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _message(event: Event, status: int, channel: int, *data: int) -> bytes:
    if not 0 <= channel <= 15 or not all(0 <= byte <= 127 for byte in data):
        raise ValueError(f"{event}: a number is out of range for MIDI")
    return bytes((status | channel, *data))


def _has_data(data: Sequence[int], count: int) -> bool:
    return len(data) > count and all(0 <= byte <= 127 for byte in data[1 : count + 1])
