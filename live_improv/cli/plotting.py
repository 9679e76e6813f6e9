"""The command that draws the picture of a take."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from live_improv.cli.parsing import OK


def plot_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    add = parser.add_argument
    add("take", metavar="TAKE.mid", type=Path, help="a take, or any melody with chord markers")
    add("out", metavar="OUT.svg|OUT.png", type=Path, help="the picture")
    add("--chart", metavar="FILE|NAME", help="where the file names no chords or no form")
    add("--bars", metavar="FROM-TO", type=_bars, help="only these, as numbered in the picture")
    add("--band", action="store_true", help="bass, piano and drums too, faintly")


def plot(options: argparse.Namespace) -> int:
    """Draw it."""
    from live_improv.midi.codec import printable
    from live_improv.view.plot import Wanted, plot_take

    chart = None
    if options.chart is not None:
        from live_improv.repertoire import read_chart

        chart = read_chart(options.chart)
    shown = plot_take(options.take, options.out, Wanted(chart, options.bars, options.band))
    notes = " and ".join(f"{_counted(p.count, 'note')} of {p.name}" for p in shown.players)
    lines = _counted(len(shown.systems), "line")
    print(f"{printable(str(options.out))}: {notes or 'no notes'}, {lines}")
    return OK


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _bars(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"\s*(-?\d{1,6})\s*(?:-\s*(\d{1,6}))?\s*", text)
    if match is None or int(match[1]) > int(match[2] or match[1]):
        raise argparse.ArgumentTypeError(f"{text!r}: expected FROM-TO such as 1-32, or one bar")
    return int(match[1]), int(match[2] or match[1])
