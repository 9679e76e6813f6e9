"""How events cross to the process of the speakers: records of 12 bytes, one event each.

Conventions
    A record is the moment at which the event was sent, as a little-endian double of seconds of
    `time.perf_counter`, then the three bytes of its MIDI message (MIDI 1.0 Detailed Specification,
    table I), one byte unused. What a synthesizer has no use for, such as a clock, has no record.
"""

from __future__ import annotations

import struct

from live_improv.music.events import (
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    ProgramChange,
    Stamped,
)
from live_improv.music.timing import Seconds

_RECORD = struct.Struct("<dBBBx")
RECORD_BYTES = _RECORD.size

_OFF, _ON, _CONTROL, _PROGRAM = 0x80, 0x90, 0xB0, 0xC0


def pack(at: Seconds, event: Event) -> bytes:
    """The record that says `event`, sent at the moment `at`; nothing for what makes no sound.

    Raises:
        struct.error: a number does not fit into a byte.
    """
    match event:
        case NoteOn(pitch, velocity, channel):
            return _RECORD.pack(at, _ON | channel, pitch, velocity)
        case NoteOff(pitch, channel):
            return _RECORD.pack(at, _OFF | channel, pitch, 0)
        case ControlChange(control, value, channel):
            return _RECORD.pack(at, _CONTROL | channel, control, value)
        case ProgramChange(program, channel):
            return _RECORD.pack(at, _PROGRAM | channel, program, 0)
    return b""


class Unpacker:
    """Reads records from a stream of bytes that comes in pieces of any size."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> list[Stamped]:
        """The events that are complete with these bytes, in the order they were sent."""
        data = self._left + data
        whole = len(data) // RECORD_BYTES * RECORD_BYTES
        self._left = data[whole:]
        return [
            Stamped(Seconds(at), _event(status, first, second))
            for at, status, first, second in _RECORD.iter_unpack(data[:whole])
        ]


def _event(status: int, first: int, second: int) -> Event:
    kind, channel = status & 0xF0, status & 0x0F
    match kind:
        case 0x90:
            return NoteOn(first, second, channel)
        case 0x80:
            return NoteOff(first, channel)
        case 0xB0:
            return ControlChange(first, second, channel)
    return ProgramChange(first, channel)
