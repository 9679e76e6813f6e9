"""The commands about copying: what they say, what they write, and how they refuse."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from live_improv import assets, model_folder
from live_improv.corpus import read_corpora
from live_improv.evaluation.novelty import PEOPLE
from live_improv.importing.midi_export import to_midi
from live_improv.performance.constraints import CONSTRAINTS
from tests.cli.conftest import Command
from tests.test_corpus import BEATS, written


@pytest.fixture
def corpus(data_dir: Path, tmp_path: Path) -> Path:
    """Some solos of people: 12 to learn from and one that is not."""
    with gzip.open(data_dir / "corpus" / "wjazzd_lean.jsonl.gz", "rt") as whole:
        records = [json.loads(line) for line, _ in zip(whole, range(60), strict=False)]
    train = [record for record in records if record["split"] == "train"][:12]
    valid = [record for record in records if record["split"] == "valid"][:1]
    return written(tmp_path / "solos.jsonl", *train, *valid)


@pytest.fixture
def take(corpus: Path, tmp_path: Path) -> Path:
    """The third of them, as a MIDI file."""
    path = tmp_path / "take.mid"
    path.write_bytes(to_midi(read_corpora([corpus])[2]))
    return path


def test_a_take_is_found_in_the_corpus_it_came_from(
    command: Command, corpus: Path, take: Path, tmp_path: Path
) -> None:
    solo = read_corpora([corpus])[2]
    ran = command("novelty", take, "--corpus", corpus, "--json", "out.json")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads((tmp_path / "out.json").read_text())
    (only,) = found["solos"]
    first = only["runs"][0]
    assert first["notes"] >= 0.9 * len(solo.notes)
    assert (first["solo"], first["performer"], first["title"]) == (
        solo.id,
        solo.performer,
        solo.title,
    )
    assert f"{solo.performer}, {solo.title} ({solo.id})" in ran.out
    assert only["sharing"]["moves"]["groups"][0] == 1.0
    # One solo that was kept apart is too few to speak for people.
    assert found["people"]["timed"]["longest"] == PEOPLE.timed.longest
    without = command("novelty", take, "--corpus", corpus, "--split", "valid", "--most", "2")
    assert solo.id not in without.out
    assert "beside" in without.out


def test_it_says_what_it_cannot_look_at(command: Command, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.mid").write_bytes(b"MThd")
    line = command("novelty", tmp_path / "broken.mid", "--corpus", corpus).one_line(2)
    assert "broken.mid" in line
    assert "nowhere.mid" in command("novelty", "nowhere.mid", "--corpus", corpus).one_line(2)
    none = command("novelty", corpus, "--corpus", corpus, "--split", "mine").one_line(2)
    assert "no solos of split 'mine'" in none


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the default model, without an index."""
    folder = tmp_path / "model"
    shutil.copytree(assets.default_model(), folder)
    (folder / "quotes.bin").unlink(missing_ok=True)
    config = json.loads((folder / "config.json").read_text())
    config.pop("quotes", None)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_a_model_is_given_its_index(command: Command, corpus: Path, model: Path) -> None:
    assert model_folder.load(model).quotes is None
    ran = command("quotes", "--model", model, "--corpus", corpus)
    assert (ran.code, ran.err) == (0, "")
    assert "an index of 12 solos" in ran.out
    found = model_folder.load(model)
    assert found.quotes is not None
    assert 0.05 < found.quotes.filled < 0.2
    again = command("quotes", "--model", model, "--corpus", corpus)
    assert again.out == ran.out
    assert model_folder.load(model).quotes == found.quotes


def test_an_index_of_nothing_or_of_no_model_is_refused(
    command: Command, model: Path, tmp_path: Path
) -> None:
    held_out = written(tmp_path / "held.jsonl", {**BEATS, "split": "valid"})
    line = command("quotes", "--model", model, "--corpus", held_out).one_line(2)
    assert "no solos of split 'train'" in line
    nowhere = command("quotes", "--model", tmp_path / "no", "--corpus", held_out)
    assert "no folder" in nowhere.one_line(2)
    assert not (model / "quotes.bin").exists()


def test_the_cap_is_an_option(command: Command, tmp_path: Path) -> None:
    for asked in ("3", "9", "65", "-1", "many"):
        assert "--max-quote" in command("--max-quote", asked).one_line(2)
    for asked in ("0", "10", "64"):
        ran = command("--offline", f"{asked}.mid", "--bars", "1", "--max-quote", asked)
        assert ran.code == 0, ran
    said = command("--help").out
    about = " ".join(said[said.rindex("--max-quote N") :].split())[:200]
    assert f"({CONSTRAINTS['quotes'].strength:g})" in about


def test_a_cap_that_cannot_be_kept_is_said(command: Command, model: Path, corpus: Path) -> None:
    play = ("--offline", "x.mid", "--bars", "1", "--model", model)
    assert "--max-quote does nothing" in command(*play, "--max-quote", "20").out
    assert "--max-quote" not in command(*play).out
    assert "--max-quote" not in command(*play, "--max-quote", "0").out
    assert command("quotes", "--model", model, "--corpus", corpus).code == 0
    assert "--max-quote" not in command(*play, "--max-quote", "20").out
