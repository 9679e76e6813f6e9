"""F34: a model folder is a net that can be played or one error; nothing in it ever runs."""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from live_improv.grammar.vocabulary import Vocabulary
from live_improv.model_folder import ModelFormatError, load, save
from tests.fuzz.checking import tried
from tests.fuzz.plain import most_memory
from tests.fuzz.seeds.models import array
from tests.small_nets import random_weights


def test_mutations_of_a_folder_are_read_or_refused_and_nothing_in_them_runs() -> None:
    # 2,000 and not 10,000: each one is unpacked and hashed, some 3 ms. The trap is among the
    # seeds, and the target sees after each input that it is not sprung.
    tally = tried("model", 2_000)
    assert tally.parsed >= 10, tally.line()
    assert tally.refused >= 1_000, tally.line()


def test_mutations_of_habits_are_read_or_refused_and_nothing_in_them_runs() -> None:
    tally = tried("habits", 10_000)
    assert tally.parsed >= 100, tally.line()
    assert tally.refused >= 1_000, tally.line()


@pytest.mark.parametrize("name", ["net.keras", "net.h5", "NET.H5", "weights.pkl", "model.pt"])
def test_a_file_of_another_library_is_refused_with_the_command_that_makes_ours(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(2_000))
    with pytest.raises(ModelFormatError, match=r"live-improv train --out FOLDER") as caught:
        load(path)
    assert str(path) in str(caught.value)


def packed(members: dict[str, bytes]) -> bytes:
    """A zip file that is packed as far as it goes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def header_of(shape: str, kind: str = "<f2") -> bytes:
    """An array of that shape, without its numbers."""
    sound = array(np.zeros(33), kind)
    text = sound[10 : 10 + int.from_bytes(sound[8:10], "little")]
    other = text.replace(b"(33,)", shape.encode()).rstrip() + b"\n"
    return sound[:8] + len(other).to_bytes(2, "little") + other


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: array(np.zeros(120_000_000), "<f2"),
    "a shape of terabytes": lambda: header_of("(1099511627776,)"),
    "a shape of gigabytes": lambda: header_of("(4294967296,)"),
    "a shape of no end": lambda: header_of("(" + "9" * 3_000 + ",)"),
    "less than nothing": lambda: header_of("(-33,)"),
    "a header of brackets": lambda: header_of("(" * 9_000),
    "a header of signs": lambda: header_of("(" + "-" * 9_000 + "1,)"),
    "a header that calls": lambda: header_of("(__import__('os').mkdir('ran'),)"),
    "no array": lambda: b"",
    "a type of many": lambda: header_of("(33,)").replace(b"'<f2'", b"[('a', '<f2')]"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_array_made_to_hurt_is_one_line_within_two_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "model"
    save(folder, random_weights(3), Vocabulary(), "# A card\n")
    with zipfile.ZipFile(folder / "weights.npz") as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    content = packed({**members, "bias.npy": HOSTILE[name]()})
    (folder / "weights.npz").write_bytes(content)
    config = json.loads((folder / "config.json").read_text())
    config["weights"] = hashlib.sha256(content).hexdigest()
    (folder / "config.json").write_text(json.dumps(config))
    before, begun = most_memory(), time.process_time()
    with pytest.raises(ModelFormatError) as caught:
        load(folder)
    assert time.process_time() - begun < 2.0
    after = most_memory()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1_000
    assert before is None or after is None or after - before < 400.0
    assert not (tmp_path / "ran").exists()
