"""Solos as lines of JSON: the schema that we write, and read back as the same solos.

One solo is one line, an object of these fields; `read_corpus` knows it by the first of them.

    ticks_per_beat   480: what every tick below counts; a beat is a quarter
    id               unique in the file
    split            train, valid or test
    performer, title, instrument, style, feel
                     texts, empty where unknown
    bpm              average tempo, quarters a minute
    lengths_known    false where notes only have onsets, and end with the next one
    dropped          notes that were left out because a higher one began with them
    notes            [[onset, length, pitch, velocity] ..]: one line, onsets rising and multiples
                     of 40 (12 to the beat), tick 0 the first beat of a bar
    played           [[onset, length, velocity] or null ..]: how each of them was played, the
                     velocity null where nobody measured it; [] where nothing is known
    changes          the chords under all of the solo:
        bars         [[how many, meter] ..], as [[12, "4/4"]]
        chords       [[tick, symbol] ..], the first at 0; each lasts until the next, N.C. is none
        sections     [[tick, name] ..]
        title, key, style, form
                     texts
        tempo        quarters a minute, null where the chart names none
"""

from __future__ import annotations

import gzip
import io
import json
import math
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from live_improv.disk import put_bytes, put_new_bytes
from live_improv.music.changes import Bar, Changes, ChordSpan, Section
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.solos import MAX_BEATS, Played, Solo
from live_improv.music.timing import GRID_TICKS, PPQ, Meter, Ticks

UNIT = "ticks_per_beat"
"""The field that tells this schema from the others."""


class CorpusExists(ValueError):
    """A file that would be overwritten."""


class NotWritable(ValueError):
    """A solo that its line could not say, or an id that two solos have."""


def write_corpus(path: Path, solos: Iterable[Solo], *, overwrite: bool = False) -> None:
    """Write a corpus, gzipped if its name ends in `.gz`; the same solos give the same bytes.

    Raises:
        CorpusExists: something is at `path`, and `overwrite` is not set.
        NotWritable: two solos have one id, or one of them cannot be written.
        DiskError: it cannot be written; what was there is untouched.
    """
    data = _packed(solos) if path.suffix == ".gz" else b"".join(_lines(solos))
    if overwrite:
        put_bytes(path, data)
    elif not put_new_bytes(path, data):
        raise CorpusExists(f"{path} is there already: expected a new name, or --overwrite")


def line_of(solo: Solo) -> str:
    """The line of a solo, without its end; `solo_of` has the solo back.

    Raises:
        NotWritable: a chord is not what its symbol says, a number or a text is none.
    """
    try:
        for span in solo.changes.chords:
            if parse_chord(span.chord.symbol) != span.chord:
                raise ValueError(f"the chord {span.chord.symbol} is not what its name says")
        line = json.dumps(_record(solo), allow_nan=False, separators=(",", ":"))
        if solo_of(json.loads(line)) != solo:
            raise ValueError("it does not come back as it was written")
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise NotWritable(f"{solo.id}: {error}") from None
    return line


def solo_of(record: dict[str, Any]) -> Solo:
    """The solo of a line.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: it is not of this schema.
    """
    if record[UNIT] != PPQ:
        raise ValueError(f"{UNIT} {record[UNIT]}: expected {PPQ}")
    changes = _changes(record["changes"])
    notes = tuple(Note(Ticks(t), Ticks(d), pitch, loud) for t, d, pitch, loud in record["notes"])
    played = tuple(
        each and Played(Ticks(each[0]), Ticks(each[1]), each[2]) for each in record["played"]
    )
    _check_notes(notes, changes.length)
    _check_played(played, len(notes))
    bpm = float(record["bpm"])
    if not 0 < bpm < math.inf:
        raise ValueError(f"tempo {bpm:g}")
    texts = ("id", "split", "performer", "title", "instrument", "style", "feel")
    return Solo(
        **{name: _text(record[name]) for name in texts},
        notes=notes,
        changes=changes,
        bpm=bpm,
        lengths_known=bool(record["lengths_known"]),
        dropped=_whole(record["dropped"]),
        played=played,
    )


def _lines(solos: Iterable[Solo]) -> Iterator[bytes]:
    known = set()
    for solo in solos:
        if solo.id in known:
            raise NotWritable(f"two solos have the id {solo.id}")
        known.add(solo.id)
        yield f"{line_of(solo)}\n".encode()


def _packed(solos: Iterable[Solo]) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", fileobj=packed, mtime=0) as file:
        for line in _lines(solos):
            file.write(line)
    return packed.getvalue()


def _record(solo: Solo) -> dict[str, Any]:
    changes = solo.changes
    meters = groupby(str(bar.meter) for bar in changes.bars)
    return {
        UNIT: PPQ,
        "id": solo.id,
        "split": solo.split,
        "performer": solo.performer,
        "title": solo.title,
        "instrument": solo.instrument,
        "style": solo.style,
        "feel": solo.feel,
        "bpm": solo.bpm,
        "lengths_known": solo.lengths_known,
        "dropped": solo.dropped,
        "changes": {
            "title": changes.title,
            "key": changes.key,
            "tempo": changes.tempo,
            "style": changes.style,
            "form": changes.form,
            "bars": [[sum(1 for _ in bars), meter] for meter, bars in meters],
            "chords": [[span.start, span.chord.symbol] for span in changes.chords],
            "sections": [[part.start, part.name] for part in changes.sections],
        },
        "notes": [[note.onset, note.length, note.pitch, note.velocity] for note in solo.notes],
        "played": [each and [each.onset, each.length, each.velocity] for each in solo.played],
    }


def _changes(record: dict[str, Any]) -> Changes:
    bars: list[Bar] = []
    end = 0
    for count, text in record["bars"]:
        meter = Meter.parse(text)
        if _whole(count) * meter.bar_ticks + end > MAX_BEATS * PPQ:
            raise ValueError(f"a solo of more than {MAX_BEATS} beats")
        for _ in range(count):
            bars.append(Bar(Ticks(end), meter))
            end += meter.bar_ticks
    starts = [_whole(at) for at, _ in record["chords"]]
    spans = zip(record["chords"], [*starts[1:], end], strict=True)
    return Changes(
        chords=tuple(
            ChordSpan(Ticks(at), Ticks(until), parse_chord(symbol)) for (at, symbol), until in spans
        ),
        bars=tuple(bars),
        sections=tuple(Section(Ticks(_whole(at)), _text(name)) for at, name in record["sections"]),
        **{name: _text(record[name]) for name in ("title", "key", "style", "form")},
        tempo=None if record["tempo"] is None else float(record["tempo"]),
    )


def _check_notes(notes: tuple[Note, ...], end: int) -> None:
    if not notes:
        raise ValueError("a solo without notes")
    for note in notes:
        numbers = (note.onset, note.length, note.pitch, note.velocity)
        onset, length, pitch, velocity = map(_whole, numbers)
        in_time = onset < end and onset % GRID_TICKS == 0 and length >= 1
        # A note-on of velocity 0 would be a note-off.
        if not (in_time and pitch <= 127 and 1 <= velocity <= 127):
            raise ValueError(f"note {list(numbers)} of a solo of {end} ticks")
    for before, after in pairwise(notes):
        if before.onset >= after.onset:
            raise ValueError(f"a note at tick {after.onset} after one at {before.onset}")


def _check_played(played: tuple[Played | None, ...], notes: int) -> None:
    if played and len(played) != notes:
        raise ValueError(f"{len(played)} notes were played, {notes} are written")
    for each in played:
        if each is None:
            continue
        velocity = 1 if each.velocity is None else each.velocity
        whole = all(isinstance(number, int) for number in (each.onset, each.length, velocity))
        if not whole or each.length < 1 or not 1 <= velocity <= 127:
            raise ValueError(f"played {[each.onset, each.length, each.velocity]}")


def _whole(number: object) -> int:
    """A whole number from 0."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError(f"{number!r}: expected a whole number from 0")
    return number


def _text(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{text!r}: expected a text")
    return text
