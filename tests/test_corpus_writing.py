"""Corpora as we write them: what was written is read, whole, and nothing is lost by accident."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.corpus import CorpusError, read_corpus
from live_improv.corpus_writing import (
    CorpusExists,
    NotWritable,
    line_of,
    solo_of,
    write_corpus,
)
from live_improv.disk import DiskError
from live_improv.music.changes import Bar, Changes, ChordSpan, Section
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.solos import Played, Solo
from live_improv.music.timing import Meter, Ticks

CHORDS = ("F7", "Bbmaj7", "N.C.", "Ebm7b5/Db", "E\\FM7", "C7(b9,#11)", "G-7", "AΔ")
METERS = (Meter(4, 4), Meter(3, 4), Meter(6, 8), Meter(7, 8), Meter(2, 2))
TEXTS = st.text(max_size=12)


@st.composite
def solos(draw: st.DrawFn) -> Solo:
    """Any solo that there may be."""
    bars, end = [], 0
    for meter in draw(st.lists(st.sampled_from(METERS), min_size=1, max_size=8)):
        bars.append(Bar(Ticks(end), meter))
        end += meter.bar_ticks
    inside = st.integers(0, end - 1)
    starts = sorted({0, *draw(st.lists(inside, max_size=6))})
    spans = [
        ChordSpan(Ticks(at), Ticks(until), parse_chord(draw(st.sampled_from(CHORDS))))
        for at, until in zip(starts, [*starts[1:], end], strict=True)
    ]
    steps = sorted(draw(st.sets(st.integers(0, (end - 1) // 40), min_size=1, max_size=20)))
    pitches, lengths = st.integers(0, 127), st.integers(1, 5000)
    velocities = st.integers(1, 127)
    notes = [
        Note(Ticks(step * 40), Ticks(draw(lengths)), draw(pitches), draw(velocities))
        for step in steps
    ]
    how = st.builds(Played, st.integers(-900, 90_000), lengths, st.none() | velocities)
    played = [draw(st.none() | how) for _ in notes] if draw(st.booleans()) else []
    changes = Changes(
        tuple(spans),
        tuple(bars),
        tuple(Section(Ticks(at), draw(TEXTS)) for at in sorted(draw(st.sets(inside, max_size=3)))),
        title=draw(TEXTS),
        key=draw(TEXTS),
        tempo=draw(st.none() | st.floats(20, 500)),
        style=draw(TEXTS),
        form=draw(TEXTS),
    )
    return Solo(
        id=draw(TEXTS),
        split=draw(TEXTS),
        performer=draw(TEXTS),
        title=draw(TEXTS),
        notes=tuple(notes),
        changes=changes,
        bpm=draw(st.floats(1, 999)),
        lengths_known=draw(st.booleans()),
        dropped=draw(st.integers(0, 99)),
        instrument=draw(TEXTS),
        style=draw(TEXTS),
        feel=draw(TEXTS),
        played=tuple(played),
    )


def solo(name: str = "one", **other: Any) -> Solo:
    """Two bars in F."""
    changes = Changes(
        (ChordSpan(Ticks(0), Ticks(3840), parse_chord("F7")),),
        (Bar(Ticks(0), Meter()), Bar(Ticks(1920), Meter())),
    )
    notes = (Note(Ticks(0), Ticks(200), 65), Note(Ticks(240), Ticks(100), 69, 99))
    return replace(Solo(name, "train", "A Player", "A Tune", notes, changes, 132.0), **other)


@given(solos())
def test_a_line_has_its_solo_back(any_solo: Solo) -> None:
    line = line_of(any_solo)
    assert "\n" not in line
    assert line.isascii()
    assert solo_of(json.loads(line)) == any_solo


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.jsonl.gz"])
def test_a_file_has_its_solos_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    three = [solo(each, title="Así \U0001f3b7\ud800\n") for each in ("one", "two", "three")]
    write_corpus(path, three)
    assert list(read_corpus(path)) == three
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
    first = path.read_bytes()
    write_corpus(path, three, overwrite=True)
    assert path.read_bytes() == first
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl.gz"
    path.write_bytes(b"other work")
    with pytest.raises(CorpusExists, match=r"mine\.jsonl\.gz is there already"):
        write_corpus(path, [solo()])
    assert path.read_bytes() == b"other work"
    write_corpus(path, [solo()], overwrite=True)
    assert list(read_corpus(path)) == [solo()]


CHORD = parse_chord("F7")

UNWRITABLE: dict[str, list[Solo]] = {
    "one id twice": [solo("a"), solo("b"), solo("a")],
    "a tempo that is none": [solo(bpm=float("nan"))],
    "no tempo": [solo(bpm=0.0)],
    "no notes": [solo(notes=())],
    "a note off the grid": [solo(notes=(Note(Ticks(3), Ticks(9), 60),))],
    "a note after the end": [solo(notes=(Note(Ticks(3840), Ticks(9), 60),))],
    "two notes at once": [solo(notes=(Note(Ticks(0), Ticks(9), 60),) * 2)],
    "a pitch that MIDI cannot say": [solo(notes=(Note(Ticks(0), Ticks(9), 128),))],
    "a note that nobody hears": [solo(notes=(Note(Ticks(0), Ticks(9), 60, 0),))],
    "a title that is no text": [solo(title=5)],
    "a chord that is no name": [
        solo(
            changes=Changes(
                (ChordSpan(Ticks(0), Ticks(1920), replace(CHORD, symbol="H7")),),
                (Bar(Ticks(0), Meter()),),
            )
        )
    ],
    "more played than written": [solo(played=(None,))],
    "a played note without length": [solo(played=(Played(Ticks(0), Ticks(0)), None))],
    "a chord that is another": [
        solo(
            changes=Changes(
                (ChordSpan(Ticks(0), Ticks(1920), replace(CHORD, symbol="Bb7")),),
                (Bar(Ticks(0), Meter()),),
            )
        )
    ],
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_what_could_not_be_read_is_not_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(b"")
    with pytest.raises(NotWritable):
        write_corpus(path, UNWRITABLE[name], overwrite=True)
    assert path.read_bytes() == b""
    assert len(list(tmp_path.iterdir())) == 1


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DiskError):
        write_corpus(tmp_path / "none" / "mine.jsonl", [solo()])


def spoiled(*path: str | int, value: Any) -> dict[str, Any]:
    """The record of a solo with one value that is wrong."""
    record: Any = json.loads(line_of(solo(played=(None, Played(Ticks(3), Ticks(9), 50)))))
    at = record
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return dict(record)


SPOILED = {
    "other ticks": spoiled("ticks_per_beat", value=96),
    "no texts": spoiled("title", value=None),
    "no tempo": spoiled("bpm", value="fast"),
    "an endless tempo": spoiled("bpm", value=float("inf")),
    "a million bars": spoiled("changes", "bars", 0, value=[10**9, "4/4"]),
    "half a bar": spoiled("changes", "bars", 0, value=[0.5, "4/4"]),
    "no bars": spoiled("changes", "bars", value=[]),
    "a late chord": spoiled("changes", "chords", 0, value=[40, "F7"]),
    "an unknown chord": spoiled("changes", "chords", 0, value=[0, "H7"]),
    "a note before the beginning": spoiled("notes", 0, value=[-40, 9, 60, 80]),
    "a note of no length": spoiled("notes", 0, value=[0, 0, 60, 80]),
    "half a tick": spoiled("notes", 0, value=[0, 0.5, 60, 80]),
    "a true pitch": spoiled("notes", 0, value=[0, 9, True, 80]),
    "a short note": spoiled("notes", 0, value=[0, 9]),
    "a loud note": spoiled("notes", 0, value=[0, 9, 60, 128]),
    "a silent note": spoiled("notes", 0, value=[0, 9, 60, 0]),
    "notes that go back": spoiled("notes", 0, value=[480, 9, 60, 80]),
    "a played text": spoiled("played", 1, value=["x", 9, 50]),
    "played silently": spoiled("played", 1, value=[3, 9, 0]),
    "too few played": spoiled("played", value=[None]),
    "dropped less than none": spoiled("dropped", value=-1),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_line_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.jsonl.gz"
    path.write_bytes(gzip.compress(f"{line_of(solo())}\n{json.dumps(SPOILED[name])}\n".encode()))
    with pytest.raises(CorpusError, match=r"mine\.jsonl\.gz, line 2: "):
        list(read_corpus(path))
