"""A small database of the Jazzomat project's schema, as text: tables, and rows of values.

#beats melid onset bar     a table and its columns
1|0.5|1                    a row: a number, a text, x00ff for a blob, nothing for NULL
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.fuzz.seeds.solos import RECORD
from tests.importing.melospy_files import write_database

TABLES = {
    "solo_info": "melid performer title instrument style avgtempo rhythmfeel key",
    "transcription_info": "melid filename_sv",
    "beats": "beatid melid onset bar beat chord form",
    "melody": "eventid melid onset pitch duration division bar beat tatum beatdur loud_med",
}
"""The columns that are read."""

_BLOB = re.compile(r"x((?:[0-9a-f]{2})*)")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?(?:e[-+]?\d{1,3})?|inf|nan)")
_MOST_ROWS = 600


def database_of(text: str) -> bytes:
    """The database of a text; what can be no table is left out."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript("PRAGMA page_size=512; PRAGMA synchronous=OFF;")
        made = 0
        for table in re.split("^#", "\n".join(text.split("\n")[:_MOST_ROWS]), flags=re.MULTILINE):
            head, *lines = table.split("\n")
            insert, columns = _made(database, head.replace("\0", "").split())
            rows = [[_value(each) for each in line.split("|")][:columns] for line in lines if line]
            if insert:
                made += 1
                padded = [row + [None] * (columns - len(row)) for row in rows]
                database.executemany(insert, padded)
        database.commit()
        # One without a page cannot be had as bytes.
        return database.serialize() if made else b""


def _made(database: sqlite3.Connection, words: list[str]) -> tuple[str, int]:
    """Make a table; how to insert a row, and its columns."""
    name = f'"{words[0].replace(chr(34), "")[:80]}"' if words else '""'
    columns = list(dict.fromkeys(word.replace('"', "").lower()[:80] for word in words[1:]))
    if not columns:
        return "", 0
    try:
        # Columns without a type take any value as it is.
        listed = ", ".join(f'"{each}"' for each in columns)
        database.execute(f"CREATE TABLE {name} ({listed})")
    except sqlite3.Error:  # it is there already, or may not be
        return "", 0
    return f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", len(columns)


def _value(text: str) -> str | int | float | bytes | None:
    if not text:
        return None
    if blob := _BLOB.fullmatch(text):
        return bytes.fromhex(blob[1])
    if not _NUMBER.fullmatch(text):
        return text
    whole = text.lstrip("+-").isdigit() and len(text) < 19
    return int(text) if whole else float(text)


def rows_of(path: Path, types: str = "") -> str:
    """The tables of a database that are read, as text."""
    lines = []
    with closing(sqlite3.connect(path)) as database:
        for table, columns in TABLES.items():
            lines.append(f"#{table} {columns}{types}")
            for row in database.execute(f"SELECT {', '.join(columns.split())} FROM {table}"):
                lines.append("|".join("" if each is None else str(each) for each in row))
    return "\n".join(lines)


def databases(folder: Path) -> tuple[bytes, ...]:
    """Databases: after the byte 0 as they are, after the byte 1 as text."""
    path = write_database(folder / "small.db", [RECORD, {**RECORD, "melid": 2, "id": "Second"}])
    text = rows_of(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA page_size=512")
        database.execute("VACUUM")
    typed = path.read_bytes()
    path.unlink()
    one = "\n".join(line for line in text.split("\n") if not re.match(r"\d+\|2\||2\|", line))
    old = one.replace(" loud_med", "").replace(" key", "").replace("#transcription_info", "#other")
    return (
        *(b"\1" + each.encode() for each in (text, one, old)),
        *(b"\0" + each for each in (database_of(one), typed)),
    )


DATABASE_TOKENS = (
    *(
        b"|",
        b"\n",
        b"||",
        b"|nan|",
        b"|inf",
        b"-inf",
        b"1e308",
        b"-1e308",
        b"1e-300",
        b"1e9",
        b"-1",
        b"0",
    ),
    *(
        b"999999999",
        b"-999999999",
        b"9223372036854775807",
        b"x00ff",
        b"x",
        b"text",
        b"''",
        b"C" * 1_500,
    ),
    *(
        b"C79b",
        b"NC",
        b"Ebj7",
        b"A1",
        b"1.5",
        b"100000",
        b"\xff",
        b"\0",
        b"\x1b[2J",
        "\u202e".encode(),
    ),
    *(f"\n#{name} {columns}\n".encode() for name, columns in TABLES.items()),
    *(
        b"#beats",
        b"#melody",
        b"melid",
        b"onset",
        b"bar",
        b"beat",
        b"tatum",
        b"division",
        b"chord",
        b"form",
    ),
    *(
        b"SQLite format 3\0",
        b"CREATE TABLE beats(melid)",
        b"CREATE VIEW",
        b"WITHOUT ROWID",
        b"\x0d\0",
    ),
)
