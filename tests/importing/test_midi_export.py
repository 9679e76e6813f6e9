"""Solos of the corpus as MIDI files, and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from live_improv.corpus import Played, Solo, read_corpus
from live_improv.importing.exporting import ExportError, names_of, writer, written_to
from live_improv.importing.imported import Choices
from live_improv.importing.midi_export import Manner, to_midi
from live_improv.importing.midi_solos import read_midi
from live_improv.midi.parts import read_parts
from live_improv.midi.reader import read_player
from live_improv.music.changes import Bar, Changes, ChordSpan, Section
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Meter, Ticks


def solo(name: str = "A solo", first: float = 0.0) -> Solo:
    """Nine notes over two chords in 3/4 and 4/4, played a little late."""
    bars = (Bar(Ticks(0), Meter(3, 4)), Bar(Ticks(3 * PPQ), Meter(4, 4)))
    spans = ((0, 2 * PPQ, "NC"), (2 * PPQ, 3 * PPQ, "Gm7b5"), (3 * PPQ, 7 * PPQ, "C7(b9,#11)/E"))
    notes = [Note(Ticks(round(first * PPQ) + 320 * i), Ticks(200), 60 + 2 * i) for i in range(9)]
    return Solo(
        id=name,
        split="valid",
        performer="Ärt Pépper",
        title="Some Title",
        notes=tuple(notes),
        changes=Changes(
            chords=tuple(ChordSpan(Ticks(a), Ticks(b), parse_chord(c)) for a, b, c in spans),
            bars=bars,
            sections=(Section(Ticks(0), "I1"), Section(Ticks(3 * PPQ), "A'1")),
            title="Some Title",
            key="F-min",
            tempo=181.0,
            style="latin",
        ),
        bpm=181.0,
        instrument="as",
        style="COOL",
        feel="LATIN",
        played=tuple(
            Played(Ticks(note.onset + late), Ticks(230), 60 + 5 * late)
            for note, late in zip(notes, (-5, 3, 8, 2, 9, 1, 4, 6, 7), strict=True)
        ),
    )


def back(data: bytes, folder: Path) -> Solo:
    """A file read again."""
    path = folder / "back.mid"
    path.write_bytes(data)
    (understood,) = read_midi(path, Choices())
    return understood.solo


def test_all_that_a_solo_says_comes_back(tmp_path: Path) -> None:
    want, got = solo(), back(to_midi(solo()), tmp_path)
    assert [(n.onset, n.pitch) for n in got.notes] == [(n.onset, n.pitch) for n in want.notes]
    assert got.changes.chords == want.changes.chords
    assert got.changes.bars == want.changes.bars
    assert got.changes.sections == want.changes.sections
    for name in ("id", "split", "performer", "title", "instrument", "style", "feel"):
        assert getattr(got, name) == getattr(want, name), name
    assert (got.changes.key, got.changes.style) == ("F-min", "latin")
    assert got.bpm == pytest.approx(181, abs=0.01)
    assert got.lengths_known


def test_as_played_it_stands_where_it_was_played(tmp_path: Path) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(to_midi(solo(), Manner.PLAYED))
    line = read_parts(path)[1][0]
    assert line.name == "Solo (alto)"
    # It was played before the first bar line, so a bar comes before it.
    lead = 3 * PPQ
    assert [note.onset - lead for note in line.notes] == [
        each.onset for each in solo().played if each is not None
    ]
    assert read_player(path).chords[0].tick == lead


def test_a_corpus_comes_back_note_for_note_and_chord_for_chord(
    data_dir: Path, tmp_path: Path
) -> None:
    solos = list(read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz"))[::40]
    others = list(read_corpus(data_dir / "corpus" / "omnibook.jsonl.gz"))[::20]
    for want in (*solos, *others):
        got = back(to_midi(want), tmp_path)
        assert [(n.onset, n.pitch) for n in got.notes] == [(n.onset, n.pitch) for n in want.notes]
        assert [s.start for s in got.changes.chords] == [s.start for s in want.changes.chords]
        assert [s.chord for s in got.changes.chords] == [s.chord for s in want.changes.chords]
        assert got.changes.bars == want.changes.bars
        assert got.lengths_known == want.lengths_known


def test_names_are_safe_short_and_different() -> None:
    ids = ("a/b:c", "A_b_c", "", "con", "../../etc", "x" * 300, "Don't (take 2)")
    assert names_of([solo(each) for each in ids]) == [
        *("a_b_c", "A_b_c-2", "solo", "_con", "_.._etc", "x" * 100, "Don't (take 2)")
    ]


def test_a_folder_is_made_and_nothing_in_it_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    solos = [solo("one"), solo("two", 1.0)]
    assert list(written_to(folder, solos, ".mid", writer("mid"))) == [
        folder / "one.mid",
        folder / "two.mid",
    ]
    before = (folder / "one.mid").read_bytes()
    (folder / "two.mid").unlink()
    with pytest.raises(ExportError, match=r"one\.mid is there already"):
        list(written_to(folder, solos, ".mid", writer("mid", "played")))
    assert [path.name for path in folder.iterdir()] == ["one.mid"]
    assert (folder / "one.mid").read_bytes() == before


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    def broken(each: Solo) -> bytes:
        if each.id == "two":
            raise ValueError("a note off the page")
        return b"whole"

    solos: Sequence[Solo] = [solo("one"), solo("two"), solo("three")]
    with pytest.raises(ExportError, match=r"two\.mid: a note off the page"):
        list(written_to(tmp_path, solos, ".mid", broken))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [
        ("one.mid", b"whole")
    ]


def test_no_solos_and_no_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no such solos"):
        list(written_to(tmp_path, [], ".mid", writer("mid")))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError, match="cannot write to"):
        list(written_to(tmp_path / "file", [solo()], ".mid", writer("mid")))
