"""The command that makes a corpus of somebody's own files."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path
from shlex import quote

from live_improv.cli.parsing import BAD_INPUT, OK, PROGRAM, number

_WIDE = 79


def import_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    add = parser.add_argument
    add(
        "files",
        metavar="FILE|FOLDER",
        type=Path,
        nargs="+",
        help="solos: .mid, .musicxml and .mxl, .ls (Impro-Visor), .db (Weimar Jazz Database), .csv "
        "(MeloSpySuite), .jsonl.gz; folders are looked through",
    )
    add("--out", metavar="FILE.jsonl.gz", type=Path, required=True, help="the corpus to write")
    add("--melody", metavar="TRACK", help="the track of the solo: its number, or part of its name")
    add("--performer", metavar="NAME", default="", help="who plays, where a file does not say")
    add(
        "--transpose",
        metavar="N",
        type=number(-48, 48, int),
        default=0,
        help="semitones that written notes sound higher (-14 for a tenor part in B flat)",
    )
    add(
        "--against",
        metavar="CORPUS",
        type=Path,
        nargs="+",
        default=[],
        help="leave out what stands in these, and hold out the tunes that they hold out",
    )
    add("--overwrite", action="store_true", help="replace a corpus that is there")


def import_(options: argparse.Namespace) -> int:
    """Read the files, tell what was understood, write the corpus."""
    from live_improv.importing.command import Wanted, import_files
    from live_improv.importing.imported import Choices
    from live_improv.midi.codec import printable

    on_terminal = sys.stderr.isatty()

    def clear() -> None:
        if on_terminal:
            print(f"\r{' ' * _width()}\r", end="", file=sys.stderr, flush=True)

    def say(line: str) -> None:
        clear()
        # `printable` makes one space of several, but those are the columns here.
        parts = re.split(r"( {2,})", line)
        print(
            "".join(each if not each.strip(" ") else printable(each) for each in parts), flush=True
        )

    def progress(at: int, total: int, name: str) -> None:
        if on_terminal:
            clear()
            line = printable(f"{at} of {total}: {name}")[: _width()]
            print(line, end="", file=sys.stderr, flush=True)

    choices = Choices(options.melody, options.performer, options.transpose)
    wanted = Wanted(
        tuple(options.files), options.out, choices, tuple(options.against), options.overwrite
    )
    try:
        written = import_files(wanted, say, progress)
    finally:
        clear()
    if not written:
        return BAD_INPUT
    say(f"learn from it: {PROGRAM} adapt --corpus {quote(str(options.out))} --out models/me")
    return OK


def _width() -> int:
    return shutil.get_terminal_size((_WIDE + 1, 24)).columns - 1
