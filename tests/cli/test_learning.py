"""The commands that learn and measure: what they say, and how they refuse."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from live_improv import assets
from live_improv.board import checking
from live_improv.evaluation.controls import Control, bars_shuffled
from tests.cli.conftest import Command
from tests.test_corpus import BEATS, INTEGERS, written


@pytest.mark.usefixtures("quick")
def test_evaluation_prints_and_writes_its_figures(command: Command, tmp_path: Path) -> None:
    corpus = written(tmp_path / "solos.jsonl.gz", INTEGERS, BEATS)
    ran = command("evaluate", "--corpus", corpus, "--split", "valid", "--json", "out.json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads((tmp_path / "out.json").read_text())
    assert set(found) == {"bits", "notes", "solos", "split", "model"}
    assert set(found["bits"]) == {"onset", "pitch", "total"}
    bits = found["bits"]
    assert bits["total"] == pytest.approx(bits["onset"] + bits["pitch"])
    assert 0 < bits["total"] < 40
    # One solo of three notes is for validation; its first note is not counted.
    assert (found["notes"], found["solos"], found["split"]) == (2, 1, "valid")
    assert found["model"] == assets.default_model().name
    assert f"{bits['total']:.3f} bits per note" in ran.out
    assert command("evaluate", "--corpus", corpus).out.split()[2] == "2"


@pytest.fixture
def few(data_dir: Path, tmp_path: Path) -> Path:
    """A corpus of few solos, played and learned from."""
    with gzip.open(data_dir / "corpus" / "wjazzd_lean.jsonl.gz", "rt") as whole:
        records = [json.loads(line) for line in whole]
    valid = [record for record in records if record["split"] == "valid"][1:7]
    train = [record for record in records if record["split"] == "train"][:30]
    return written(tmp_path / "few.jsonl", *valid, *train)


@pytest.mark.usefixtures("quick")
def test_the_board_is_printed_written_and_drawn(
    command: Command, few: Path, tmp_path: Path
) -> None:
    generate = ("evaluate", "--corpus", few, "--generate", "--notes", "200")
    ran = command(*generate, "--json", "out.json", "--plot", "out.svg")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads((tmp_path / "out.json").read_text())
    assert [each["name"] for each in found["sets"]] == ["human", "ours", "markov", "product"]
    human, ours, *_ = found["sets"]
    assert human["solos"] == 6
    assert ours["notes"] >= 200
    assert f"{ours['figures']['lift']:.2f}" in ran.out
    assert (tmp_path / "out.svg").read_text().startswith("<svg")
    again = command(*generate, "--without-baselines", "--json", "again.json")
    assert again.code == 0
    same = json.loads((tmp_path / "again.json").read_text())
    assert [each["figures"] for each in same["sets"]] == [human["figures"], ours["figures"]]


def test_the_board_checks_itself(
    command: Command, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one control that few solos are enough for; all of them are in `tests/board`."""
    shuffled = Control("shuffled", bars_shuffled, ("recurrence", "coverage"))
    monkeypatch.setattr(checking, "CONTROLS", (shuffled,))
    ran = command("evaluate", "--corpus", few, "--check")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count(": noticed") == len(ran.out.splitlines()) == 2


def test_a_check_that_fails_is_told(
    command: Command, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harmless = Control("nothing moved", lambda line: line, ("lift",))
    monkeypatch.setattr(checking, "CONTROLS", (harmless,))
    ran = command("evaluate", "--corpus", few, "--check")
    assert ran.code == 1
    assert "NOT NOTICED" in ran.out


EVALUATIONS = {
    "no file": (["--corpus", "nowhere.jsonl"], ("nowhere.jsonl", "No such file")),
    "no such split": (["--corpus", "ok.jsonl", "--split", "best"], ("'best'", "train, valid")),
    "a broken line": (["--corpus", "broken.jsonl"], ("broken.jsonl, line 2",)),
    "a broken archive": (["--corpus", "broken.jsonl.gz"], ("broken.jsonl.gz",)),
    "nothing to count": (["--corpus", "short.jsonl"], ("no notes",)),
    "no corpus": ([], ("--corpus",)),
    "a folder that is not there": (
        ["--corpus", "ok.jsonl", "--generate", "--plot", "nowhere/x.svg"],
        ("nowhere/x.svg", "folder"),
    ),
    "a plot of nothing": (["--corpus", "ok.jsonl", "--plot", "x.svg"], ("--plot", "--generate")),
    "no such folder": (
        ["--corpus", "ok.jsonl", "--generate", "--midi", "nowhere"],
        ("nowhere", ".mid"),
    ),
    "chords of nothing": (["--corpus", "ok.jsonl", "--chart", "x"], ("--chart", "--midi")),
    "a check of a model": (["--corpus", "ok.jsonl", "--check"], ("--json", "--check")),
    "two at once": (["--corpus", "ok.jsonl", "--check", "--generate"], ("not allowed",)),
    "nobody to learn from": (["--corpus", "short.jsonl", "--generate"], ("'train'", "4/4")),
    "no model": (["--corpus", "ok.jsonl", "--model", "nowhere"], ("nowhere",)),
}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", EVALUATIONS)
def test_bad_input_of_an_evaluation(command: Command, tmp_path: Path, name: str) -> None:
    arguments, parts = EVALUATIONS[name]
    written(tmp_path / "ok.jsonl", INTEGERS, BEATS)
    written(tmp_path / "broken.jsonl", INTEGERS, {"id": "x"})
    written(tmp_path / "short.jsonl", {**INTEGERS, "notes": [[0, 12, 60, 0, 0]]})
    (tmp_path / "broken.jsonl.gz").write_bytes(b"\x1f\x8b\x08 and then something else")
    (tmp_path / "out.json").write_text("mine")
    line = command("evaluate", *arguments, "--json", "out.json").one_line(2)
    for part in parts:
        assert part in line
    assert (tmp_path / "out.json").read_text() == "mine"


def test_training_says_what_it_needs(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import importlib.util

    corpus = written(tmp_path / "solos.jsonl", INTEGERS)
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_names: None)
    line = command("train", "--corpus", corpus, "--out", "model").one_line(2)
    assert "tensorflow" in line
    assert "pip install" in line
    assert not (tmp_path / "model").exists()


def test_a_finished_model_is_not_trained_over(command: Command, tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="the train extra is not installed")
    corpus = written(tmp_path / "solos.jsonl", INTEGERS)
    shutil.copytree(assets.default_model(), tmp_path / "model")
    before = (tmp_path / "model" / "config.json").read_bytes()
    line = command("train", "--corpus", corpus, "--out", "model").one_line(2)
    assert "--overwrite" in line
    assert (tmp_path / "model" / "config.json").read_bytes() == before
    # One solo for validation and none to learn from.
    line = command("train", "--corpus", corpus, "--out", "other").one_line(2)
    assert "'train'" in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--manners-of", "model"), "--players NAMES or --styles NAMES"),
        (("--manners-of", "model", "--players", "all", "--epochs", "3"), "--epochs"),
        (("--manners-of", "model", "--players", "Nobody"), "no solos of the player 'Nobody'"),
        (("--styles", "bop,Nothing"), "no solos of the style"),
        (("--manners-of", "nowhere", "--players", "all"), "nowhere"),
    ],
)
def test_manners_that_cannot_be_taught(
    command: Command, few: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    pytest.importorskip("keras", reason="the train extra is not installed")
    shutil.copytree(assets.default_model(), tmp_path / "model")
    line = command("train", "--corpus", few, "--out", "out", *arguments).one_line(2)
    assert said in line
    assert not (tmp_path / "out").exists()


def test_how_people_play_is_printed(command: Command, few: Path) -> None:
    ran = command("feel", "--corpus", few)
    assert (ran.code, ran.err) == (0, "")
    for name in ("swing", "lag", "articulation", "loudness"):
        assert name in ran.out
    assert "solo.jsonl" in command("feel", "--corpus", "solo.jsonl").one_line(2)
