"""The options that can be turned while it plays as well, and what turns them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from live_improv.performance.controls import CONTROLS, Control, ControlError, Kind, Knobs

if TYPE_CHECKING:
    from live_improv.performance.bindings import ControlMap
    from live_improv.performance.hands import Hands

_AT_THE_START = [
    row
    for row in CONTROLS.values()
    if row.kind not in (Kind.TRIGGER, Kind.TOGGLE, Kind.OFFERED) and row.name != "tempo"
]
"""The controls that are options as well; the tempo is one whose default is the chart's, and the
manner one that only the model can check."""


def control_options(parser: argparse.ArgumentParser) -> None:
    """An option for each control that can be set at the start."""
    add = parser.add_argument_group("controls, which can be turned while it plays").add_argument
    for row in _AT_THE_START:
        flag = f"--{row.name.replace('_', '-')}"
        shown = f"{row.about}: {row.expected} ({row.shown(row.default)})"
        if row.choices:
            add(flag, choices=row.choices, default=row.default, help=row.about)
        else:
            add(flag, metavar="N", type=_value(row), default=row.default, help=shown)


def chosen_knobs(options: argparse.Namespace, *, offline: bool) -> Knobs:
    """What can be turned, as it is at the beginning."""
    knobs = Knobs(**{row.name: getattr(options, row.name) for row in _AT_THE_START})
    if offline:  # where nobody else beats time, and nothing takes any
        knobs = replace(knobs, clock="internal", clock_offset_ms=0, latency_ms=0)
    return knobs


def chosen_hands(options: argparse.Namespace) -> Hands:
    """What turns it: what the configuration says, and what MIDI learn has learned."""
    from live_improv.performance.hands import Hands

    return Hands(options.control_map, learned())


def learned() -> ControlMap:
    """What MIDI learn has learned; what was wrong with its file is said."""
    from live_improv.runtime.learned import learned_path, read_learned

    found = read_learned(learned_path())
    if found.warning is not None:
        print(found.warning)
    return found.map


def _value(row: Control) -> Any:
    def read(text: str) -> object:
        try:
            return row.parsed(text)
        except ControlError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read
