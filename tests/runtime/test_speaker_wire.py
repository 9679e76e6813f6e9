"""Records: every event a synthesizer uses survives the pipe, however it is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from live_improv.midi.codec import encode
from live_improv.music.events import (
    Continue,
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    ProgramChange,
    Pulse,
    SongPosition,
    Stamped,
    Start,
    Stop,
)
from live_improv.music.timing import Seconds
from live_improv.runtime.speaker_wire import RECORD_BYTES, Unpacker, pack

numbers, channels = st.integers(0, 127), st.integers(0, 15)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(NoteOn, numbers, st.integers(1, 127), channels),
    st.builds(NoteOff, numbers, channels),
    st.builds(ControlChange, numbers, numbers, channels),
    st.builds(ProgramChange, numbers, channels),
)
stamped = st.builds(Stamped, st.floats(0, 1e9).map(Seconds), events)


@given(st.lists(stamped), st.lists(st.integers(1, 3 * RECORD_BYTES), min_size=1))
def test_what_is_sent_arrives_in_order_whatever_the_pieces(
    sent: list[Stamped], sizes: list[int]
) -> None:
    data = b"".join(pack(each.at, each.event) for each in sent)
    unpacker, found, size = Unpacker(), list[Stamped](), 0
    while data:
        piece, data = data[: sizes[size]], data[sizes[size] :]
        found += unpacker.feed(piece)
        size = (size + 1) % len(sizes)
    assert found == sent


@given(events)
def test_a_record_holds_the_bytes_of_the_midi_message(event: Event) -> None:
    message = encode(event)
    record = pack(Seconds(0.0), event)
    assert len(record) == RECORD_BYTES
    assert list(record[8 : 8 + len(message)]) == message


def test_a_clock_makes_no_sound() -> None:
    for event in (Pulse(), Start(), Stop(), Continue(), SongPosition(4)):
        assert pack(Seconds(0.0), event) == b""
