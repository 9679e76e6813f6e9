"""The command that writes a corpus as files."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from live_improv.cli.parsing import BAD_INPUT, OK
from live_improv.corpus import read_corpus
from live_improv.corpus_writing import line_of, write_corpus
from live_improv.importing.imported import Choices
from live_improv.importing.midi_solos import read_midi
from tests.cli.conftest import Command
from tests.test_corpus_writing import solo as any_solo


@pytest.fixture(scope="module")
def corpus(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four solos."""
    path = tmp_path_factory.mktemp("corpus") / "few.jsonl.gz"
    every = read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz")
    named = [solo for solo in every if "Goodman" in solo.performer or "BluesForAlice" in solo.id]
    write_corpus(path, named[:4])
    return path


def test_a_corpus_becomes_a_folder(command: Command, corpus: Path, tmp_path: Path) -> None:
    ran = command("export", "--corpus", str(corpus), "--out", "out", "--only", "benny goodman")
    wanted = [solo for solo in read_corpus(corpus) if solo.performer == "Benny Goodman"]
    assert (ran.code, ran.err) == (OK, "")
    assert ran.out.splitlines()[-1] == f"{len(wanted)} solos in out"
    for solo in wanted:
        (found,) = read_midi(tmp_path / "out" / f"{solo.id}.mid", Choices())
        assert [n.pitch for n in found.solo.notes] == [n.pitch for n in solo.notes]
    again = command("export", "--corpus", str(corpus), "--out", "out", "--only", "Goodman")
    assert "expected a folder without it" in again.one_line(BAD_INPUT)


def test_it_writes_musicxml(command: Command, corpus: Path, tmp_path: Path) -> None:
    only = "BennyGoodman_Avalon"
    ran = command(
        "export", "--corpus", str(corpus), "--out", ".", "--format", "musicxml", "--only", only
    )
    assert ran.code == OK
    written = (tmp_path / f"{only}_FINAL.musicxml").read_bytes()
    assert written.startswith(b"<?xml")
    assert b"<harmony" in written


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "Nobody at all"), "no such solos"),
        (("--corpus", "missing.jsonl"), "missing.jsonl"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    command: Command, corpus: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = command("export", "--corpus", str(corpus), "--out", "out", *arguments)
    assert said in ran.one_line(BAD_INPUT)


def test_any_id_is_a_name(command: Command, tmp_path: Path) -> None:
    """Long in bytes, or the same but for how a letter is composed or written."""
    same = ("\u00e9t\u00e9", "e\u0301te\u0301", "\u00c9T\u00c9")
    write_corpus(
        tmp_path / "a.jsonl", [any_solo(each) for each in (*same, "\u6f22" * 100, "x" * 300)]
    )
    ran = command("export", "--corpus", "a.jsonl", "--out", "out")
    assert ran.code == OK
    names = [each.name for each in (tmp_path / "out").iterdir()]
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == 5
    assert all(unicodedata.is_normalized("NFC", name) for name in names)
    assert max(len(name.encode()) for name in names) < 220


def test_only_what_can_be_heard_is_in_a_corpus(tmp_path: Path, command: Command) -> None:
    """As a silent note could not be exported."""
    silent = line_of(any_solo("x")).replace("200,65,80]", "200,65,0]")
    (tmp_path / "a.jsonl").write_text(silent + "\n")
    ran = command("export", "--corpus", "a.jsonl", "--out", "out")
    assert "line 1: " in ran.one_line(BAD_INPUT)
