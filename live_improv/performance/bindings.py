"""Which knob or pad of the player's controller turns which control.

Conventions
    A binding is written `cc 21`, `note 36` or `cc 21 channel 3`; channels are 1..16 there and
    0..15 in a `Binding`; without one it holds on every channel. The controllers 120..127 are
    channel mode messages (MIDI 1.0 Detailed Specification, "Channel Mode Messages"), which a DAW
    sends on all channels before it plays (REAPER: 120 and 123): they are never a control.
    What a continuous controller does is `Control.at`. A note turns a number to what its velocity
    stands for, takes a choice to the next one, flips a toggle and fires a trigger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn
from live_improv.performance.controls import (
    Control,
    ControlError,
    Kind,
    Knobs,
    Turned,
    Value,
    control,
)

FIRST_MODE_MESSAGE = 120
_FORM = re.compile(r"(cc|note) (\d{1,3})(?: channel (\d{1,2}))?")


class Source(Enum):
    """What a binding listens to."""

    CC = "cc"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Binding:
    """A controller or a note of the player's instrument.

    Attributes:
        source: which of the two.
        number: of the controller, 0..119, or the note, 0..127.
        channel: 0..15, or None for any.

    Raises:
        ControlError: a number is outside its range.
    """

    source: Source
    number: int
    channel: int | None = None

    def __post_init__(self) -> None:
        most = FIRST_MODE_MESSAGE - 1 if self.source is Source.CC else 127
        if not 0 <= self.number <= most:
            why = "; the others say a channel's mode" if self.source is Source.CC else ""
            raise ControlError(f"{self.source.value} {self.number}: expected 0 to {most}{why}")
        if self.channel is not None and not 0 <= self.channel <= 15:
            raise ControlError(f"channel {self.channel + 1}: expected 1 to 16")

    @classmethod
    def parse(cls, text: str) -> Binding:
        """Read a binding as people write it.

        Raises:
            ControlError: it is not written so, or a number is outside its range.
        """
        form = _FORM.fullmatch(" ".join(text.lower().split()))
        if form is None:
            raise ControlError(f"{text!r}: expected something like 'cc 21' or 'note 36 channel 10'")
        source, number, channel = form.groups()
        return cls(Source(source), int(number), None if channel is None else int(channel) - 1)

    @classmethod
    def of(cls, event: Event) -> Binding | None:
        """What `event` comes from, on its channel; None if that can be no control."""
        match event:
            case ControlChange(number, _, channel) if number < FIRST_MODE_MESSAGE:
                return cls(Source.CC, number, channel)
            case NoteOn(pitch, _, channel) | NoteOff(pitch, channel):
                return cls(Source.NOTE, pitch, channel)
        return None

    def overlaps(self, other: Binding) -> bool:
        """Whether one message may come from both."""
        return (self.source, self.number) == (other.source, other.number) and (
            self.channel == other.channel or None in (self.channel, other.channel)
        )

    def __str__(self) -> str:
        where = "" if self.channel is None else f" channel {self.channel + 1}"
        return f"{self.source.value} {self.number}{where}"


class ControlMap:
    """Which binding turns which control: a value, each control and each binding in it once.

    Args:
        bindings: by the name of the control.

    Raises:
        ControlError: there is no such control, or two bindings may be the same message.
    """

    def __init__(self, bindings: Mapping[str, Binding] | None = None) -> None:
        self._bindings: dict[str, Binding] = {}
        self._names: dict[tuple[Source, int, int], str] = {}
        for name, binding in (bindings or {}).items():
            if other := next((n for n, b in self._bindings.items() if b.overlaps(binding)), None):
                raise ControlError(f"{name} and {other} are both {binding}")
            self._bindings[control(name).name] = binding
            channels = range(16) if binding.channel is None else (binding.channel,)
            self._names |= {(binding.source, binding.number, each): name for each in channels}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ControlMap) and self._bindings == other._bindings

    __hash__ = None  # type: ignore[assignment]

    def binding(self, name: str) -> Binding | None:
        """What turns the control of that name, if anything does."""
        return self._bindings.get(name)

    def name(self, event: Event) -> str | None:
        """The control that this event's knob or pad turns; None if the event is music."""
        match event:
            case ControlChange(number, _, channel):
                return self._find(Source.CC, number, channel)
            case NoteOn(pitch, _, channel) | NoteOff(pitch, channel):
                return self._find(Source.NOTE, pitch, channel)
        return None

    def owns(self, event: Event) -> bool:
        """Whether the event is of a control, also where it changes nothing (a note's off)."""
        return self.name(event) is not None

    def read(self, event: Event, knobs: Knobs) -> Turned | None:
        """What the event does to these knobs; None if it is music or changes nothing."""
        name = None if isinstance(event, NoteOff) else self.name(event)
        if name is None:
            return None
        row = knobs.row(name)
        if isinstance(event, NoteOn):
            value = _struck(row, event, knobs)
        elif isinstance(event, ControlChange):
            value = row.at(event.value)
        return None if value == knobs.value(name) else Turned(name, value)

    def with_binding(self, name: str, binding: Binding | None) -> ControlMap:
        """The same map, but `binding` turns this control alone and it is turned by nothing else.

        Raises:
            ControlError: there is no such control.
        """
        kept = {
            other: held
            for other, held in self._bindings.items()
            if other != control(name).name and not (binding and held.overlaps(binding))
        }
        return ControlMap(kept | ({name: binding} if binding else {}))

    def with_all(self, other: ControlMap) -> ControlMap:
        """The same map with every binding of another one laid over it."""
        both = self
        for name, binding in other._bindings.items():
            both = both.with_binding(name, binding)
        return both

    def to_dict(self) -> dict[str, str]:
        """As plain data: name to binding, as people write it."""
        return {name: str(binding) for name, binding in self._bindings.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, str]) -> ControlMap:
        """The map that `to_dict` wrote.

        Raises:
            ControlError: a name or a binding in it is none.
        """
        bindings = {}
        for name, text in data.items():
            try:
                bindings[control(name).name] = Binding.parse(text)
            except ControlError as error:
                raise ControlError(f"{name}: {error}") from None
        return cls(bindings)

    def _find(self, source: Source, number: int, channel: int) -> str | None:
        return self._names.get((source, number, channel))


def _struck(row: Control, note: NoteOn, knobs: Knobs) -> Value:
    """What a note turns a control to."""
    if row.kind in (Kind.NUMBER, Kind.RATIO, Kind.WHOLE):
        return row.at(note.velocity)
    now = knobs.value(row.name)
    moved = row.stepped(now, +1)
    return row.stops[0] if row.kind is Kind.STOPS and moved == now else moved


DEFAULT_MAP = ControlMap(
    {
        name: Binding(Source.CC, number)
        for number, name in enumerate(
            ("temperature", "density", "register", "swing", "dynamics", "follow", "mode", "trade"),
            start=20,
        )
    }
    | {
        name: Binding(Source.CC, number)
        for number, name in enumerate(("mute", "panic", "downbeat"), start=28)
    }
)
"""Until something else is asked for: 20..30, of the controllers that MIDI 1.0 leaves undefined
(20..31), on any channel. Clock, offsets, learning and the end are bound by request only, so a stray
knob cannot stop a concert."""
