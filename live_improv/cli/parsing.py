"""What the commands share: exit codes, a parser whose errors are one line, checked types."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from live_improv.disk import put_bytes

PROGRAM = "live-improv"
OK, BAD_INPUT, NO_MIDI = 0, 2, 3


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave."""
        self.exit(BAD_INPUT, f"{PROGRAM}: {message}\n")


def number(low: float, high: float, kind: type[int] | type[float]) -> Callable[[str], float]:
    """An argparse type: a number of that kind from `low` to `high`."""

    def read(text: str) -> float:
        try:
            found = kind(text)
        except ValueError:
            found = float("nan")
        if not low <= found <= high:
            raise argparse.ArgumentTypeError(f"{text!r}: expected {low:g} to {high:g}")
        return found

    return read


def file_of(*endings: str) -> Callable[[str], Path]:
    """An argparse type: a file whose name has one of these endings, or none."""

    def read(text: str) -> Path:
        path = Path(text)
        if path.suffix and path.suffix.lower() not in endings:
            raise argparse.ArgumentTypeError(
                f"{text!r}: expected a name that ends in {' or '.join(endings)}"
            )
        return path

    return read


def unused(path: Path) -> Path:
    """`path`, or the first of `NAME-2`, `NAME-3`, ... that is free."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


class BadOptions(ValueError):
    """Options that make no sense together."""


class NoFolder(ValueError):
    """A file is to be written into a folder that does not exist."""


def check_folder(out: Path | None) -> None:
    """See that a file could be written, before the work for it begins."""
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise NoFolder(f"cannot write {out}: expected a file in a folder that exists")


def write_json(out: Path, figures: dict[str, object]) -> None:
    """Write figures; what stood there is replaced only by the complete file.

    Raises:
        DiskError: they cannot be written.
    """
    put_bytes(out, f"{json.dumps(figures, indent=1)}\n".encode())


def one_line(error: Exception) -> str:
    """What went wrong, for people, in one line that a terminal can be trusted with."""
    from live_improv.midi.codec import printable

    return printable(str(error))
