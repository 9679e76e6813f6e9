"""The command that shows a chart as a lead sheet, and writes it in our own format."""

from __future__ import annotations

import argparse
from pathlib import Path

from live_improv.cli.parsing import OK, check_folder
from live_improv.disk import put_new_bytes


class FileThere(ValueError):
    """A file that would be overwritten."""


def tune_option(parser: argparse.ArgumentParser) -> None:
    """Which tune of a chart; for every command that takes one."""
    parser.add_argument(
        "--tune", metavar="N|TITLE", help="of a list of tunes, the number or the title of one"
    )


def chart_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    parser.add_argument(
        "chart",
        metavar="FILE|URL|NAME",
        help="text, MusicXML, Impro-Visor, a link or page of iReal Pro, or one that comes along",
    )
    tune_option(parser)
    parser.add_argument(
        "--transpose", metavar="N|KEY", help="semitones, -11 to 11, or the key to go to, as Bb"
    )
    parser.add_argument("--list", action="store_true", help="show the titles of the tunes and stop")
    parser.add_argument(
        "--out", metavar="FILE.txt", type=Path, help="write it in our own format, into a new file"
    )


def chart(options: argparse.Namespace) -> int:
    """Show a chart, and write it."""
    from live_improv.charts.reading import chosen, moved, tunes_of
    from live_improv.charts.writing import written
    from live_improv.midi.codec import printable

    tunes = tunes_of(options.chart)
    if options.list:
        for number, tune in enumerate(tunes, 1):
            print(f"{number:5} {printable(tune.title)}")
        return OK
    changes = chosen(tunes, options.tune).changes()
    if options.transpose is not None:
        changes = moved(changes, options.transpose)
    sheet = written(changes)
    if options.out is not None:
        _write_new(options.out, sheet)
    print(sheet, end="")
    if options.out is not None:
        print(f"\n{printable(str(options.out))}: {len(changes.bars)} bars")
    return OK


def _write_new(out: Path, sheet: str) -> None:
    """Write a file that is not there yet."""
    check_folder(out)
    if not put_new_bytes(out, sheet.encode()):
        raise FileThere(f"{out} is there already: expected the name of a new file")
