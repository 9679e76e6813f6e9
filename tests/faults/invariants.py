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


def faults(stream: Iterable[Moment], limits: Limits = USUAL, *, ends: bool = True) -> list[str]:
    """Everything that is wrong with a stream, one line each.

    Each note-on has exactly one later off, no off is without its on, nothing sounds at the end, no
    more sounds at a time and no more begins in a second than is allowed, every data byte is one,
    and time never goes back.

    Args:
        ends: the stream is whole: what sounds at its end is stuck.
    """
    found: list[str] = []
    down: dict[tuple[int, int], float] = {}
    begun: dict[int, deque[float]] = {}
    before = float("-inf")
    for at, event in stream:
        if at < before:
            found.append(f"{at:.6f}: {event} after {before:.6f}")
        before = at
        found += [f"{at:.6f}: {event}: {why}" for why in _odd_bytes(event)]
        if isinstance(event, NoteOn):
            key = (event.channel, event.pitch)
            if key in down:
                found.append(f"{at:.6f}: {event} sounds since {down[key]:.6f}")
            down[key] = at
            sounding = sum(channel == event.channel for channel, _ in down)
            if sounding > limits.sounding:
                found.append(f"{at:.6f}: {sounding} notes sound on channel {event.channel}")
            recent = begun.setdefault(event.channel, deque())
            recent.append(at)
            while recent[0] <= at - 1.0:
                recent.popleft()
            if len(recent) > limits.rate:
                found.append(f"{at:.6f}: {len(recent)} note-ons a second on {event.channel}")
        elif isinstance(event, NoteOff) and down.pop((event.channel, event.pitch), None) is None:
            found.append(f"{at:.6f}: {event} without its on")
    if ends:
        found += [f"{pitch} on channel {channel} is stuck" for channel, pitch in sorted(down)]
    return found


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
