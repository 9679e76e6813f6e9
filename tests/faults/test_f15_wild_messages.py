"""F15: whatever bytes come in over MIDI, nothing is raised, and notes are still heard."""

from __future__ import annotations

import random
import time

from live_improv.midi.codec import decode
from live_improv.music.events import NoteOn, Pulse
from tests.fuzz.checking import tried
from tests.fuzz.plain import most_memory
from tests.fuzz.wire import Listener, messages


def test_five_thousand_streams_of_bytes_raise_nothing_and_their_notes_are_heard() -> None:
    # 5,000 and not 10,000: each is tens of messages.
    tally = tried("wire", 5_000)
    assert tally.parsed > 2_500, tally.line()


def test_running_status_and_real_time_inside_system_exclusive() -> None:
    cable = bytes.fromhex("90 3c 50 40 f8 51  f0 7d 01 f8 02 f7  90 43 52  f0 7d 90 45 53")
    port = Listener()
    for message in messages(cable):
        port.heard((message, 0.0))
    notes = [(60, 0x50), (64, 0x51), (67, 0x52), (69, 0x53)]
    heard = [(each.pitch, each.velocity) for each in port.events if isinstance(each, NoteOn)]
    assert heard == notes
    assert sum(isinstance(each, Pulse) for each in port.events) == 2


def test_a_system_exclusive_of_ten_megabytes_is_let_pass_at_once() -> None:
    port = Listener()
    body = [0xF0, *bytes(10_000_000)]
    before = most_memory()
    for whole in (body, [*body, 0xF7]):
        begun = time.process_time()
        port.heard((whole, 0.0))
        assert time.process_time() - begun < 1.0
    after = most_memory()
    port.heard(([0x90, 60, 80], 0.0))
    assert port.events == [NoteOn(60, 80)]
    assert before is None or after is None or after - before < 200.0  # the message itself has 80


def test_a_hundred_thousand_messages_of_every_type() -> None:
    """A million are one command: `python -m tests.fuzz wire --inputs 100000`."""
    chance = random.Random("F15")
    port = Listener()
    played = 0
    for _ in range(100_000):
        if chance.random() < 0.1:
            played += 1
            port.heard(([0x90, chance.randrange(128), chance.randint(1, 127)], 0.0))
        else:
            size = chance.choice((0, 1, 2, 2, 3, 3, 3, 4, 9))
            port.heard(([chance.randrange(256) & chance.choice((255, 0x7F)), *bytes(size)], 0.0))
    assert port.faults == 0
    assert sum(isinstance(each, NoteOn) and each.velocity > 0 for each in port.events) == played
    assert decode([]) is None
