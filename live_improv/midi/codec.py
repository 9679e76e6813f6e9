"""Our events and mido's messages, both ways.

Conventions
    A message is what mido understands by it; its bytes are those of MIDI 1.0. A note-on of
    velocity 0 means a note-off (MIDI 1.0 Detailed Specification, p. A-2) and becomes a `NoteOff`
    here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence

import mido

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

# Our event, mido's name for it, and which of our fields is which of its; other fields of a
# message, such as the velocity of a note-off, are not used.
_KINDS: tuple[tuple[type[Event], str, dict[str, str]], ...] = (
    (NoteOn, "note_on", {"pitch": "note", "velocity": "velocity", "channel": "channel"}),
    (NoteOff, "note_off", {"pitch": "note", "channel": "channel"}),
    (
        ControlChange,
        "control_change",
        {"control": "control", "value": "value", "channel": "channel"},
    ),
    (ProgramChange, "program_change", {"program": "program", "channel": "channel"}),
    (SongPosition, "songpos", {"sixteenths": "pos"}),
    (Pulse, "clock", {}),
    (Start, "start", {}),
    (Stop, "stop", {}),
    (Continue, "continue", {}),
)
_BY_EVENT = {event: (name, names) for event, name, names in _KINDS}
_BY_NAME = {name: (event, names) for event, name, names in _KINDS}

_LONGEST = 3  # bytes of a message that says an event of ours

# mido fills a note-off with velocity 64, which some receivers take for a release; 0 is neutral.
_CONSTANT = {"note_off": {"velocity": 0}}


def to_message(event: Event) -> mido.Message:
    """The mido message that says `event`.

    Raises:
        ValueError: a number is outside its range in MIDI: 0..127, 0..15 for a channel, 0..16383
            for a song position, 1..127 for the velocity of a `NoteOn`.
    """
    if isinstance(event, NoteOn) and not event.velocity:
        raise ValueError(f"{event}: a velocity of 0 would be a note-off")
    name, names = _BY_EVENT[type(event)]
    numbers = {theirs: getattr(event, ours) for ours, theirs in names.items()}
    try:
        return mido.Message(name, **numbers, **_CONSTANT.get(name, {}))
    except ValueError as error:
        raise ValueError(f"{event}: {error}") from None


def from_message(message: mido.Message) -> Event | None:
    """The event that a message says, or None for one that we do not use."""
    if message.type not in _BY_NAME:
        return None
    if message.type == "note_on" and not message.velocity:
        return NoteOff(message.note, message.channel)
    event, names = _BY_NAME[message.type]
    return event(**{ours: getattr(message, theirs) for ours, theirs in names.items()})


def encode(event: Event) -> list[int]:
    """The bytes that say `event`.

    Raises:
        ValueError: as for `to_message`.
    """
    encoded: list[int] = to_message(event).bytes()
    return encoded


def decode(data: Sequence[int]) -> Event | None:
    """The event that one message's bytes say; None if we do not use it or it is malformed."""
    if len(data) > _LONGEST:  # system exclusive, of any length: mido would look at every byte
        return None
    try:
        return from_message(mido.Message.from_bytes(data))
    except (ValueError, TypeError, LookupError):
        return None


def printable(text: str) -> str:
    """`text` as one line without control characters.

    Port names, titles and texts in files come from elsewhere; a terminal would obey an escape
    sequence in them.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
