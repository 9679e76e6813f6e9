"""Which files are read, by which reader, and that a fault of one stays with it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random

import pytest

from live_improv.corpus_writing import line_of, write_corpus
from live_improv.importing import midi_solos, reading
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.reading import found_in, solos_of
from live_improv.importing.report import FileReport, about_file
from tests.importing.melospy_files import records, write_csv, write_database
from tests.importing.test_melospy_csv import MCSV2
from tests.test_corpus_writing import solo


def touched(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def test_a_folder_is_looked_through(tmp_path: Path) -> None:
    touched(tmp_path, "b.MID", "a.mid", "sub/c.musicxml", "sub/deep/d.ls", "e.csv", "f.jsonl.gz")
    touched(tmp_path, "e_beattrack.csv", "readme.txt", "._a.mid", ".git/x.mid", "g.mid.bak")
    os.symlink(tmp_path, tmp_path / "sub" / "loop")
    found = found_in([tmp_path, tmp_path / "a.mid"])
    names = [str(path.relative_to(tmp_path)) for path in found.files]
    assert names == ["a.mid", "b.MID", "e.csv", "f.jsonl.gz", "sub/c.musicxml", "sub/deep/d.ls"]
    assert found.passed_over == 3
    # What is named is read, whatever it is called.
    assert found_in([tmp_path / "readme.txt"]).files == (tmp_path / "readme.txt",)
    with pytest.raises(FileNotFoundError, match=r"none\.mid"):
        found_in([tmp_path / "none.mid"])


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touched(tmp_path, *(f"{i}.mid" for i in range(9)))
    monkeypatch.setattr(reading, "MAX_FILES", 5)
    with pytest.raises(NotUnderstood, match="more than 5 files"):
        found_in([tmp_path])


def reasons(path: Path) -> list[str]:
    return [str(each) for each in solos_of(path, Choices()) if isinstance(each, NotUnderstood)]


@pytest.mark.parametrize(
    "name", ["x.mid", "x.musicxml", "x.mxl", "x.ls", "x.db", "x.csv", "x.txt", "x"]
)
def test_a_file_that_is_nothing_has_a_reason(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x00\x01nothing")
    (reason,) = reasons(path)
    assert "fault of ours" not in reason
    assert len(reason) < 400
    path.unlink()
    (reason,) = reasons(path)
    if name.startswith("x.") and name != "x.txt":
        assert "No such file" in reason or reason == "it is not a file"


def test_a_fault_of_ours_is_called_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.mid"
    path.write_bytes(b"")
    for error, said in (
        (ZeroDivisionError("by 0"), "a fault of ours: ZeroDivisionError('by 0')"),
        (MemoryError(), "it takes more memory than there is"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
    ):

        def fails(_path: Path, _choices: Choices, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(midi_solos, "read_midi", fails)
        assert reasons(path) == [said]


def test_scores_need_music21(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.musicxml"
    path.write_bytes(b"")
    monkeypatch.setattr(reading, "find_spec", lambda _name: None)
    assert reasons(path) == ["scores are read with music21: pip install 'live-improv[train]'"]


def test_a_corpus_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    write_corpus(path, [solo("one"), solo("two", split="valid")])
    with path.open("a") as file:
        file.write('{"x": 1}\n')
    one, two, reason = solos_of(path, Choices())
    assert isinstance(one, Understood)
    assert isinstance(two, Understood)
    assert (one.solo, two.solo) == (solo("one"), solo("two", split="valid"))
    assert (one.coverage, one.chords_from) == (1, "the corpus")
    assert str(reason) == "line 3: no field 'notes'"


def test_a_value_that_has_no_end_is_not_told_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"ticks_per_beat": ["x\n" * 9] * 10_000}) + "\n")
    (reason,) = solos_of(path, Choices())
    assert isinstance(reason, NotUnderstood)
    _, line = about_file(FileReport(path, (), (reason,)))
    assert line.startswith("  not understood: line 1: ValueError: ticks_per_beat ['x")
    assert len(line) < 500


def test_a_csv_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.CSV"
    path.write_text(MCSV2)
    (found,) = solos_of(path, Choices(performer="Me"))
    assert isinstance(found, Understood)
    assert found.solo.performer == "Me"


def damaged(data: bytes, chance: Random) -> bytes:
    """Data with a few bytes changed, missing, doubled or replaced by what is odd."""
    odd = (b"9" * 30, b"-1", b"nan", b"1e999", b"\x00", b'""', b"null", b"\xff")
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 9))):
        at, way = chance.randrange(len(found) + 1), chance.random()
        if way < 0.4:
            found[at : at + 1] = bytes([chance.randrange(256)])
        elif way < 0.6:
            del found[at : at + chance.randrange(1, 60)]
        elif way < 0.8:
            found[at:at] = found[at : at + chance.randrange(1, 200)]
        else:
            found[at:at] = chance.choice(odd)
    return bytes(found)


@pytest.mark.parametrize("kind", ["csv", "track", "db", "jsonl"])
def test_no_damage_is_a_fault_of_ours(tmp_path: Path, data_dir: Path, kind: str) -> None:
    """And what is still understood can be written."""
    corpus = data_dir / "corpus" / "wjazzd_solos.jsonl.gz"
    solos = records(corpus, ["ChetBaker_IFallInLoveTooEasily_FINAL"])
    notes = write_csv(tmp_path, solos[0])
    path = damage = {
        "csv": notes,
        "track": notes.with_name(f"{notes.stem}_beattrack.csv"),
        "db": write_database(tmp_path / "x.db", solos),
        "jsonl": tmp_path / "x.jsonl",
    }[kind]
    if kind == "jsonl":
        (whole,) = solos_of(notes, Choices())
        assert isinstance(whole, Understood)
        write_corpus(path, [whole.solo])
    path = notes if kind == "track" else path
    data, chance = damage.read_bytes(), Random(kind)
    refused = 0
    for _ in range(60):
        damage.write_bytes(damaged(data, chance))
        for each in solos_of(path, Choices()):
            if isinstance(each, Understood):
                assert line_of(each.solo)
            else:
                refused += 1
                assert "fault of ours" not in str(each)
    assert refused > 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
@pytest.mark.parametrize("ending", ["mid", "musicxml", "ls", "db", "csv", "jsonl", "jsonl.gz"])
def test_pipes_and_devices_are_not_read(tmp_path: Path, ending: str) -> None:
    """Nobody would write to the one, and the other would not end."""
    pipe, device = tmp_path / f"pipe.{ending}", tmp_path / f"zero.{ending}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in found_in([tmp_path]).files:
        assert reasons(path) == ["a pipe or a device, not a file"]
    assert reasons(tmp_path) == ["a folder"]
