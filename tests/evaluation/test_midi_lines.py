"""Lines out of MIDI files: which part, which chords, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from live_improv.charts.text import parse
from live_improv.corpus import read_corpus
from live_improv.evaluation.beat_patterns import learn_patterns
from live_improv.evaluation.lines import written
from live_improv.evaluation.midi_lines import MidiLine, Refused, read_lines
from live_improv.evaluation.played_rhythm import RhythmReader
from live_improv.midi.files import write_performance, write_score
from live_improv.midi.parts import read_parts
from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.events import Note, NoteOff, NoteOn, Timed
from live_improv.music.score import Part, Score
from live_improv.music.timing import Meter, TempoMap, Ticks
from tests.lines import even_line, note

CHART = parse("Dm7 | G7 | CM7 | A7")
MELODY = even_line(tuple([62, 64, 65, 67, 69, 67, 65, 64] * 4), (6,) * 32)
CHORDS = ((50, 53, 57, 60), (55, 59, 62, 65), (48, 52, 55, 59), (45, 49, 52, 55))


@pytest.fixture(scope="module")
def reader(data_dir: Path) -> RhythmReader:
    """A reader that knows some solos."""
    corpus = read_corpus(data_dir / "corpus" / "wjazzd_solos.jsonl.gz")
    train = (each for each in corpus if each.split == "train")
    return RhythmReader(learn_patterns([each for each, _ in zip(train, range(40), strict=False)]))


def events(notes: Sequence[Note], channel: int = 0, late: int = 0) -> tuple[Timed, ...]:
    """Notes as messages, in order."""
    found = [
        *(Timed(Ticks(n.onset + late), NoteOn(n.pitch, n.velocity, channel)) for n in notes),
        *(Timed(Ticks(n.end + late - 1), NoteOff(n.pitch, channel)) for n in notes),
    ]
    return tuple(sorted(found, key=lambda timed: timed.tick))


def comping(channel: int = 1) -> tuple[Timed, ...]:
    """A chord of four keys at each bar line."""
    keys = [note(48 * bar, pitch, 46) for bar, chord in enumerate(CHORDS) for pitch in chord]
    return events(keys, channel)


def score(path: Path, *parts: Part, chords: Changes | None = None) -> None:
    """A file of four bars at 180, with chord markers only where they are given."""
    spans: tuple[ChordSpan, ...] = chords.chords if chords else ()
    length = Ticks(4 * 1920)
    meters = (Bar(Ticks(0), Meter()),)
    write_score(path, Score(length, TempoMap.constant(180.0), meters, spans, parts))


def read_one(folder: Path, reader: RhythmReader, chart: Changes | None = None) -> MidiLine:
    """The only line of a folder."""
    (line,), refused = read_lines(folder, reader, chart)
    assert refused == []
    return line


def test_what_we_write_is_read_as_it_was_written(tmp_path: Path, reader: RhythmReader) -> None:
    tempo = TempoMap.constant(132.0)
    write_performance(tmp_path / "a.mid", events(MELODY), CHART, tempo, Ticks(4 * 1920))
    found = read_one(tmp_path, reader).line
    assert found.notes == written(MELODY)
    assert found.bars == 4
    assert found.bpm == pytest.approx(132.0, rel=0.01)
    assert [span.chord for span in found.changes.chords] == [s.chord for s in CHART.chords]


def test_a_melody_is_found_among_others(tmp_path: Path, reader: RhythmReader) -> None:
    bass = even_line((38, 41, 45, 48) * 4, (12,) * 16)
    hats = [note(3 * i, 42, 1) for i in range(64)]
    others = (
        Part("Bass", events(bass, 2)),
        Part("Piano", comping()),
        Part("Drums", events(hats, 9)),
    )
    for name in ("Tenor Sax", "Track 7"):
        score(tmp_path / "a.mid", *others, Part(name, events(MELODY, 3, late=13)))
        found = read_one(tmp_path, reader).line
        assert found.notes == written(MELODY)
    # What is called a solo is one, even below the bass.
    low = tuple(Note(n.onset, n.length, n.pitch - 30) for n in MELODY)
    score(tmp_path / "a.mid", *others, Part("Solo", events(low, 3)))
    assert [n.pitch for n in read_one(tmp_path, reader).line.notes] == [n.pitch for n in low]


def test_chords_are_those_that_are_named_or_sounded_or_given(
    tmp_path: Path, reader: RhythmReader
) -> None:
    parts = Part("Solo", events(MELODY)), Part("Piano", comping())
    score(tmp_path / "a.mid", *parts)
    sounded = read_one(tmp_path, reader).line.changes
    assert [span.chord.symbol for span in sounded.chords] == ["Dm7", "G7", "CM7", "A7"]
    assert [span.start for span in sounded.chords] == [0, 1920, 3840, 5760]
    given = parse("F7 | Bb7")
    assert [
        span.chord.symbol for span in read_one(tmp_path, reader, given).line.changes.chords
    ] == ["F7", "Bb7", "F7", "Bb7"]
    score(tmp_path / "a.mid", *parts, chords=parse("Dm7 | Db7 | CM7 | CM7"))
    named = read_one(tmp_path, reader).line.changes
    assert [named.chord_at(Ticks(1920 * bar)).symbol for bar in range(4)] == [
        "Dm7",
        "Db7",
        "CM7",
        "CM7",
    ]


def test_a_refusal_says_why(tmp_path: Path, reader: RhythmReader) -> None:
    (tmp_path / "broken.mid").write_bytes(b"MThd")
    (tmp_path / "notes.txt").write_text("no file of notes")
    score(tmp_path / "bare.mid", Part("Solo", events(MELODY)))
    score(tmp_path / "chords.mid", Part("", comping()), Part("", comping(2)))
    score(tmp_path / "drums.mid", Part("", events(MELODY, 9)))
    lines, refused = read_lines(tmp_path, reader)
    assert lines == []
    assert [each.name for each in refused] == ["bare.mid", "broken.mid", "chords.mid", "drums.mid"]
    whys = [each.why for each in refused]
    assert "give a chart" in whys[0]
    assert "melody" in whys[2]
    assert "drums" in whys[3]
    assert all(isinstance(each, Refused) for each in refused)


def test_parts_are_told_apart_by_track_and_channel(tmp_path: Path) -> None:
    both = tuple(sorted((*events(MELODY, 4), *comping(5)), key=lambda timed: timed.tick))
    score(tmp_path / "a.mid", Part("Both", both), Part("Again", events(MELODY, 4)))
    recorded, parts = read_parts(tmp_path / "a.mid")
    assert [(part.name, part.channel, len(part.notes)) for part in parts] == [
        ("Both", 4, 32),
        ("Both", 5, 16),
        ("Again", 4, 32),
    ]
    assert parts[0].notes == parts[2].notes
    assert [b.onset - a.onset for a, b in pairwise(parts[0].notes)] == [240] * 31
    assert recorded.tempo.bpm_at(Ticks(0)) == pytest.approx(180.0, rel=1e-4)


def test_real_files_become_lines_or_refusals(data_dir: Path, reader: RhythmReader) -> None:
    lines, refused = read_lines(data_dir / "midi", reader)
    paths = [p for p in (data_dir / "midi").iterdir() if p.suffix.lower() in (".mid", ".midi")]
    assert len(lines) + len(refused) == len(paths)
    assert len(lines) >= 10
    for each in lines:
        assert len(each.line.notes) >= 16
        assert each.line.changes.length >= each.line.notes[-1].onset
        assert each.line.notes == written(each.line.notes)
