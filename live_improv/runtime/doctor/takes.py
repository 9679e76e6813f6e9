"""Where takes go."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.doctor.plan import Plan

LITTLE_ROOM = 100 << 20
"""Bytes; an hour's take has about a quarter of a megabyte."""


def takes(plan: Plan) -> Iterator[Finding]:
    """Whether takes can be kept, and how much room there is. Leaves nothing behind."""
    if plan.takes is None:
        yield Finding(Level.INFO, "takes", "none are kept, as asked for")
        return
    folder = Path(os.path.abspath(plan.takes))
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    made = "" if there == folder else ", which will be made,"
    advice = "name another folder (--take-dir), or play with --no-take"
    try:
        if not there.is_dir():
            raise NotADirectoryError(0, "this is not a folder")
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"MThd")
        free = shutil.disk_usage(there).free
    except OSError as error:
        yield Finding(
            Level.WRONG, "takes", f"{there} takes no file: {error.strerror or error}", advice
        )
        return
    says = f"{folder}{made} can be written to, {free / (1 << 30):.1f} GB free"
    if free < LITTLE_ROOM:
        yield Finding(Level.NOTE, "takes", says, f"make room, or {advice}")
    else:
        yield Finding(Level.OK, "takes", says)
