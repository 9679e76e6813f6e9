"""The audition command, as a user meets it."""

from __future__ import annotations

import json
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from live_improv.audition.key import KEY_NAME, read_key
from live_improv.sound import render
from tests.audition.conftest import held_out
from tests.cli.conftest import Command

__all__ = ["held_out"]


@pytest.mark.usefixtures("quick")
def test_an_audition_is_made_rated_and_counted(
    command: Command, tmp_path: Path, held_out: Path
) -> None:
    made = command(
        *("audition", "--out", "a", "--corpus", held_out, "--split", "valid"),
        *("--excerpts", "4", "--seed", "5"),
    )
    assert (made.code, made.err) == (0, ""), made
    assert "4 excerpts" in made.out
    key, seal = read_key(tmp_path / "a")
    assert seal in made.out
    for listener, rating in (("Anna", 4), ("Bo", 2)):
        ratings = {
            name: {"rating": rating - (truth.by == "machine"), "guess": "human", "known": False}
            for name, truth in key.excerpts.items()
        }
        said = {"audition": seal, "listener": listener, "background": "", "ratings": ratings}
        (tmp_path / f"{listener}.json").write_text(json.dumps(said))
    counted = command("audition", "--tally", "a", "Anna.json", "Bo.json", "--json", "figures.json")
    assert (counted.code, counted.err) == (0, "")
    anna, bo, together = counted.out.split("\nBo")[0], "Bo", counted.out.split("together")[1]
    assert anna.startswith("Anna\n")
    assert "human 4.00 (4.00 to 4.00), ours 3.00 (3.00 to 3.00)" in anna
    assert "+1.00 (+1.00 to +1.00), 2 places" in anna
    assert "50 % (7 % to 93 %), 4 guesses" in anna
    assert together.startswith(" (2 listeners)\n")
    assert "human 3.00 (3.00 to 3.00), ours 2.00 (2.00 to 2.00)" in together
    assert "50 % (16 % to 84 %), 8 guesses" in together
    assert "human 100 % (40 % to 100 %), ours 100 % (40 % to 100 %)" in together
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert [each["name"] for each in figures["verdicts"]] == ["Anna", bo, "together"]
    assert figures["verdicts"][2]["gap"] == {"value": 1.0, "low": 1.0, "high": 1.0, "count": 2}


@pytest.mark.usefixtures("quick")
def test_without_a_seed_no_two_auditions_are_alike(
    command: Command, tmp_path: Path, held_out: Path
) -> None:
    for out in ("a", "b"):
        ran = command("audition", "--out", out, "--corpus", held_out, "--excerpts", "2")
        assert ran.code == 0, ran
    (one, _), (other, _) = (read_key(tmp_path / name) for name in ("a", "b"))
    assert one.seed != other.seed


@pytest.mark.usefixtures("quick")
def test_an_audition_with_sound(command: Command, tmp_path: Path, held_out: Path) -> None:
    try:
        render.find_synth()
    except render.SoundError as error:
        pytest.skip(str(error))
    ran = command("audition", "--out", "a", "--corpus", held_out, "--excerpts", "2", "--wav")
    assert (ran.code, ran.err) == (0, "")
    sizes = set()
    for name in ("01", "02"):
        assert f'<audio controls preload="none" src="{name}.wav">' in (
            tmp_path / "a" / "index.html"
        ).read_text("utf-8")
        with wave.open(str(tmp_path / "a" / f"{name}.wav")) as file:
            sizes.add(file.getnframes())
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        assert np.abs(sound[len(sound) // 2 :]).max() > 500  # there is music in it
        assert np.abs(sound.astype(int)).max() < 32_000  # and it does not clip
    assert len(sizes) == 1


def test_without_a_synthesizer_no_folder_is_made(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    line = command("audition", "--out", "a", "--corpus", "x.jsonl", "--wav").one_line(2)
    assert "fluidsynth is not installed" in line
    assert list(tmp_path.iterdir()) == []


def test_a_sound_font_that_is_not_there(command: Command) -> None:
    if shutil.which("fluidsynth") is None:
        pytest.skip("fluidsynth is not installed")
    ran = command(
        *("audition", "--out", "a", "--corpus", "x.jsonl", "--wav", "--soundfont", "none.sf2")
    )
    assert "no sound font none.sf2" in ran.one_line(2)


BAD: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing": ((), "--out --tally"),
    "both": (("--out", "a", "--tally", "b"), "not allowed with"),
    "no corpus": (("--out", "a"), "expected --corpus"),
    "no such corpus": (("--out", "a", "--corpus", "none.jsonl"), "none.jsonl"),
    "one excerpt": (("--out", "a", "--corpus", "x", "--excerpts", "1"), "2 to 200"),
    "three excerpts": (("--out", "a", "--corpus", "x", "--excerpts", "3"), "even number"),
    "a folder that is there": (("--out", ".", "--corpus", "x"), "is there already"),
    "a folder in no folder": (("--out", "no/a", "--corpus", "x"), "there is no folder no"),
    "a bad model": (("--out", "a", "--corpus", "x", "--model", "none"), "none"),
    "ratings while making": (("r.json", "--out", "a", "--corpus", "x"), "--tally"),
    "figures while making": (("--out", "a", "--corpus", "x", "--json", "f"), "--tally"),
    "no ratings": (("--tally", "a"), "files of ratings"),
    "no audition": (("--tally", "none", "r.json"), KEY_NAME),
    "nowhere to write": (("--tally", "none", "r.json", "--json", "no/f.json"), "cannot write"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_done_is_said_in_one_line(
    command: Command, tmp_path: Path, name: str
) -> None:
    arguments, told = BAD[name]
    assert told in command("audition", *arguments).one_line(2)
    assert list(tmp_path.iterdir()) == []
