"""The reader of the Weimar Jazz Database: its pages as bytes, and its tables value by value."""

from __future__ import annotations

import re
from pathlib import Path

from live_improv.importing.wjazzd import read_wjazzd
from tests.fuzz.importing import choices_for, taken_in
from tests.fuzz.seeds import databases as seeds
from tests.fuzz.target import Target

_VALUES = re.compile(rb"[^|\n ]+|.", re.DOTALL)


def database(folder: Path) -> Target:
    """Databases of the Jazzomat project: their bytes, and any value in any place."""
    path = folder / "a.db"

    def read(data: bytes) -> bool:
        if data[:1] == b"\1":
            path.write_bytes(seeds.database_of(data[1:].decode("utf-8", "replace")))
        else:
            path.write_bytes(data[1:])
        return taken_in(read_wjazzd, path, choices_for(data))

    return Target(read, seeds.databases(folder), seeds.DATABASE_TOKENS, _VALUES, 3_000)
