"""The clock follower: whatever came before, it is sound, and follows a clock that begins anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from live_improv.listening.clock_follower import PULSE_TICKS, ClockFollower, Move
from live_improv.music.events import Continue, Event, Pulse, SongPosition, Start, Stop
from live_improv.music.timing import MAX_BPM, MIN_BPM, Seconds, Ticks
from tests.fuzz.seeds import clocks as code
from tests.fuzz.target import Target

MOST_PULSES = 200
_PIECES = re.compile(rb"\x01..|\x05...|..|.", re.DOTALL)
_PLAIN: dict[int, Event] = {
    code.PULSE: Pulse(),
    code.START: Start(),
    code.STOP: Stop(),
    code.CONTINUE: Continue(),
}


def clock(_: Path) -> Target:
    """A clock and its transport, with every gap that a line can have."""
    return Target(_read, code.CLOCK_SEEDS, code.CLOCK_TOKENS, _PIECES, 2_000)


def _read(data: bytes) -> bool:
    follower = ClockFollower()
    at = 0.0
    for gap, event in _messages(data):
        at += gap
        # None is the player's tap on the first beat.
        move = follower.downbeat(Seconds(at)) if event is None else _heard(follower, event, at)
        assert isinstance(move, Move)
        _sound(follower, at)
    _follows_again(follower, at + 2.0)
    return True


def _messages(data: bytes) -> Iterator[tuple[float, Event | None]]:
    """Each message with its gap; at most `MOST_PULSES` pulses."""
    rest, left = iter(data), MOST_PULSES
    for operation in rest:
        kind, gap = operation & 7, code.gap_of(next(rest, 0))
        if kind == code.ROW:
            count = min(next(rest, 1), left)
            left -= count
            yield from ((gap, Pulse()) for _ in range(count))
        elif kind == code.POSITION:
            yield gap, SongPosition((next(rest, 0) << 8 | next(rest, 0)) & 0x3FFF)
        elif kind == code.TAP:
            yield gap, None
        elif kind == code.BEGIN:
            yield gap, Start()
            yield 0.0, Pulse()
        else:
            yield gap, _PLAIN[kind]


def _heard(follower: ClockFollower, event: Event, at: float) -> Move:
    move = follower.receive(event, Seconds(at))
    if isinstance(event, Stop):
        assert not follower.playing
    elif isinstance(event, Start | Continue):
        assert follower.playing
    if isinstance(event, Start):
        assert follower.position == 0 or move is Move.NONE
    if isinstance(event, SongPosition) and move is Move.RELOCATED:
        assert follower.position == event.sixteenths * 120
    return move


def _sound(follower: ClockFollower, at: float) -> None:
    """What holds after every message."""
    bpm = follower.bpm
    assert bpm is None or MIN_BPM <= bpm <= MAX_BPM
    assert isinstance(follower.position, int)
    if follower.tempo is not None:
        (change,) = follower.tempo.changes
        assert change.tick == follower.position
        assert MIN_BPM <= change.bpm <= MAX_BPM
        assert isfinite(change.at), "the map is nowhere"
        assert isfinite(follower.tempo.seconds_at(Ticks(follower.position + 1920)))
    assert isinstance(follower.lost(Seconds(at)), bool)


def _follows_again(follower: ClockFollower, at: float) -> None:
    """A clock of 120 that starts after a silence is followed within a bar."""
    follower.receive(Stop(), Seconds(at))
    at += 2.0
    follower.receive(Start(), Seconds(at))
    for number in range(4 * 24 + 1):
        follower.receive(Pulse(), Seconds(at + number / 48))
        assert follower.position == number * PULSE_TICKS
    assert follower.playing
    assert follower.bpm is not None
    assert abs(follower.bpm - 120.0) < 1.0, f"{follower.bpm:.1f} instead of 120"
    assert follower.tempo is not None
    beat = follower.tempo.seconds_at(Ticks(5 * 480))
    assert abs(beat - (at + 2.5)) < 0.005, f"the beat is {1000 * (beat - at - 2.5):.1f} ms off"
