"""Commands: all that the page may ask for. Whatever is not in this list is refused.

The page's process reads them from the browser, and the process that plays reads them once more
from the page's process: neither believes the other. None takes a path; a chart goes by its place
among those that were offered.

    {"do": "turn", "name": "density", "value": 0.3}     a control to a value; a trigger to true
    {"do": "step", "name": "density", "by": 1}          a control by one step up or down
    {"do": "key", "char": "D"}                          a key, as in the terminal
    {"do": "learn", "name": "density"}                  wait for a control's knob or pad
    {"do": "chart", "number": 3}                        another chart
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from live_improv.performance.controls import (
    CONTROLS,
    KEYS,
    Control,
    ControlError,
    Kind,
    Step,
    Turned,
    control,
)
from live_improv.performance.incoming import Key

LONGEST = 4096
"""Bytes of a message."""

LEFT_OUT = frozenset({"quit"})
"""Controls that are the terminal's alone: a page does not end the program that it belongs to."""

ESCAPE, ERASE = "\x1b", "\x7f"
"""Keys of learning: leave it as it was, give back what it had."""

_LEARN = CONTROLS["learn"]


class CommandError(ValueError):
    """Not a command; one line says why."""


@dataclass(frozen=True, slots=True)
class Choose:
    """Another chart, by its place among those that were offered, from 0."""

    number: int


Command = tuple[Turned | Step | Key, ...] | Choose
"""What is to be done: things for the session, one after the other, or a chart."""


def read_command(line: str | bytes, charts: int) -> Command:
    """Read a command.

    Args:
        line: JSON, as said above.
        charts: how many charts were offered.

    Raises:
        CommandError: it is none, it is too long, or a value is outside its range.
    """
    if len(line) > LONGEST:
        raise CommandError(f"{len(line)} bytes: expected {LONGEST} at most")
    try:
        says = json.loads(line)
    except (ValueError, RecursionError):
        raise CommandError("expected JSON") from None
    row = _COMMANDS.get(str(says.pop("do", ""))) if isinstance(says, dict) else None
    if row is None:
        raise CommandError(f'expected {{"do": ...}} with one of {", ".join(_COMMANDS)}')
    if dict.fromkeys(says) != dict.fromkeys(row.takes) or any(
        type(says[name]) not in types for name, types in row.takes.items()
    ):
        raise CommandError(f"expected {', '.join(row.takes)} and nothing else")
    try:
        command = row.means(says)
    except ControlError as error:
        raise CommandError(str(error)) from None
    if isinstance(command, Choose) and not 0 <= command.number < charts:
        raise CommandError(f"chart {command.number}: expected 0 to {charts - 1}")
    return command


def _control(name: str) -> Control:
    """A control that the page has.

    Raises:
        ControlError: there is none of that name.
    """
    row = control(name)
    if name in LEFT_OUT or row is _LEARN:
        raise ControlError(f"{name} is not for the page")
    return row


def _turn(says: Mapping[str, Any]) -> Command:
    row, value = _control(says["name"]), says["value"]
    if row.kind is Kind.OFFERED and isinstance(value, str):
        pass  # what is offered the session knows
    elif row.kind is not Kind.TRIGGER:
        value = row.checked(value)
    elif value is not True:
        raise ControlError(f"{row.name}: expected true")
    return (Turned(row.name, value),)


def _step(says: Mapping[str, Any]) -> Command:
    if abs(says["by"]) != 1:
        raise ControlError("by: expected 1 or -1")
    return (Step(_control(says["name"]).name, says["by"]),)


def _key(says: Mapping[str, Any]) -> Command:
    char = says["char"]
    if char not in (ESCAPE, ERASE):
        if char not in KEYS:
            raise ControlError("char: expected a key of a control")
        if KEYS[char].name in LEFT_OUT:
            raise ControlError(f"{KEYS[char].name} is not for the page")
    return (Key(char),)


def _learn(says: Mapping[str, Any]) -> Command:
    row = _control(says["name"])
    if not row.keys:
        raise ControlError(f"{row.name} has no key to choose it by")
    # As hands do it, whatever was being learned before.
    return (Key(ESCAPE), Key(_LEARN.keys[0]), Key(row.keys[0]))


def _chart(says: Mapping[str, Any]) -> Command:
    return Choose(says["number"])


@dataclass(frozen=True, slots=True)
class _Row:
    """What a command takes, each of which types, and what it means.

    `means` may raise `ControlError`.
    """

    takes: Mapping[str, tuple[type, ...]]
    means: Callable[[Mapping[str, Any]], Command]


_COMMANDS = {
    "turn": _Row({"name": (str,), "value": (bool, int, float, str)}, _turn),
    "step": _Row({"name": (str,), "by": (int,)}, _step),
    "key": _Row({"char": (str,)}, _key),
    "learn": _Row({"name": (str,)}, _learn),
    "chart": _Row({"number": (int,)}, _chart),
}
