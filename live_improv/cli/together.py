"""The options of playing together: who is heard, and whose time and chords hold."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from live_improv.cli.parsing import number

if TYPE_CHECKING:
    from live_improv.performance.controls import Knobs
    from live_improv.performance.partner import Listening

DEFAULT_INPUT = "live_improv in"


def together_options(parser: argparse.ArgumentParser) -> None:
    """What is heard, and what is kept of it."""
    add, whole = parser.add_argument_group("playing together").add_argument, int
    add("--in", dest="player_in", metavar="NAME", help="MIDI input: what you play")
    add("--listen", metavar="PLAYER.mid", type=Path, help="with --offline: who plays along")
    add("--first", choices=("player", "machine"), default="player", help="who trades first")
    add(
        "--count-in",
        metavar="BARS",
        type=number(0, 8, whole),
        help="internal clock (1 before your turn)",
    )
    add("--clock-in", metavar="NAME", help="where a MIDI clock comes from (--in)")
    add("--clock-out", metavar="NAME", help="where ours goes: we lead")
    add("--chords", choices=("chart", "live", "both"), default="chart", help="where they come from")
    add("--chord-in", metavar="NAME", help="MIDI input: chords")
    add("--chord-channel", metavar="N", type=number(1, 16, whole), help="of --in: chords")
    add("--split", metavar="NOTE", type=number(1, 127, whole), help="of --in: chords below it")
    add("--in-channel", metavar="N", type=number(1, 16, whole), help="hear only this one")
    add("--in-low", metavar="N", type=number(0, 127, whole), default=0, help="lowest note heard")
    add("--in-high", metavar="N", type=number(0, 127, whole), default=127, help="highest one")
    add(
        "--horizon",
        metavar="BEATS",
        type=number(0.125, 4, float),
        default=1.0,
        help="how long before it sounds a note is decided (1)",
    )
    add("--take-dir", metavar="DIR", type=Path, default=Path("takes"), help="(takes)")
    add("--no-take", action="store_true", help="do not keep what is played")
    add(
        "--no-guardian",
        action="store_true",
        help="hold the output in this process: nobody ends its notes if it is killed",
    )
    add("--list-keys", action="store_true", help="show what can be turned while it plays, and stop")


def chosen_listening(options: argparse.Namespace) -> Listening:
    """How the player is listened to."""
    from live_improv.listening.listener import Filter
    from live_improv.performance.partner import Listening

    channel, chords = options.in_channel, options.chord_channel
    apart = (options.split, chords, options.chord_in)
    return Listening(
        Filter(None if channel is None else channel - 1, options.in_low, options.in_high),
        options.split,
        None if chords is None else chords - 1,
        both_hands=all(each is None for each in apart),
    )


def chosen_count_in(options: argparse.Namespace, knobs: Knobs, *, offline: bool) -> int:
    """Bars that are counted in: as asked for, else one where the player begins and has no clock."""
    asked: int | None = options.count_in
    if asked is not None:
        return asked
    waits = knobs.mode == "trade" and options.first == "player" and knobs.clock == "internal"
    return 1 if waits and not offline else 0


def chosen_input(options: argparse.Namespace) -> str | None:
    """What the player plays on: as asked for, else one of ours where anything is to be heard there.

    None where nothing is: it plays alone, or hears a clock that has an input of its own.
    """
    named: str | None = options.player_in
    by_itself = options.mode == "solo" and options.chords == "chart"
    if named is not None or (
        by_itself and (options.clock != "midi" or options.clock_in is not None)
    ):
        return named
    return DEFAULT_INPUT


_WITHOUT_EFFECT = (
    ("trade", "mode", "trade"),
    ("first", "mode", "trade"),
    ("split", "chords", "live"),
    ("chord_channel", "chords", "live"),
    ("chord_in", "chords", "live"),
    ("clock_in", "clock", "midi"),
)
"""An option, and what it takes for it to mean anything."""


def idle(options: argparse.Namespace, default: Callable[[str], Any]) -> list[str]:
    """Which options have been given for nothing, a line each.

    Args:
        default: of an option by its name, where no configuration says otherwise.
    """
    lines = []
    for name, needs, value in _WITHOUT_EFFECT:
        if getattr(options, needs) == default(needs) and getattr(options, name) != default(name):
            flag, other = (each.replace("_", "-") for each in (name, needs))
            lines.append(f"--{flag} does nothing without --{other} {value}")
    return lines
