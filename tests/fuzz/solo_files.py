"""The readers of solos in text: Impro-Visor's lead sheets, MeloSpySuite's tables, corpora."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from live_improv.corpus import CorpusError, read_corpus
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.improvisor_solos import read_leadsheet
from live_improv.importing.melospy_beats import covered
from live_improv.importing.melospy_csv import read_melospy_csv
from tests.fuzz.importing import choices_for, taken_in
from tests.fuzz.seeds import solos as seeds
from tests.fuzz.target import Target

_FIELDS = re.compile(rb"[^;,\t\n]+|.", re.DOTALL)
_JSON = re.compile(rb'"[^"]*"|[-+.\w]+|.', re.DOTALL)


def leadsheet(folder: Path) -> Target:
    """The melodies of lead sheets of Impro-Visor."""
    path = folder / "a.ls"

    def read(data: bytes) -> bool:
        path.write_bytes(data)
        return taken_in(read_leadsheet, path, choices_for(data))

    return Target(read, seeds.LEADSHEETS, seeds.LEADSHEET_TOKENS)


def table(folder: Path) -> Target:
    """Tables of MeloSpySuite, new and old, with and without their beat track."""
    # It looks for the track in the folders beside its own, too.
    here = folder / "all" / "notes"
    here.mkdir(parents=True)
    path, track = here / "a.csv", here / "a_beattrack.csv"

    def read(data: bytes) -> bool:
        notes, there, beats = data.partition(seeds.TRACK)
        path.write_bytes(notes)
        track.write_bytes(beats)
        if not there:
            track.unlink()
        return taken_in(read_melospy_csv, path, choices_for(data))

    return Target(read, seeds.tables(folder), seeds.TABLE_TOKENS, _FIELDS, 4_000)


def corpus(folder: Path) -> Target:
    """Corpora of all schemas: packed, plain, and with values changed in what is sound JSON."""
    packed, plain = folder / "a.jsonl.gz", folder / "a.jsonl"

    def read(data: bytes) -> bool:
        path = plain if data[:1] == b"\2" else packed
        match data[:1]:
            case b"\2":
                plain.write_bytes(data[1:])
            case b"\1":
                packed.write_bytes(gzip.compress(data[1:], 1))
            case b"\3":
                packed.write_bytes(gzip.compress(_edited(data[1:]), 1))
            case _:
                packed.write_bytes(data[1:])
        return taken_in(_solos, path, Choices(), schema=False)

    return Target(read, seeds.corpora(), seeds.CORPUS_TOKENS, _JSON, 4_000)


def _solos(path: Path, _: Choices) -> Iterator[Understood | NotUnderstood]:
    """What `import` makes of a corpus."""
    try:
        for solo in read_corpus(path):
            yield Understood(solo, "the corpus", "", covered(solo))
        return
    except CorpusError as error:
        said = str(error)
    assert said.startswith(str(path)), f"does not name the file: {said[:200]}"
    yield NotUnderstood(said)


def _edited(data: bytes) -> bytes:
    """The record of that number with values changed: lines `notes.0.1=9`, without `=` to drop."""
    record = json.loads(seeds.RECORDS[data[0] % len(seeds.RECORDS) if data else 0])
    for line in data[1:].decode("latin-1").splitlines()[:40]:
        where, sign, text = line.partition("=")
        _put(record, where.split("."), text if sign else None)
    return json.dumps(record).encode()


def _put(record: Any, steps: list[str], text: str | None) -> None:
    """Put a value where the steps lead, or near it; without a text drop what is there."""
    for step in steps[:-1]:
        if isinstance(record, dict) and record:
            record = record[step if step in record else sorted(record)[len(step) % len(record)]]
        elif isinstance(record, list) and record:
            record = record[int(step) % len(record) if step.isascii() and step.isdigit() else -1]
    last = steps[-1]
    if isinstance(record, dict):
        record.pop(last, None)
        if text is not None:
            record[last] = _value(text)
    elif isinstance(record, list) and record:
        at = int(last[:6]) % len(record) if last.isascii() and last.isdigit() else -1
        record[at : at + 1 or None] = [] if text is None else [_value(text)]


def _value(text: str) -> Any:
    """A value of JSON; a text where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
