"""The command that goes on from a model: what it refuses, in one line and before it learns."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from live_improv import assets
from tests.cli.conftest import Command
from tests.test_corpus import INTEGERS, written

REFUSED = {
    "no file": (("--corpus", "nowhere.jsonl", "--out", "me"), ("nowhere.jsonl", "No such file")),
    "no model": (
        ("--corpus", "mine.jsonl", "--out", "me", "--model", "nowhere"),
        ("nowhere", "no folder"),
    ),
    "nothing to learn from": (("--corpus", "held.jsonl", "--out", "me"), ("'train'", "held.jsonl")),
    "over itself": (
        ("--corpus", "mine.jsonl", "--out", "model", "--overwrite"),
        ("model", "to be adapted"),
    ),
    "over another": (("--corpus", "mine.jsonl", "--out", "other"), ("other", "--overwrite")),
    "nothing held out of the general one": (
        ("--corpus", "mine.jsonl", "--out", "me", "--general", "mine.jsonl"),
        ("'valid'", "mine.jsonl"),
    ),
    "a general one that is broken": (
        ("--corpus", "mine.jsonl", "--out", "me", "--general", "broken.jsonl"),
        ("broken.jsonl, line 1",),
    ),
    "nowhere to write it": (("--corpus", "mine.jsonl"), ("--out",)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_adapted(command: Command, tmp_path: Path, name: str) -> None:
    pytest.importorskip("keras", reason="the train extra is not installed")
    arguments, parts = REFUSED[name]
    for folder in ("model", "other"):
        shutil.copytree(assets.default_model(), tmp_path / folder)
    written(tmp_path / "mine.jsonl", {**INTEGERS, "split": "train"})
    written(tmp_path / "held.jsonl", {**INTEGERS, "split": "valid"})
    written(tmp_path / "broken.jsonl", {"id": "x"})
    before = (tmp_path / "other" / "config.json").read_bytes()
    model = () if "--model" in arguments else ("--model", "model")
    line = command("adapt", *model, *arguments).one_line(2)
    for part in parts:
        assert part in line
    assert not (tmp_path / "me").exists()
    assert (tmp_path / "other" / "config.json").read_bytes() == before


def test_it_says_what_it_needs(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written(tmp_path / "mine.jsonl", INTEGERS)
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_names: None)
    line = command("adapt", "--corpus", "mine.jsonl", "--out", "me").one_line(2)
    assert "tensorflow" in line
    assert "pip install" in line
