"""F14: 5,000 messages a second for ten seconds: what matters is not lost, and we play as ever."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import cycle, islice

import pytest

from live_improv.midi.codec import decode
from live_improv.music.events import Ear, Heard, NoteOff, Pulse
from live_improv.music.timing import Seconds
from live_improv.runtime.inbox import Inbox
from tests.faults.invariants import check, of_session
from tests.performance.sessions import Rehearsal, events

RATE, LENGTH = 5_000, 10.0
STALL = 1.0
"""For so long nobody takes anything out."""

MORE = 5_000
"""Objects that may be kept after 50,000 messages: the last notes, and those that were sent."""


def flood() -> Iterator[list[int]]:
    """Notes, their offs, controllers and a clock, from a channel of somebody else's."""
    said = (
        [data for pitch in range(48, 84) for data in _around(pitch)]
        + [[0xF8], [0xB5, 1, 64], [0xD5, 20], [0xE5, 0, 64], [0xFE]]
    )  # fmt: skip
    return cycle(said)


def _around(pitch: int) -> list[list[int]]:
    return [[0x95, pitch, 80], [0xB5, 11, pitch], [0x85, pitch, 0], [0xB5, 1, pitch]]


def heard() -> list[Heard]:
    """All of it, decoded and stamped as a port does."""
    found = []
    for i, data in enumerate(islice(flood(), int(RATE * LENGTH))):
        event = decode(data)
        if event is not None:
            at = Seconds(1.0 + i / RATE)
            found.append(Heard(at, event, Ear.PLAYER | Ear.CLOCK))
    return found


def test_offs_and_pulses_outlive_a_stall() -> None:
    inbox = Inbox(lambda: None)
    said = [each for each in heard() if each.at < 1.0 + STALL * 4]
    for each in said:
        inbox.put(each)
    found = inbox.take(Seconds(9.0))
    kept = [each for each in said if isinstance(each.event, NoteOff | Pulse)]
    mattering = [
        each
        for each in found
        if isinstance(each, Heard) and isinstance(each.event, NoteOff | Pulse)
    ]
    assert mattering == kept


@pytest.mark.parametrize("mode", ["solo", "trade"])
def test_a_flood_changes_no_note_and_leaves_nothing_behind(mode: str) -> None:
    """A soloist who does not follow plays what they would have; the memory is what it was."""
    plain = Rehearsal(mode, follow=0.0).play(until=13.0)
    rehearsal = Rehearsal(mode, follow=0.0)
    script = [(each.at, each) for each in heard()]
    gc.collect()
    before = len(gc.get_objects())
    sent = rehearsal.play(script, until=13.0)
    gc.collect()
    assert len(gc.get_objects()) - before < MORE
    check(of_session(sent))
    assert sent
    if mode == "solo":
        assert events(sent) == events(plain)
