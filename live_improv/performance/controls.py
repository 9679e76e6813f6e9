"""What may be changed while playing: one row of `CONTROLS` each, and their values, `Knobs`.

Conventions
    A control goes by the name of its command-line option, with underscores. Its MIDI value is
    0..127; 64 is the default of everything that has a middle, as with the centred controllers of
    MIDI 1.0, and 64 and above is "on" (MIDI 1.0 Detailed Specification, table III, note on
    switches). Values are checked where they are made: nothing outside its range gets into `Knobs`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

Value = bool | int | float | str

MODES = ("solo", "trade", "answer", "duet")
CLOCKS = ("internal", "midi", "link")
TRADES = (1, 2, 4, 8, 12, 16)
"""The lengths in bars that a step or a MIDI value chooses from; any of 1..64 may be set."""

MIDDLE, LAST = 64, 127
"""The MIDI value of a default, and the highest one."""

OFF = "off"
"""What a control is at that has been given nothing of what is offered."""

_DECIMALS = 3  # finer than a MIDI value moves anything here, and readable


class ControlError(ValueError):
    """A control that does not exist, a value outside its range, or a binding that cannot be."""


class Kind(Enum):
    """What sort of value a control has, and how MIDI values and steps move it."""

    NUMBER = "number"  # even steps below and above the default
    RATIO = "ratio"  # even ratios below and above the default
    WHOLE = "whole number"
    STOPS = "whole number, in stops"  # moves from one of `stops` to the next
    CHOICE = "choice"
    OFFERED = "choice, of what the model offers"
    TOGGLE = "toggle"
    TRIGGER = "trigger"  # has no value: it happens


@dataclass(frozen=True, slots=True)
class Turned:
    """A control now has this value; a trigger has happened (and its value is True)."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Step:
    """A control moves by one step, up (+1) or down (-1)."""

    name: str
    by: int


@dataclass(frozen=True, slots=True)
class Control:
    """One row of the table.

    Attributes:
        name: as in `Knobs`, except for triggers.
        about: one line for people.
        kind: what sort of value it has.
        default: its value before anybody touches it.
        low, high: the range of a number, both ends in it.
        choices: what a `CHOICE` chooses from; of what is `OFFERED`, see `Knobs.row`.
        stops: where a step or a MIDI value takes `STOPS`, rising.
        step: how far a key moves a number.
        keys: of a number the keys down and up; of a choice a key for each choice, or one for the
            next choice; of a toggle or a trigger the keys that do it.
        unit: of the value, for people.
    """

    name: str
    about: str
    kind: Kind
    default: Value = False
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    stops: tuple[int, ...] = ()
    step: float = 0.0
    keys: str = ""
    unit: str = ""

    @property
    def expected(self) -> str:
        """What its values are, in words."""
        if len(self.choices) > 1:
            return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        if self.kind is Kind.OFFERED:
            return f"{OFF} or one of the model's own"
        if self.kind is Kind.TOGGLE:
            return "on or off"
        if self.kind is Kind.TRIGGER:
            return "no value"
        whole = "a whole number from " if self.kind in (Kind.WHOLE, Kind.STOPS) else ""
        return f"{whole}{self.low:g} to {self.high:g}"

    def checked(self, value: Value) -> Value:
        """`value` as this control keeps it: a float, an int, a choice or a bool.

        Raises:
            ControlError: it has the wrong type or lies outside the range.
        """
        if self.choices and isinstance(value, str) and value in self.choices:
            return value
        if self.kind is Kind.TOGGLE and isinstance(value, bool):
            return value
        if self.low < self.high and not isinstance(value, bool | str):
            inside = self.low <= value <= self.high
            if inside and self.kind in (Kind.NUMBER, Kind.RATIO):
                return float(value)
            if inside and value == int(value):
                return int(value)
        raise ControlError(f"{self.name} {value!r}: expected {self.expected}")

    def parsed(self, text: str) -> Value:
        """The value that a person wrote.

        Raises:
            ControlError: it is none of this control's.
        """
        if self.kind is Kind.TOGGLE and text in ("on", "off"):
            return text == "on"
        try:
            return self.checked(float(text) if self.low < self.high else text)
        except ValueError:
            raise ControlError(f"{self.name} {text!r}: expected {self.expected}") from None

    def at(self, midi: int) -> Value:
        """The value that a MIDI value of 0..127 stands for; a trigger's says whether it fires."""
        if stations := self.choices or self.stops:
            return stations[midi * len(stations) // (LAST + 1)]
        if self.kind in (Kind.TOGGLE, Kind.TRIGGER):
            return midi >= MIDDLE
        middle = float(self.default)
        below = midi < MIDDLE
        end = self.low if below else self.high
        share = (MIDDLE - midi) / MIDDLE if below else (midi - MIDDLE) / (LAST - MIDDLE)
        if self.kind is Kind.RATIO:
            return round(float(middle * (end / middle) ** share), _DECIMALS)
        exact = middle + share * (end - middle)
        return round(exact) if self.kind is Kind.WHOLE else round(exact, _DECIMALS)

    def stepped(self, value: Value, by: int) -> Value:
        """`value` one step up (+1) or down (-1).

        A number goes to its end and no further, a choice round and round; a toggle flips.
        """
        if self.choices:
            return self.choices[(self.choices.index(str(value)) + by) % len(self.choices)]
        if self.kind in (Kind.TOGGLE, Kind.TRIGGER):
            return not value
        now = float(value)
        if self.kind is Kind.STOPS:
            ahead = [stop for stop in self.stops if (stop > now if by > 0 else stop < now)]
            return (ahead[0] if by > 0 else ahead[-1]) if ahead else value
        moved = min(max(now + by * self.step, self.low), self.high)
        return round(moved) if self.kind is Kind.WHOLE else round(moved, _DECIMALS)

    def shown(self, value: Value) -> str:
        """The value as people read it, with its unit."""
        if self.kind is Kind.TOGGLE:
            return "on" if value else "off"
        if self.kind in (Kind.NUMBER, Kind.RATIO):
            return f"{value:.2f}"
        unit = f" {self.unit}" if self.unit else ""
        signed = self.kind is Kind.WHOLE and float(value) > 0
        return f"{'+' if signed else ''}{value}{unit}"


def _number(
    name: str,
    about: str,
    span: tuple[float, float, float],
    step: float,
    keys: str,
    kind: Kind = Kind.NUMBER,
    unit: str = "",
) -> Control:
    """A row of a number; `span` is its lowest, default and highest value."""
    low, default, high = span
    return Control(name, about, kind, default, low, high, step=step, keys=keys, unit=unit)


_ROWS = (
    _number("temperature", "tame to wild", (0.05, 1.0, 4.0), 0.1, "tT", Kind.RATIO),
    _number("density", "fewer or more notes than as learned", (-1.0, 0.0, 1.0), 0.1, "dD"),
    _number("register", "where in its range the line lies", (-1.0, 0.0, 1.0), 0.1, "rR"),
    _number("swing", "times the tempo's own, 0 is even", (0.0, 1.0, 2.0), 0.1, "sS"),
    _number("laid_back", "late as people are, 0 is on the beat", (0.0, 1.0, 2.0), 0.1, "hH"),
    _number("loose", "uneven as people are, 0 is strict", (0.0, 1.0, 2.0), 0.1, "uU"),
    _number("articulation", "shorter or longer notes", (-1.0, 0.0, 1.0), 0.1, "aA"),
    _number("dynamics", "added to the velocity", (-40, 0, 40), 4, "vV", Kind.WHOLE),
    _number("follow", "how much it takes up your motifs", (0.0, 0.5, 1.0), 0.1, "fF"),
    Control("manner", "in whose manner it plays", Kind.OFFERED, OFF, choices=(OFF,), keys="nN"),
    Control("mode", "who plays when", Kind.CHOICE, "solo", choices=MODES, keys="1234"),
    Control("trade", "a turn", Kind.STOPS, 4, 1, 64, stops=TRADES, keys="[]", unit="bars"),
    Control("clock", "whose beat we keep", Kind.CHOICE, "internal", choices=CLOCKS, keys="c"),
    _number(
        "clock_offset_ms", "moves the beat we follow", (-200, 0, 200), 5, "oO", Kind.WHOLE, "ms"
    ),
    _number("latency_ms", "we send earlier", (-200, 0, 500), 5, "yY", Kind.WHOLE, "ms"),
    _number("tempo", "of the internal clock", (20.0, 140.0, 500.0), 4, "-=", unit="bpm"),
    _number("transpose", "the chart sounds higher", (-11, 0, 11), 1, "<>", Kind.WHOLE, "semitones"),
    _number("bass_level", "of the band, 0 is silent", (0.0, 1.0, 2.0), 0.1, "gG"),
    _number("piano_level", "of the band, 0 is silent", (0.0, 1.0, 2.0), 0.1, "pP"),
    _number("drums_level", "of the band, 0 is silent", (0.0, 1.0, 2.0), 0.1, "kK"),
    Control("mute", "play without sounding", Kind.TOGGLE, keys="m"),
    Control("panic", "silence everything", Kind.TRIGGER, keys=" !"),
    Control("start_stop", "stop, or start at bar 1", Kind.TRIGGER, keys="x"),
    Control("downbeat", "this is bar 1 now", Kind.TRIGGER, keys="b"),
    Control("learn", "give a control a knob or a pad", Kind.TRIGGER, keys="l"),
    Control("quit", "end", Kind.TRIGGER, keys="q"),
)

CONTROLS = {row.name: row for row in _ROWS}
"""Every control by its name, in the order in which they are shown."""


def control(name: str) -> Control:
    """The row of that name.

    Raises:
        ControlError: there is none.
    """
    if name not in CONTROLS:
        raise ControlError(f"no control is called {name!r}; there are {', '.join(CONTROLS)}")
    return CONTROLS[name]


@dataclass(frozen=True, slots=True)
class Knobs:
    """The values of all controls that have one; `CONTROLS` tells ranges and meanings.

    Attributes:
        manners: no control: what the model offers to `manner`.

    Raises:
        ControlError: a value has the wrong type or lies outside its range.
    """

    temperature: float = 1.0
    density: float = 0.0
    register: float = 0.0
    swing: float = 1.0
    laid_back: float = 1.0
    loose: float = 1.0
    articulation: float = 0.0
    dynamics: int = 0
    follow: float = 0.5
    manner: str = OFF
    mode: str = "solo"
    trade: int = 4
    clock: str = "internal"
    clock_offset_ms: int = 0
    latency_ms: int = 0
    tempo: float = 140.0
    transpose: int = 0
    bass_level: float = 1.0
    piano_level: float = 1.0
    drums_level: float = 1.0
    mute: bool = False
    manners: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name in CONTROLS:
                checked = self.row(field.name).checked(getattr(self, field.name))
                object.__setattr__(self, field.name, checked)

    @property
    def manner_number(self) -> int | None:
        """The number of the manner among the model's, from 0; None where it is off."""
        return None if self.manner == OFF else self.manners.index(self.manner)

    def row(self, name: str) -> Control:
        """The control of that name, with the choices that are offered to it.

        Raises:
            ControlError: there is no such control.
        """
        row = control(name)
        if row.kind is Kind.OFFERED and self.manners:
            return replace(row, choices=(OFF, *self.manners))
        return row

    def value(self, name: str) -> Value:
        """The value of the control of that name; a trigger's is False.

        Raises:
            ControlError: there is no such control.
        """
        value: Value = getattr(self, control(name).name, False)
        return value

    def with_(self, name: str, value: Value) -> Knobs:
        """The same knobs with one of them turned.

        Raises:
            ControlError: there is no such control, it is a trigger, or the value is not its.
        """
        changed: dict[str, Any] = {name: self.row(name).checked(value)}
        return replace(self, **changed)


def turned(step: Step, knobs: Knobs) -> Turned | None:
    """What a step does to these knobs; None where they are at their end already."""
    row, value = knobs.row(step.name), knobs.value(step.name)
    moved = row.stepped(value, step.by)
    return None if moved == value else Turned(row.name, moved)


def _key_actions(row: Control) -> dict[str, Turned | Step]:
    if row.kind is Kind.CHOICE and len(row.keys) == len(row.choices):
        return {
            key: Turned(row.name, choice) for key, choice in zip(row.keys, row.choices, strict=True)
        }
    if row.kind in (Kind.CHOICE, Kind.TOGGLE, Kind.TRIGGER):
        return {key: Step(row.name, +1) for key in row.keys}
    return {key: Step(row.name, by) for key, by in zip(row.keys, (-1, +1), strict=True)}


KEYS = {key: action for row in _ROWS for key, action in _key_actions(row).items()}
"""What each key does."""


def read_key(char: str, knobs: Knobs) -> Turned | None:
    """What a key press does to these knobs; None if it is no key of ours or changes nothing."""
    action = KEYS.get(char)
    if isinstance(action, Step):
        return turned(action, knobs)
    if action is None or knobs.value(action.name) == action.value:
        return None
    return action


def key_lines() -> list[str]:
    """One line for each control: its keys, its name, what it is and its range."""
    lines = []
    for row in _ROWS:
        keys = " ".join(row.keys.replace(" ", "␣"))
        values = "" if row.kind is Kind.TRIGGER else f" ({row.expected})"
        lines.append(f"{keys:8} {row.name:16} {row.about}{values}")
    return lines
