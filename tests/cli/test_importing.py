"""`import`: a folder of files becomes a corpus, and it is told what was understood of it."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from live_improv.corpus import Solo, read_corpus
from live_improv.corpus_writing import write_corpus
from live_improv.importing.duplicates import overlaps
from live_improv.importing.tunes import tunes
from live_improv.training.dataset import solo_steps
from tests.cli.conftest import Command
from tests.importing.midi_making import eighths, midi_file, part
from tests.importing.test_melospy_csv import MCSV2
from tests.test_corpus_writing import solo


@pytest.fixture(scope="module")
def parker(data_dir: Path) -> list[Solo]:
    """Eight solos of the Omnibook over eight tunes."""
    every = read_corpus(data_dir / "corpus" / "omnibook.jsonl.gz")
    return [each for each, _ in zip(every, range(8), strict=False)]


def ids(path: Path) -> set[str]:
    return {each.id for each in read_corpus(path)}


def test_a_folder_becomes_a_corpus(tmp_path: Path, command: Command, parker: list[Solo]) -> None:
    folder = tmp_path / "mine"
    (folder / "more").mkdir(parents=True)
    write_corpus(folder / "a.jsonl.gz", parker[:4])
    write_corpus(folder / "more" / "b.jsonl", parker[4:])
    (folder / "blues.csv").write_text(MCSV2)
    (folder / "bad.mid").write_bytes(b"MThd")
    (folder / "notes.txt").write_text("x")
    ran = command("import", folder, "--performer", "Me", "--out", "mine.jsonl.gz")
    assert ran.code == 0
    assert ran.err == ""
    found = list(read_corpus(tmp_path / "mine.jsonl.gz"))
    assert {each.id for each in found} == {*(each.id for each in parker), "blues"}
    assert {each.split for each in found} == {"train", "valid"}
    assert [each.performer for each in found if each.id == "blues"] == ["Me"]
    lines = ran.out.splitlines()
    at = lines.index("mine/blues.csv" if "mine/blues.csv" in lines else str(folder / "blues.csv"))
    assert lines[at + 1] == "  blues (Me): 3 notes, 2 bars of 4/4, 120 bpm"
    assert lines[at + 3] == (
        "    chords    the column chord, beginnings guessed, under 100 % of the notes: C7 F7"
    )
    assert any(line.startswith("  not understood: ") for line in lines)
    assert "1 file of other kinds passed over" in lines
    assert "4 files, 1 of them not understood" in lines
    assert any(line.startswith("  valid  ") for line in lines)
    # And it can be learned from.
    for each in found:
        assert len(solo_steps(each, straight=True)) == len(each.notes)


def test_nothing_is_overwritten_unasked(tmp_path: Path, command: Command) -> None:
    (tmp_path / "blues.csv").write_text(MCSV2)
    assert command("import", "blues.csv", "--out", "mine.jsonl").code == 0
    before = (tmp_path / "mine.jsonl").read_bytes()
    line = command("import", "blues.csv", "--out", "mine.jsonl").one_line(2)
    assert "mine.jsonl is there already: expected a new name, or --overwrite" in line
    assert (tmp_path / "mine.jsonl").read_bytes() == before
    # With it, the corpus that is replaced is not read as one of the files.
    assert command("import", ".", "--out", "mine.jsonl", "--overwrite").code == 0
    assert (tmp_path / "mine.jsonl").read_bytes() == before


def test_nothing_but_bad_files(tmp_path: Path, command: Command) -> None:
    (tmp_path / "bad.mid").write_bytes(b"MThd")
    ran = command("import", "bad.mid", "--out", "mine.jsonl")
    assert ran.code == 2
    assert ran.out.splitlines()[0] == "bad.mid"
    assert ran.out.splitlines()[-1] == "1 file, and no solo in it: nothing is written"
    assert not (tmp_path / "mine.jsonl").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("none.mid", "--out", "mine.jsonl"), "none.mid: no such file"),
        ((".", "--out", "mine.mid"), "ends in .jsonl or .jsonl.gz"),
        ((".", "--out", "none/mine.jsonl"), "no folder"),
        ((".", "--out", "mine.jsonl", "--against", "none.jsonl"), "none.jsonl"),
        ((".", "--out", "mine.jsonl", "--transpose", "99"), "expected -48 to 48"),
        ((".",), "--out"),
    ],
)
def test_what_cannot_be(command: Command, given: tuple[str, ...], said: str) -> None:
    assert said in command("import", *given).one_line(2)


def test_the_same_solo_twice(tmp_path: Path, command: Command, parker: list[Solo]) -> None:
    first = parker[0]
    higher = tuple(replace(note, pitch=note.pitch + 3) for note in first.notes)
    copy = replace(first, id="copy", title="My own", notes=higher)
    # Two that only have their name in common are both kept.
    other = replace(parker[1], id=first.id)
    write_corpus(tmp_path / "a.jsonl", parker[:1])
    write_corpus(tmp_path / "b.jsonl", [copy, *parker[2:4]])
    write_corpus(tmp_path / "c.jsonl", [other])
    ran = command("import", "a.jsonl", "b.jsonl", "c.jsonl", "--out", "mine.jsonl")
    said = f"copy is left out: all of it stands in {first.id} (3 semitones higher)"
    assert said in ran.out.splitlines()
    assert ids(tmp_path / "mine.jsonl") == {
        *(first.id, f"{first.id}-2"),
        *(each.id for each in parker[2:4]),
    }


def test_against_another_corpus(tmp_path: Path, command: Command, parker: list[Solo]) -> None:
    held, learned, copied = parker[:3]
    write_corpus(
        tmp_path / "theirs.jsonl.gz",
        [replace(held, split="valid"), replace(learned, split="train"), copied],
    )
    mine = [
        replace(parker[3], id="on a held tune", title=f"{held.title} (take 2)"),
        replace(parker[4], id="on a learned tune", title=learned.title.upper()),
        replace(copied, id="copied", title="Mine"),
        replace(parker[5], id=held.id),
        *parker[6:8],
    ]
    write_corpus(tmp_path / "mine.jsonl", mine)
    ran = command(
        *("import", "mine.jsonl", "--against", "theirs.jsonl.gz", "--out", "new.jsonl.gz")
    )
    lines = ran.out.splitlines()
    stands = f"all of it stands in {copied.id} (theirs.jsonl.gz)"
    assert f"copied is left out: {stands}" in lines
    put = f"on a held tune is put to valid, as {held.title} is in theirs.jsonl.gz"
    assert put in lines
    found = {each.id: each.split for each in read_corpus(tmp_path / "new.jsonl.gz")}
    names = {each.id for each in mine} - {"copied", held.id}
    assert set(found) == {*names, f"{held.id}-2"}
    # Another solo by the name of one of theirs is not lost when both corpora are learned from.
    theirs = ids(tmp_path / "theirs.jsonl.gz")
    assert not theirs & set(found)
    assert found["on a held tune"] == "valid"
    assert found["on a learned tune"] == "train"
    # Nothing new is nothing to write.
    shutil.copy(tmp_path / "theirs.jsonl.gz", tmp_path / "again.jsonl.gz")
    ran = command(
        *("import", "again.jsonl.gz", "--against", "theirs.jsonl.gz", "--out", "none.jsonl")
    )
    assert ran.code == 2
    assert "nothing is written" in ran.out.splitlines()[-1]


def test_a_corpus_that_is_split_stays_so(
    tmp_path: Path, command: Command, parker: list[Solo]
) -> None:
    split = [
        replace(each, split="valid" if i in (1, 7) else "train") for i, each in enumerate(parker)
    ]
    write_corpus(tmp_path / "a.jsonl", split)
    assert command("import", "a.jsonl", "--out", "b.jsonl").code == 0
    assert list(read_corpus(tmp_path / "b.jsonl")) == split


def test_progress_is_for_a_terminal(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blues.csv").write_text(MCSV2)
    assert command("import", ".", "--out", "a.jsonl").err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ran = command("import", ".", "--out", "b.jsonl")
    assert "1 of 2: a.jsonl" in ran.err
    assert ran.err.endswith("\r")
    assert "\n" not in ran.err


def test_titles_that_a_terminal_must_not_see(tmp_path: Path, command: Command) -> None:
    write_corpus(tmp_path / "a.jsonl", [solo("x", title="\x1b[2J\u202eTune\nno more")])
    ran = command("import", "a.jsonl", "--out", "b.jsonl")
    assert all(line.isprintable() for line in ran.out.splitlines())


@pytest.mark.parametrize(
    "given",
    [
        ("mine.jsonl", "new.jsonl", "--out", "mine.jsonl", "--overwrite"),
        ("mine.jsonl", "new.jsonl", "--out", "mine.jsonl"),
        ("new.jsonl", "--against", "mine.jsonl", "--out", "mine.jsonl", "--overwrite"),
        ("link.jsonl", "new.jsonl", "--out", "mine.jsonl", "--overwrite"),
    ],
)
def test_what_is_read_is_not_replaced(
    tmp_path: Path, command: Command, parker: list[Solo], given: tuple[str, ...]
) -> None:
    write_corpus(tmp_path / "mine.jsonl", parker[:2])
    write_corpus(tmp_path / "new.jsonl", parker[2:4])
    (tmp_path / "link.jsonl").hardlink_to(tmp_path / "mine.jsonl")
    line = command("import", *given).one_line(2)
    assert "mine.jsonl is read as well: expected another name" in line
    assert ids(tmp_path / "mine.jsonl") == {each.id for each in parker[:2]}


def shorter(whole: Solo, **other: Any) -> Solo:
    """Most of a solo."""
    return replace(whole, notes=whole.notes[: len(whole.notes) * 4 // 5], **other)


def test_a_copy_that_is_left_out_leaves_its_side(
    tmp_path: Path, command: Command, parker: list[Solo]
) -> None:
    """A held solo stays held, also as the fuller copy of it that another file has."""
    held = shorter(parker[0], split="valid", id="held")
    write_corpus(tmp_path / "a.jsonl", [held, replace(parker[1], split="valid"), *parker[2:4]])
    write_corpus(tmp_path / "b.jsonl", [replace(parker[0], id="full", title="Mine"), parker[4]])
    ran = command("import", "a.jsonl", "b.jsonl", "--out", "c.jsonl")
    assert any(line.startswith("held is left out") for line in ran.out.splitlines())
    found = {each.id: each.split for each in read_corpus(tmp_path / "c.jsonl")}
    assert found["full"] == "valid"
    assert found[parker[2].id] == "train"


def test_a_copy_that_is_left_out_leaves_its_ties(
    tmp_path: Path, command: Command, parker: list[Solo]
) -> None:
    """What is called as my copy of a held solo is over the held tune."""
    held = replace(parker[0], split="valid")
    write_corpus(tmp_path / "theirs.jsonl", [held, replace(parker[1], split="train")])
    mine = [
        replace(parker[0], id="copy", title="My Conf", split="train"),
        replace(parker[2], id="other", title="My Conf", split="train"),
        *parker[3:6],
    ]
    write_corpus(tmp_path / "mine.jsonl", mine)
    ran = command("import", "mine.jsonl", "--against", "theirs.jsonl", "--out", "new.jsonl")
    assert ran.code == 0
    found = {each.id: each.split for each in read_corpus(tmp_path / "new.jsonl")}
    assert "copy" not in found
    assert found["other"] == "valid"


def test_sixty_copies_are_one_solo(tmp_path: Path, command: Command, parker: list[Solo]) -> None:
    first = parker[0]
    copies = [replace(first, id=f"{i}", title=f"Tune {chr(97 + i)}x") for i in range(60)]
    write_corpus(tmp_path / "a.jsonl", [*copies, *parker[1:3]])
    ran = command("import", "a.jsonl", "--out", "b.jsonl")
    assert "and 39 more are left out so" in ran.out.splitlines()
    assert ids(tmp_path / "b.jsonl") == {"0", *(each.id for each in parker[1:3])}


@pytest.mark.parametrize("title", ["take 2", "recording", "untitled"])
def test_a_recording_is_on_one_side(
    tmp_path: Path, command: Command, parker: list[Solo], title: str
) -> None:
    """Two stretches over other changes, in a file whose name says nothing."""
    late = [(onset, length, pitch + i % 3) for i, (onset, length, pitch) in enumerate(eighths(20))]
    line = [*eighths(16), *((80 * 4 + onset, length, pitch) for onset, length, pitch in late)]
    chords = [(4 * bar, ("Dm7", "G7", "C")[bar % 3]) for bar in range(40)]
    chords += [(4 * bar, ("Fm7", "Bb7", "Eb", "Ab")[bar % 4]) for bar in range(60, 110)]
    midi_file(tmp_path / f"{title}.mid", part("Sax", line), chords=chords)
    write_corpus(tmp_path / "a.jsonl", parker)
    ran = command("import", f"{title}.mid", "a.jsonl", "--out", "b.jsonl")
    assert ran.code == 0
    others = {each.id for each in parker}
    found = [each for each in read_corpus(tmp_path / "b.jsonl") if each.id not in others]
    assert len(found) > 1
    assert len({each.split for each in found}) == 1
    theirs = tunes(parker, [(pair.first, pair.second) for pair in overlaps(parker)])
    count = f"{len(others) + len(found)} solos of {len(theirs) + 1} tunes"
    assert any(line.startswith(count) for line in ran.out.splitlines())


def test_a_bad_solo_does_not_end_an_import(
    tmp_path: Path, command: Command, parker: list[Solo]
) -> None:
    record = {
        "meter": [[0, 4]],
        "chords": [[0, "C"], [4, "F"]],
        "notes": [[i / 2, 0.4, 60 + i % 5] for i in range(20)],
    }
    spoiled: list[dict[str, Any]] = [
        {"avg_tempo": -5, "form": []},
        {"avg_tempo": float("nan"), "form": []},
        {"avg_tempo": 120, "form": [[0, 5]]},
        {"avg_tempo": 120, "form": [[0, "A1"]]},
    ]
    lines = [
        json.dumps({"id": f"x{i}", "title": "X", **record, **more})
        for i, more in enumerate(spoiled)
    ]
    (tmp_path / "old.jsonl").write_text("\n".join(lines))
    write_corpus(tmp_path / "new.jsonl", parker[:3])
    ran = command("import", "old.jsonl", "new.jsonl", "--out", "mine.jsonl")
    assert ran.code == 0
    assert ids(tmp_path / "mine.jsonl") == {"x3", *(each.id for each in parker[:3])}
    said = [line for line in ran.out.splitlines() if "not understood:" in line]
    assert said[0] == "  not understood: x0: tempo -5"
    assert said[1].startswith("  not understood: x1: ")
    assert said[2:] == ["  not understood: x2: 5: expected a text"]


@pytest.mark.parametrize("odd", ["\x1c", "\x85", "\t", "\u2028", "\x0b"])
def test_spaces_that_a_terminal_must_not_see(tmp_path: Path, command: Command, odd: str) -> None:
    """Python calls them spaces, a terminal obeys some of them."""
    write_corpus(tmp_path / "a.jsonl", [solo("x", title=f"A  {odd}  Tune")])
    ran = command("import", "a.jsonl", "--out", "b.jsonl")
    assert ran.code == 0
    assert all(line.isprintable() for line in ran.out.split("\n"))
