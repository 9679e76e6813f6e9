"""The checker of streams finds what it is for."""

from __future__ import annotations

import pytest

from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn, Pulse
from tests.faults.invariants import Limits, Moment, check, faults, of_bytes, of_session
from tests.performance.sessions import Rehearsal

ON, OFF = NoteOn(60, 80), NoteOff(60)

WRONG: dict[str, tuple[list[Moment], str]] = {
    "no off": ([(0.0, ON)], "60 on channel 0 is stuck"),
    "two offs": ([(0.0, ON), (0.1, OFF), (0.2, OFF)], "without its on"),
    "no on": ([(0.0, OFF)], "without its on"),
    "off before on": ([(0.0, OFF), (0.1, ON)], "without its on"),
    "struck twice": ([(0.0, ON), (0.1, ON), (0.2, OFF)], "sounds since"),
    "another channel": ([(0.0, ON), (0.1, NoteOff(60, 1))], "without its on"),
    "time goes back": ([(1.0, ON), (0.9, OFF)], "after 1.0"),
    "no such pitch": ([(0.0, NoteOn(128, 80)), (0.1, NoteOff(128))], "128"),
    "velocity 0": ([(0.0, NoteOn(60, 0)), (0.1, OFF)], "velocity of 0"),
    "no such value": ([(0.0, ControlChange(1, 200))], "200"),
    "no such channel": ([(0.0, ControlChange(1, 2, 16))], "16"),
    "too many at a time": (
        [*[(0.0, NoteOn(n, 80)) for n in range(3)], *[(9.0, NoteOff(n)) for n in range(3)]],
        "3 notes sound",
    ),
    "too many in a second": (
        [(i / 8, event) for i in range(9) for event in (NoteOn(i, 80), NoteOff(i))],
        "a second",
    ),
}
TIGHT = Limits(sounding=2, rate=7)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    stream, why = WRONG[name]
    assert any(why in line for line in faults(stream, TIGHT)), faults(stream, TIGHT)
    with pytest.raises(AssertionError):
        check(stream, TIGHT)


def test_what_is_right_is_not() -> None:
    both: list[Event] = [
        NoteOn(60, 80),
        NoteOn(62, 80),
        NoteOff(60),
        NoteOn(60, 1),
        NoteOff(62),
        NoteOff(60),
    ]
    assert (
        faults([*((0.5 * i, event) for i, event in enumerate(both)), (9.0, Pulse())], TIGHT) == []
    )
    assert faults([(0.0, ON)], ends=False) == []


def test_a_session_and_a_port_are_read_alike() -> None:
    stream = of_session(Rehearsal(bars=4).play())
    assert len(stream) > 10
    check(stream)
    assert faults(of_bytes([(0.0, [0x90, 60, 80]), (0.1, [0x80, 60, 0])])) == []
    with pytest.raises(AssertionError, match="no message"):
        of_bytes([(0.0, [0x90, 60])])
