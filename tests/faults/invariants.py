"""What holds of every stream that is sent, whatever was done to the program meanwhile.

One checker for all recorded streams: of a session under virtual time, of a stand-in for a MIDI
system, of a process that listened at a port, of a file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from live_improv.midi.codec import decode, encode
from live_improv.music.events import Event, NoteOff, NoteOn, ProgramChange, SongPosition
from tests.performance.sessions import Sent

Moment = tuple[float, Event]
"""When something was sent, in seconds, and what."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be sent.

    Attributes:
        sounding: notes of one channel at a time.
        rate: note-ons of one channel in any second.
    """

    sounding: int = 16
    rate: int = 40


USUAL = Limits()


class Checker:
    """Takes a stream event by event; keeps no more of it than it needs.

    Each note-on has exactly one later off, no off is without its on, nothing sounds at the end, no
    more sounds at a time and no more begins in a second than is allowed, every data byte is one,
    and time never goes back.

    Attributes:
        found: everything that is wrong so far, one line each.
        down: what sounds: the moment of its on, by channel and pitch.
    """

    def __init__(self, limits: Limits = USUAL) -> None:
        self.found: list[str] = []
        self.down: dict[tuple[int, int], float] = {}
        self._limits = limits
        self._begun: dict[int, deque[float]] = {}
        self._before = float("-inf")

    def add(self, at: float, event: Event) -> None:
        """Take the next one."""
        if at < self._before:
            self._say(at, f"{event} after {self._before:.6f}")
        self._before = at
        for why in _odd_bytes(event):
            self._say(at, f"{event}: {why}")
        if isinstance(event, NoteOn):
            self._on(at, event)
        elif isinstance(event, NoteOff) and (event.channel, event.pitch) not in self.down:
            self._say(at, f"{event} without its on")
        elif isinstance(event, NoteOff):
            del self.down[event.channel, event.pitch]

    def end(self) -> list[str]:
        """That was all; everything that is wrong."""
        stuck = [f"{pitch} on channel {channel} is stuck" for channel, pitch in sorted(self.down)]
        return [*self.found, *stuck]

    def _on(self, at: float, on: NoteOn) -> None:
        key = (on.channel, on.pitch)
        if key in self.down:
            self._say(at, f"{on} sounds since {self.down[key]:.6f}")
        self.down[key] = at
        sounding = sum(channel == on.channel for channel, _ in self.down)
        if sounding > self._limits.sounding:
            self._say(at, f"{sounding} notes sound on channel {on.channel}")
        recent = self._begun.setdefault(on.channel, deque())
        recent.append(at)
        while recent[0] <= at - 1.0:
            recent.popleft()
        if len(recent) > self._limits.rate:
            self._say(at, f"{len(recent)} note-ons a second on channel {on.channel}")

    def _say(self, at: float, what: str) -> None:
        self.found.append(f"{at:.6f}: {what}")


def faults(stream: Iterable[Moment], limits: Limits = USUAL, *, ends: bool = True) -> list[str]:
    """Everything that is wrong with a stream, one line each; see `Checker`.

    Args:
        ends: the stream is whole: what sounds at its end is stuck.
    """
    checker = Checker(limits)
    for at, event in stream:
        checker.add(at, event)
    return checker.end() if ends else checker.found


def check(stream: Iterable[Moment], limits: Limits = USUAL, *, ends: bool = True) -> None:
    """See that nothing is wrong with a stream.

    Raises:
        AssertionError: with all that is.
    """
    found = faults(stream, limits, ends=ends)
    assert not found, "\n".join(found[:20])


def of_session(sent: Iterable[Sent]) -> list[Moment]:
    """What came out of a session under virtual time."""
    return [(each.at, each.event) for each in sent]


def of_bytes(said: Iterable[tuple[float, list[int]]]) -> list[Moment]:
    """What was heard at a port, message by message.

    Raises:
        AssertionError: some bytes are no message that we send.
    """
    found: list[Moment] = []
    for at, data in said:
        event = decode(data)
        assert event is not None, f"{at:.6f}: {data} is no message of ours"
        found.append((at, event))
    return found


def _odd_bytes(event: Event) -> list[str]:
    """What MIDI cannot say of an event."""
    try:
        _, *data = encode(event)
    except ValueError as error:
        return [str(error)]
    wrong = [number for number in data if not 0 <= number <= 127]
    sizes = {SongPosition: 2, NoteOn: 2, NoteOff: 2, ProgramChange: 1}
    if len(data) != sizes.get(type(event), len(data)):
        wrong.append(len(data))
    return [f"data bytes {data}"] if wrong else []
