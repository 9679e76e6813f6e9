"""Files as the Jazzomat project writes them, made of solos of the corpus: SQLite and CSV.

The tables and columns are those of MeloSpySuite's public schema (version 2), of which the corpus
knows enough to fill what an importer needs.
"""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE melody(
  eventid INTEGER PRIMARY KEY AUTOINCREMENT, melid INTEGER, onset REAL, pitch REAL, duration REAL,
  period INTEGER, division INTEGER, bar INTEGER, beat INTEGER, tatum INTEGER, subtatum INTEGER,
  num INTEGER, denom INTEGER, beatprops TEXT, beatdur REAL, tatumprops TEXT, f0_mod TEXT,
  loud_max REAL, loud_med REAL, loud_sd REAL, loud_relpos REAL, loud_cent REAL, loud_s2b REAL,
  f0_range REAL, f0_freq_hz REAL, f0_med_dev REAL);
CREATE TABLE beats(
  beatid INTEGER PRIMARY KEY AUTOINCREMENT, melid INTEGER, onset REAL, bar INTEGER, beat INTEGER,
  signature TEXT, chord TEXT, form TEXT, bass_pitch INTEGER, chorus_id INTEGER);
CREATE TABLE sections(melid INTEGER, type TEXT, start INTEGER, end INTEGER, value TEXT);
CREATE TABLE melody_type(melid INTEGER, type TEXT);
CREATE TABLE transcription_info(
  melid INTEGER, filename_sv TEXT, filename_solo TEXT, solotime TEXT, solostart_sec FLOAT,
  status TEXT, trackid INTEGER);
CREATE TABLE solo_info(
  melid INTEGER, trackid INTEGER, compid INTEGER, recordid INTEGER, performer TEXT, title TEXT,
  titleaddon TEXT, solopart INTEGER, instrument TEXT, style TEXT, avgtempo FLOAT, tempoclass TEXT,
  rhythmfeel TEXT, key TEXT, signature TEXT, chord_changes TEXT, chorus_count INTEGER);
CREATE TABLE record_info(
  recordid INTEGER PRIMARY KEY AUTOINCREMENT, artist TEXT, recordtitle TEXT, label TEXT,
  recordbib TEXT, mbzid TEXT, releasedate TEXT);
CREATE TABLE track_info(
  trackid INTEGER PRIMARY KEY AUTOINCREMENT, filename_track TEXT, recordid INTEGER, lineup TEXT,
  mbzid TEXT, trackno INTEGER, recordingdate TEXT, compid INTEGER);
CREATE TABLE composition_info(
  compid INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, composer TEXT, form TEXT, template TEXT,
  tonalitytype TEXT, genre TEXT);
CREATE TABLE db_info(
  name TEXT, creator TEXT, major INTEGER, minor INTEGER, release TEXT, created TEXT, license TEXT,
  status TEXT);
"""

_NOTES = (
    *("onset", "duration", "period", "division", "bar", "beat", "tatum", "beat_duration"),
    *("signature", "pitch", "loud_max", "loud_median", "phrase_id", "phrase_begin", "chorus_id"),
    *("chord", "form"),
)
_BEATS = (
    *("onset", "duration", "period", "division", "bar", "beat", "signature", "chord", "form"),
    *("chorus_id", "bass"),
)

Record = dict[str, Any]


def records(corpus: Path, names: Sequence[str]) -> list[Record]:
    """The solos of those names from a corpus of the full schema."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        found = {record["id"]: record for record in map(json.loads, lines) if record["id"] in names}
    return [found[name] for name in names]


def write_database(path: Path, solos: Iterable[Record]) -> Path:
    """A database of these solos."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA)
        for record in solos:
            _insert(database, record)
        database.commit()
    return path


def _insert(database: sqlite3.Connection, record: Record) -> None:
    melid = record["melid"]
    about = {
        "melid": melid,
        "performer": record["performer"],
        "title": record["title"],
        "instrument": record["instrument"],
        "style": record["style"],
        "avgtempo": record["avg_tempo"],
        "rhythmfeel": record["rhythm_feel"],
        "key": record["key"],
        "signature": record["signature"],
    }
    _into(database, "solo_info", about)
    _into(database, "transcription_info", {"melid": melid, "filename_sv": f"{record['id']}.sv"})
    _into(database, "melody_type", {"melid": melid, "type": "SOLO"})
    chords = {at: symbol for at, _, symbol in record["chords"]}
    form = dict(record["form"])
    for at, seconds, (bar, beat), _ in _beats(record):
        row = {"melid": melid, "onset": seconds, "bar": bar, "beat": beat, "signature": ""}
        texts = {"chord": chords.get(at, ""), "form": form.get(at, "")}
        _into(database, "beats", {**row, **texts})
    for note, (bar, beat, tatum), period, seconds in _notes(record):
        place = {"bar": bar, "beat": beat, "tatum": tatum, "division": note[7], "period": period}
        sound = {"onset": note[3], "duration": note[4], "pitch": float(note[2])}
        more = {"loud_med": note[5], "beatdur": seconds, "num": period, "denom": 4}
        _into(database, "melody", {"melid": melid, **place, **sound, **more})


def _into(database: sqlite3.Connection, table: str, row: Record) -> None:
    marks = ", ".join("?" * len(row))
    database.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
    )


def write_csv(
    folder: Path, record: Record, *, between: str = ";", track: bool = True, comma: bool = False
) -> Path:
    """The CSV of a solo, and its beat track, in a folder."""
    period = {bar: count for _, _, (bar, _), count in _beats(record)}
    rows = [
        [
            *(note[3], note[4], period[bar], note[7], bar, beat, tatum, seconds, '"4/4"', note[2]),
            *("", "" if note[5] is None else note[5], note[8], 0, 1),
            *(_held(record["chords"], note[6], 2), _held(record["form"], note[6], 1)),
        ]
        for note, (bar, beat, tatum), _, seconds in _notes(record)
    ]
    path = folder / f"{record['id']}.csv"
    _table(path, _NOTES, rows, between, comma=comma)
    if track:
        beats = [
            [
                *(seconds, 0.4, count, 1, bar, beat, "'4/4'", _held(record["chords"], at, 2)),
                *(_held(record["form"], at, 1), _held(record["chorus"], at, 1), 40),
            ]
            for at, seconds, (bar, beat), count in _beats(record)
        ]
        _table(folder / f"{record['id']}_beattrack.csv", _BEATS, beats, between, comma=comma)
    return path


def _table(
    path: Path, header: Sequence[str], rows: list[list[Any]], between: str, *, comma: bool
) -> None:
    def said(value: Any) -> Any:
        return str(value).replace(".", ",") if comma and isinstance(value, float) else value

    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=between)
        table.writerow(header)
        table.writerows([said(value) for value in row] for row in rows)


def _held(marks: Sequence[Sequence[Any]], at: float, column: int) -> str:
    """What holds at a beat of what stands where it begins."""
    index = bisect_right([mark[0] for mark in marks], at) - 1
    return str(marks[index][column]) if index >= 0 else "NC"


def _beats(record: Record) -> Iterator[tuple[int, float, tuple[int, int], int]]:
    """The beats: their number, seconds, bar and place in it, and how many the bar has."""
    seconds, first = record["beats_sec"], record["beat0"]
    count = record["meter"][0][1]
    changes = {max(at, 0): beats for at, beats in record["meter"]}
    bar, beat = 1, 0
    places = {at: ((at // count + 1, at % count + 1), count) for at in range(first, 0)}
    for at in range(first + len(seconds)):
        count = changes.get(at, count)
        beat += 1
        if at and (beat > places[at - 1][1] or at in changes):
            bar, beat = bar + 1, 1
        places[at] = ((bar, beat), count)
    for at, moment in enumerate(seconds, first):
        yield at, moment, *places[at]


def _notes(record: Record) -> Iterator[tuple[Sequence[Any], tuple[int, int, int], int, float]]:
    """The notes, with bar, beat and tatum, the beats of the bar and the seconds of the beat."""
    seconds, first = record["beats_sec"], record["beat0"]
    places = {at: (place, count) for at, _, place, count in _beats(record)}
    for note in record["notes"]:
        at, tatum = int(note[0] // 1), round(note[0] % 1 * note[7]) + 1
        if tatum > note[7]:
            at, tatum = at + 1, 1
        (bar, beat), count = places[at]
        index = min(at - first, len(seconds) - 2)
        yield note, (bar, beat, tatum), count, seconds[index + 1] - seconds[index]
