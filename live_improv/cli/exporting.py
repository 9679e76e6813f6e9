"""The command that writes the solos of a corpus as files that notation programs and DAWs open."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from live_improv.cli.parsing import OK

FORMATS = ("mid", "musicxml")
MANNERS = ("written", "played")


def export_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    parser.add_argument(
        "--corpus", metavar="FILE", type=Path, required=True, help="solos, .jsonl or .jsonl.gz"
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        required=True,
        help="a folder; it is made where there is none, and no file in it is replaced",
    )
    parser.add_argument("--format", choices=FORMATS, default="mid", help="default: mid")
    parser.add_argument(
        "--as",
        dest="manner",
        choices=MANNERS,
        default="written",
        help="of .mid: the notes where they are written, to be read back as they are (default), "
        "or where they were played, to be listened to",
    )
    parser.add_argument("--only", metavar="TEXT", help="solos with this in the id, player or title")


def export(options: argparse.Namespace) -> int:
    """Write a file for each solo."""
    from live_improv.corpus import read_corpus
    from live_improv.importing.exporting import writer, written_to
    from live_improv.midi.codec import printable

    write = writer(options.format, options.manner)
    solos = list(read_corpus(options.corpus))
    if options.only is not None:
        wanted = options.only.casefold()
        solos = [
            solo
            for solo in solos
            if any(wanted in each.casefold() for each in (solo.id, solo.performer, solo.title))
        ]
    done = 0
    for path in written_to(options.out, solos, f".{options.format}", write):
        done += 1
        if sys.stderr.isatty():
            print(f"\r{done} of {len(solos)}", end="", file=sys.stderr, flush=True)
        else:
            print(printable(str(path)))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"{done} solos in {printable(str(options.out))}")
    return OK
