"""What comes in over MIDI: any bytes, and the messages that a system makes of a cable's.

rtmidi and the systems below it put a cable's bytes together into messages; that is done here as
MIDI 1.0 has it ("Running Status", "System Real Time Messages" and "System Exclusive" of the
Detailed Specification), so that what we are given is what they would give. The bytes are also
given as they are, in lumps that are no messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from live_improv.midi.codec import decode, encode
from live_improv.midi.ports import InputPort
from live_improv.music.events import Event, NoteOff, NoteOn, Pulse, Stamped
from tests.fuzz.seeds.wire import WIRE_SEEDS, WIRE_TOKENS
from tests.fuzz.target import Target

_COMMON = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0}
_PIECES = re.compile(rb"[\x80-\xff][\x00-\x7f]*|.", re.DOTALL)


def wire(_: Path) -> Target:
    """Bytes from a MIDI input, as messages and as lumps of any size."""
    return Target(_read, WIRE_SEEDS, WIRE_TOKENS, _PIECES, 300)


def messages(data: bytes) -> Iterator[list[int]]:
    """The messages in the bytes of a cable, without what belongs to none."""
    status, need, body, exclusive = 0, 0, list[int](), False
    for byte in data:
        if byte >= 0xF8:
            yield [byte]
        elif byte >= 0x80:
            exclusive, body = byte == 0xF0, []
            status = 0 if byte in (0xF0, 0xF7) else byte
            need = _COMMON.get(byte, 0) if byte >= 0xF0 else 1 if byte & 0xE0 == 0xC0 else 2
            if byte == 0xF6:
                yield [byte]
            status = 0 if byte in (0xF4, 0xF5, 0xF6) else status
        elif status and not exclusive:
            body.append(byte)
            if len(body) == need:
                yield [status, *body]
                body = []
                status = 0 if status >= 0xF0 else status  # no running status


class Listener(InputPort):
    """An input without a MIDI system; `events` is what it heard."""

    def __init__(self) -> None:
        self.faults = 0
        self.events: list[Event] = []
        self._receive = self._put

    def _put(self, stamped: Stamped) -> None:
        self.events.append(stamped.event)


def _read(data: bytes) -> bool:
    port = Listener()
    expected: list[Event] = []
    for message in messages(data):
        port.heard((message, 0.0))
        kind = message[0] & 0xF0
        if message == [0xF8]:
            expected.append(Pulse())
        elif kind == 0x90 and message[2]:
            expected.append(NoteOn(message[1], message[2], message[0] & 0xF))
        elif kind in (0x80, 0x90):
            expected.append(NoteOff(message[1], message[0] & 0xF))
    heard = [event for event in port.events if isinstance(event, NoteOn | NoteOff | Pulse)]
    assert heard == expected, "a note or a pulse was not heard, or one that was not played"
    count = 0
    for size in (1, 2, 3, 4, 7):
        for at in range(0, min(len(data), 20), size):
            event = decode(list(data[at : at + size]))
            if event is not None:
                count += 1
                assert decode(encode(event)) == event
    port.heard((data, 0.0))
    assert port.faults == 0
    return bool(heard) or count > 0
