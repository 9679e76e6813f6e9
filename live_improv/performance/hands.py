"""The player's hands on the controls: what their knobs, pads and keys do, and MIDI learn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn
from live_improv.performance.bindings import (
    DEFAULT_MAP,
    FIRST_MODE_MESSAGE,
    Binding,
    ControlMap,
)
from live_improv.performance.controls import (
    KEYS,
    MIDDLE,
    Kind,
    Knobs,
    Turned,
    control,
    read_key,
)

_ESCAPE, _ERASE = "\x1b", ("\x7f", "\b")


class Stage(Enum):
    """Where learning is."""

    CHOOSING = "press the key of the control to be learned"
    WAITING = "move a knob or strike a pad"
    LEARNED = "learned"
    FORGOTTEN = "forgotten"
    CANCELLED = "nothing learned"


@dataclass(frozen=True, slots=True)
class Learning:
    """Learning has come to this stage.

    Attributes:
        stage: where it is; the last three are its end.
        name: of the control, once chosen.
        binding: what turns the control now, where that has changed.
    """

    stage: Stage
    name: str | None = None
    binding: Binding | None = None

    def __str__(self) -> str:
        name = f"{self.name}: " if self.name else ""
        now = f"; now {self.binding}" if self.binding else ""
        return f"{name}{self.stage.value}{now}"


@dataclass(frozen=True, slots=True)
class Handled:
    """The event was for a control, and is not music.

    Attributes:
        outcome: what it did; None if nothing changes.
    """

    outcome: Turned | Learning | None = None


class Hands:
    """The player's hands on the controls: what their knobs, pads and keys do, and learning.

    Learning goes: `l`; the key of a control; the next controller that moves, or note that is
    struck, is its binding from then on. Escape or `l` leaves it as it was; the erase key gives the
    control back what it had before it was ever learned.

    Args:
        base: what holds where nothing has been learned.
        learned: what has been, laid over `base`.
    """

    def __init__(self, base: ControlMap = DEFAULT_MAP, learned: ControlMap | None = None) -> None:
        self._base = base
        self.learned = ControlMap() if learned is None else learned
        self.map = base.with_all(self.learned)
        self._stage: Stage | None = None
        self._chosen = ""
        self._values: dict[tuple[int, int], int] = {}  # (channel, controller) -> last heard
        self._held: set[tuple[int, int]] = set()  # (channel, pitch) of struck pads

    def hear(self, event: Event, knobs: Knobs) -> Handled | None:
        """Take an event of the player's; None means that it is music, or nothing to do with us.

        The off of a pad is ours if its on was, whatever has been learned in between.
        """
        if isinstance(event, NoteOff):
            key = (event.channel, event.pitch)
            if key not in self._held:
                return None
            self._held.remove(key)
            return Handled()
        if isinstance(event, ControlChange):
            return self._hear_controller(event, knobs)
        if not isinstance(event, NoteOn):
            return None
        learned = self._learn_from(event)
        if learned is None and not self.map.owns(event):
            return None
        self._held.add((event.channel, event.pitch))
        return Handled(learned or self._done(self.map.read(event, knobs)))

    def press(self, char: str, knobs: Knobs) -> Turned | Learning | None:
        """Take a key press; None if it does nothing."""
        if self._stage is not None:
            if char == _ESCAPE or char in control("learn").keys:
                return self._end(Stage.CANCELLED)
            if self._stage is Stage.CHOOSING:
                action = KEYS.get(char)
                return None if action is None else self.learn(action.name)
            if char in _ERASE:
                return self._forget()
        return self._done(read_key(char, knobs))

    def learn(self, name: str) -> Learning:
        """Wait for the binding of this control.

        Raises:
            ControlError: there is no such control.
        """
        self._chosen = control(name).name
        self._stage = Stage.WAITING
        return Learning(Stage.WAITING, self._chosen)

    def _hear_controller(self, event: ControlChange, knobs: Knobs) -> Handled | None:
        if event.control >= FIRST_MODE_MESSAGE:
            return None
        key = (event.channel, event.control)
        before = self._values.get(key)
        self._values[key] = event.value
        # A DAW that repeats where its controllers are has moved none.
        if event.value != before and (learned := self._learn_from(event)) is not None:
            return Handled(learned)
        name = self.map.name(event)
        if name is None:
            return None
        # A knob fires once on its way up; a button that says 127 with every press, every time.
        if control(name).kind is Kind.TRIGGER and MIDDLE <= (before or 0) != event.value:
            return Handled()
        return Handled(self._done(self.map.read(event, knobs)))

    def _learn_from(self, event: NoteOn | ControlChange) -> Learning | None:
        binding = Binding.of(event)
        if self._stage is not Stage.WAITING or binding is None:
            return None
        self.learned = self.learned.with_binding(self._chosen, binding)
        self.map = self._base.with_all(self.learned)
        return self._end(Stage.LEARNED, binding)

    def _forget(self) -> Learning:
        self.learned = self.learned.with_binding(self._chosen, None)
        self.map = self._base.with_all(self.learned)
        return self._end(Stage.FORGOTTEN, self.map.binding(self._chosen))

    def _end(self, stage: Stage, binding: Binding | None = None) -> Learning:
        name = self._chosen if self._stage is Stage.WAITING else None
        self._stage = None
        return Learning(stage, name, binding)

    def _done(self, action: Turned | None) -> Turned | Learning | None:
        if action != Turned("learn", True):
            return action
        self._stage = Stage.CHOOSING
        return Learning(Stage.CHOOSING)
