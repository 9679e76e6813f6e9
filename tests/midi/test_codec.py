"""Events to bytes and back."""

from __future__ import annotations

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.midi.codec import decode, encode, printable
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

TABLE: list[tuple[Event, mido.Message]] = [
    (NoteOn(60, 100), mido.Message("note_on", note=60, velocity=100)),
    (NoteOn(127, 1, 15), mido.Message("note_on", note=127, velocity=1, channel=15)),
    (NoteOff(60), mido.Message("note_off", note=60, velocity=0)),
    (NoteOff(0, 9), mido.Message("note_off", note=0, velocity=0, channel=9)),
    (ControlChange(64, 127, 3), mido.Message("control_change", control=64, value=127, channel=3)),
    (ProgramChange(65, 2), mido.Message("program_change", program=65, channel=2)),
    (SongPosition(0), mido.Message("songpos", pos=0)),
    (SongPosition(16383), mido.Message("songpos", pos=16383)),
    (Pulse(), mido.Message("clock")),
    (Start(), mido.Message("start")),
    (Continue(), mido.Message("continue")),
    (Stop(), mido.Message("stop")),
]


@pytest.mark.parametrize(("event", "message"), TABLE, ids=lambda value: type(value).__name__)
def test_the_bytes_are_those_of_mido(event: Event, message: mido.Message) -> None:
    assert encode(event) == message.bytes()
    assert decode(message.bytes()) == event


def test_a_note_on_of_velocity_0_is_a_note_off() -> None:
    assert decode([0x93, 60, 0]) == NoteOff(60, 3)


def test_the_velocity_of_a_note_off_is_dropped() -> None:
    assert decode([0x83, 60, 99]) == NoteOff(60, 3)


@pytest.mark.parametrize(
    "data",
    [
        [],
        [60, 100],
        [0x90],
        [0x90, 60],
        [0x90, 128, 100],
        [0x90, 60, -1],
        [0xB0, 200, 1],
        [0xC0],
        [0xF2, 1],
        [0xF0, 1, 2, 0xF7],
        [0xF1, 3],
        [0xFE],
        [0xFF],
        [0xA0, 60, 50],
        [0xD0, 50],
        [0xE0, 0, 64],
        [0x190, 60, 100],
        [-1],
    ],
)
def test_what_is_malformed_or_not_used_is_nothing(data: list[int]) -> None:
    assert decode(data) is None


@given(st.lists(st.integers(-300, 300), max_size=6))
def test_no_bytes_raise(data: list[int]) -> None:
    event = decode(data)
    assert event is None or decode(encode(event)) == event


@pytest.mark.parametrize(
    "event",
    [
        NoteOn(60, 0),
        NoteOn(128, 1),
        NoteOn(60, 128),
        NoteOff(-1),
        NoteOff(60, 16),
        ControlChange(0, 300),
        ProgramChange(128),
        SongPosition(16384),
        SongPosition(-1),
    ],
)
def test_what_midi_cannot_say_is_an_error(event: Event) -> None:
    with pytest.raises(ValueError, match=type(event).__name__):
        encode(event)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Blues in F", "Blues in F"),
        ("  two\n lines\t", "two lines"),
        ("\x1b[31mred\x07", "[31mred"),
        ("Cø7 ♭9 Δ", "Cø7 ♭9 Δ"),
        ("\ud800broken", "broken"),
        ("right-to-left \u202eevil", "right-to-left evil"),
    ],
)
def test_text_is_one_line_without_control_characters(text: str, shown: str) -> None:
    assert printable(text) == shown
