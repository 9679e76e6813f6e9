"""The options that say what is played on: the instrument, its range and its sound."""

from __future__ import annotations

import argparse

from live_improv.cli.parsing import number
from live_improv.performance.instruments import (
    DEFAULT,
    INSTRUMENTS,
    Instrument,
    InstrumentError,
    instrument,
)


def instrument_options(parser: argparse.ArgumentParser) -> None:
    """The instrument, and what is to be otherwise than usual with it."""
    parser.add_argument(
        "--instrument",
        metavar="NAME",
        type=_instrument,
        help=f"its range, breath and sound: {', '.join(INSTRUMENTS)} ({DEFAULT.name})",
    )
    for flag, text in (
        ("--low", "lowest note, middle C is 60 (the instrument's)"),
        ("--high", "highest note (the instrument's)"),
        ("--program", "General MIDI sound, 0 to 127 (the instrument's, if one is named)"),
    ):
        parser.add_argument(flag, metavar="N", type=number(0, 127, int), help=text)


def chosen_instrument(options: argparse.Namespace) -> Instrument:
    """The instrument that was named, or the one that is played where none is."""
    named: Instrument | None = options.instrument
    return DEFAULT if named is None else named


def chosen_range(options: argparse.Namespace) -> tuple[int, int]:
    """The lowest and the highest note: as asked for, else the instrument's."""
    usual = chosen_instrument(options).register
    low = usual.low if options.low is None else options.low
    high = usual.high if options.high is None else options.high
    return low, high


def chosen_program(options: argparse.Namespace, *, needed: bool) -> int | None:
    """The sound that is asked for, or None where nobody chose one.

    Args:
        needed: whether there has to be one, as in a file; live the synth's own stays.
    """
    program: int | None = options.program
    if program is None and (needed or options.instrument is not None):
        return chosen_instrument(options).program
    return program


def _instrument(name: str) -> Instrument:
    try:
        return instrument(name)
    except InstrumentError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
