"""The Weimar Jazz Database's own file, `wjazzd.db`, and others of its schema, become solos.

The schema is that of MeloSpySuite's SQLite databases (jazzomat.hfm-weimar.de, Database Format):
`solo_info` has a row a solo, `transcription_info` its file name, `beats` and `melody` what is
annotated, all joined by `melid`. The file is opened for reading alone and is trusted with nothing:
only tables are read, never views, and what takes too long or is too much is given up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.melospy_beats import About, Beat, Tone, understood

MAX_SOLOS = 20_000
"""Most solos of one file."""

_MAX_VALUE = 100_000  # bytes of one text or row
_LONGEST = 1_000  # bytes of a text that are kept
_STEPS = 1_000_000  # of SQLite's machine between two looks
_MAX_LOOKS = 1_000  # in one query; a whole `wjazzd.db` takes a few of these
_MAX_ROWS = 5_000_000  # of one table; a whole `wjazzd.db` has 200 000 notes

_NEEDED = {
    "solo_info": {"melid", "performer", "title", "instrument", "style", "avgtempo", "rhythmfeel"},
    "beats": {"melid", "beatid", "onset", "bar", "beat", "chord", "form"},
    "melody": {
        *("melid", "eventid", "onset", "pitch", "duration"),
        *("division", "bar", "beat", "tatum", "beatdur"),
    },
}

_SOLOS = (
    "SELECT melid, title, performer, instrument, style, rhythmfeel, {key}, avgtempo FROM solo_info "
    f"ORDER BY melid LIMIT {MAX_SOLOS + 1}"
)
_FILES = "SELECT melid, filename_sv FROM transcription_info"
_BEATS = (
    "SELECT melid, onset, bar, beat, chord, form FROM beats "
    f"ORDER BY melid, beatid LIMIT {_MAX_ROWS + 1}"
)
_TONES = (
    "SELECT melid, onset, duration, pitch, bar, beat, tatum, division, {loudness}, beatdur "
    f"FROM melody ORDER BY melid, eventid LIMIT {_MAX_ROWS + 1}"
)

_Row = Sequence[object]


def read_wjazzd(path: Path, choices: Choices) -> Iterator[Understood | NotUnderstood]:
    """The solos of a database, in order; one that is not understood is handed on as the reason.

    Raises:
        NotUnderstood: the file is no database of this schema.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            raise NotUnderstood("not an SQLite database")
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            yield from _solos(database, choices)
    except UnicodeDecodeError:  # of a name, or of a message about one
        raise NotUnderstood("the database cannot be read: its names are no text") from None
    except sqlite3.Error as error:
        raise NotUnderstood(f"the database cannot be read: {error}") from None


def _solos(database: sqlite3.Connection, choices: Choices) -> Iterator[Understood | NotUnderstood]:
    database.text_factory = lambda data: data[:_LONGEST].decode("utf-8", "replace")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)
    database.execute("PRAGMA query_only=1")
    database.execute("PRAGMA trusted_schema=0")
    columns = _tables(database)
    for table, needed in _NEEDED.items():
        if missing := needed - columns.get(table, set()):
            what = f"columns {', '.join(sorted(missing))}" if table in columns else "table"
            raise NotUnderstood(
                f"no {what} {'in ' if table in columns else ''}{table}: "
                "expected the Weimar Jazz Database, or another of its schema"
            )
    key = "key" if "key" in columns["solo_info"] else "''"
    loudness = "loud_med" if "loud_med" in columns["melody"] else "NULL"
    named = {"melid", "filename_sv"} <= columns.get("transcription_info", set())
    files = {row[0]: row[1] for row in _rows(database, _FILES)} if named else {}
    rows = _rows(database, _SOLOS.format(key=key))
    if not rows:
        raise NotUnderstood("no solos in solo_info")
    if len(rows) > MAX_SOLOS:
        raise NotUnderstood(f"more than {MAX_SOLOS} solos")
    beats_of = _by_solo(database, _BEATS)
    tones_of = _by_solo(database, _TONES.format(loudness=loudness))
    for row in rows:
        try:
            beats = [_beat(each) for each in beats_of.get(row[0], ())]
            tones = [_tone(each, choices) for each in tones_of.get(row[0], ())]
            yield understood(_about(row, files, choices), beats, tones)
        except NotUnderstood as reason:
            yield NotUnderstood(f"{_text(row[1]) or 'a solo'} ({_text(row[2])}): {reason}")


def _tables(database: sqlite3.Connection) -> dict[str, set[str]]:
    """The columns of each table that is needed, as far as it is a table."""
    known = ("transcription_info", *_NEEDED)
    found = _rows(database, "SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        str(name): {str(column[1]) for column in _rows(database, f"PRAGMA table_info({name})")}
        for (name,) in found
        if name in known
    }


def _by_solo(database: sqlite3.Connection, query: str) -> dict[object, list[_Row]]:
    """The rows of a query by the first value, without it."""
    rows = _rows(database, query)
    if len(rows) > _MAX_ROWS:
        raise NotUnderstood(f"more than {_MAX_ROWS} rows in a table")
    found: dict[object, list[_Row]] = {}
    for melid, *row in rows:
        found.setdefault(melid, []).append(row)
    return found


def _rows(database: sqlite3.Connection, query: str) -> list[tuple[object, ...]]:
    """The answer to a query, given up when it takes too long."""
    looks = iter(range(_MAX_LOOKS))
    database.set_progress_handler(lambda: next(looks, None) is None, _STEPS)
    # What is no text and no number is not kept: a small file may say a large blob in every row.
    return [
        tuple(None if isinstance(value, bytes) else value for value in row)
        for row in database.execute(query)
    ]


def _about(row: _Row, files: dict[object, object], choices: Choices) -> About:
    melid, title, performer, instrument, style, feel, key, tempo = row
    name = _text(files.get(melid)).removesuffix(".sv")
    who = _text(performer) or choices.performer
    return About(
        id=name or f"{who or 'solo'}-{melid}",
        title=_text(title) or name,
        performer=who,
        instrument=_text(instrument),
        style=_text(style),
        feel=_text(feel),
        key=_text(key),
        bpm=_number(tempo) if tempo else None,
        melody=f"the solo of {who}" if who else "the solo",
    )


def _beat(row: _Row) -> Beat:
    onset, bar, beat, chord, form = row
    at = None if onset is None else _number(onset)
    return Beat(at, int(_number(bar)), int(_number(beat)), _text(chord), _text(form))


def _tone(row: _Row, choices: Choices) -> Tone:
    onset, duration, pitch, bar, beat, tatum, division, loudness, beat_seconds = row
    return Tone(
        onset=_number(onset),
        duration=_number(duration),
        pitch=round(_number(pitch)) + choices.transposed,
        bar=int(_number(bar)),
        beat=int(_number(beat)),
        tatum=int(_number(tatum)),
        division=int(_number(division)),
        loudness=None if loudness is None else _number(loudness),
        beat_seconds=None if beat_seconds is None else _number(beat_seconds),
    )


def _number(value: object) -> float:
    """A number that a row must have.

    Raises:
        NotUnderstood: it has none there.
    """
    if not isinstance(value, int | float) or not -1e9 < value < 1e9:
        raise NotUnderstood(f"{str(value)[:20]!r} where a number is expected")
    return float(value)


def _text(value: object) -> str:
    """A text, shortened; empty where there is none."""
    return value.strip()[:200] if isinstance(value, str) else ""
