"""The process that keeps a take on disk: `python -m live_improv.runtime.recorder_process`.

Arguments: the folder of takes, a folder for when that takes nothing, and the seconds between two
writings of the file. Standard input brings the lines of `take_lines`; its end, by whatever cause,
ends the take. Standard output brings the engine one JSON object a line: ``{"say": news}``,
``{"path": file}`` when the file has a name, and at the end ``{"whole": true or false}``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from live_improv.midi.codec import printable
from live_improv.music.timing import Seconds
from live_improv.runtime.take_journal import Abandoned, abandoned
from live_improv.runtime.take_keeper import Keeper, Writer, recover

_BLOCK = 1 << 16

_NICE = 5
"""Whoever plays goes first."""

_PATIENCE = 60.0
"""Seconds that the takes of earlier days have at the end."""


def main() -> None:
    """Keep the take that standard input tells."""
    folder, elsewhere, every = sys.argv[1:]
    folders = (Path(folder), Path(elsewhere))
    with suppress(AttributeError, OSError):
        os.nice(_NICE)
    # Looked for before there is a journal of ours, which is nobody's until it is locked.
    left = [(folder, list(abandoned(folder))) for folder in folders]
    recovery = threading.Thread(target=_recover, args=(left,), daemon=True)
    recovery.start()
    keep(folders, Seconds(float(every)), sys.stdin.fileno(), say)
    recovery.join(_PATIENCE)


def keep(folders: tuple[Path, ...], every: Seconds, told: int, say: Callable[..., None]) -> None:
    """Keep the take that comes through a pipe, until that ends.

    Args:
        folders: where it goes, see `Keeper`.
        every: between two writings.
        told: the reading end.
        say: takes what the engine is to know.
    """
    keeper = Keeper(folders, lambda line: say(say=line))
    writer = Writer(keeper, every, lambda path: say(path=str(path)))
    rest = b""
    while data := os.read(told, _BLOCK):
        *lines, rest = (rest + data).split(b"\n")
        keeper.take_in(lines)
    writer.end()
    whole = keeper.end()
    if keeper.path is not None:
        say(path=str(keeper.path))
    say(whole=whole)


def say(**news: object) -> None:
    """Tell the engine, if there still is one."""
    with suppress(OSError):
        os.write(sys.stdout.fileno(), json.dumps(news).encode("ascii") + b"\n")


def _recover(left: list[tuple[Path, list[Abandoned]]]) -> None:
    for folder, journals in left:
        for path in recover(folder, journals):
            say(say=f"a take that was cut off is whole again: {printable(str(path))}")


if __name__ == "__main__":
    main()
